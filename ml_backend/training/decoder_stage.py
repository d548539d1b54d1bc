"""The decoder that ships: a correction of the free chain, learned in generated worlds (see `decoder_samples.py`).

It takes the place of Eq. (8)'s training where the network is small. The clouds are coloured by the photo, without
learned features, so that nothing before the decoder needs a gradient and all geometry is done once, on the CPU.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.errors import BadInput
from ml_backend.rendering.gated_decoder import colors_of, gate_of
from ml_backend.rendering.gated_decoder_net import GatedDecoderNet
from ml_backend.training.configs import WORLDS, AnimationConfig
from ml_backend.training.datasets.takes import draw_rng
from ml_backend.training.decoder_samples import Cut, make_sample
from ml_backend.training.losses import masked_l1, multi_scale_gradient
from ml_backend.training.stage import Batch, Losses, Stage, Validation
from ml_backend.training.worlds import Textures, load_textures, photos_in, procedural_textures

_SIDE, _FRAMES, _CROPS = 96, 8, 2  # of a world: it takes seconds to prepare, a picture of it a tenth of one
_GRADIENT_WEIGHT, _CONTRAST_WEIGHT = 0.5, 0.5
_WINDOW = 9  # in which contrast is compared
_EPSILON = 1e-4  # under the root; a deviation of 0.01 is no texture
_SHOWN = 2


class DecoderStage(Stage):
    """The gated decoder: L1, gradients, and local contrast, all where the gate is open. No critic."""

    name = "animation"
    config: AnimationConfig

    def __init__(self, config: AnimationConfig) -> None:
        super().__init__(config)
        if config.data != (WORLDS,):
            raise BadInput("The small decoder learns from generated worlds alone.", hint="Leave out --data.")
        self.networks["decoder"] = GatedDecoderNet()
        self._held_out: list[Batch] = []

    def dataset(self) -> Dataset[Batch]:
        """Crops of frames, all of one world in each sample."""
        return _Drawn(self.config)

    def forward(self, batch: Batch) -> Losses:
        """What is wrong where the gate is open."""
        clues, truth = batch["clues"].flatten(0, 1), batch["truth"].flatten(0, 1)  # (B F, C, s, s)
        found, gate = self.render(clues), gate_of(clues)
        return Losses(
            {
                "l1": self.config.l1_weight * masked_l1(found, truth, gate),
                "gradient": _GRADIENT_WEIGHT * multi_scale_gradient(found, truth, gate),
                "contrast": _CONTRAST_WEIGHT * masked_l1(_contrast(found), _contrast(truth), gate),
            }
        )

    def render(self, clues: Tensor) -> Tensor:
        """The pictures (N, 3, s, s), not clamped, so that a colour out of range can come back."""
        return colors_of(clues) + gate_of(clues) * self.networks["decoder"](clues).float()

    def validate(self) -> Validation:
        """PSNR and contrast where the gate is open: with the network, and of the free chain."""
        if not self._held_out:
            apart = _Drawn(self.config, held_out=True)
            self._held_out = [apart[index] for index in range(self.config.validation_samples)]
        found: dict[str, list[float]] = {}
        pictures: dict[str, Tensor] = {}
        for number, sample in enumerate(self._held_out):
            clues, truth = sample["clues"].to(self.device), sample["truth"].to(self.device)
            made_by = {"": self.render(clues).clamp(0, 1), ", colours": colors_of(clues)}
            for name, made in made_by.items():
                for figure, value in _figures(made, truth, gate_of(clues)).items():
                    found.setdefault(f"{figure}{name}", []).append(value)
            if number < _SHOWN:
                shown = [*(picture[0] for picture in reversed(made_by.values())), truth[0]]
                pictures[f"sample {number}"] = torch.cat(shown, dim=2)
        return Validation({name: float(np.mean(values)) for name, values in found.items()}, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """The decoder alone."""
        return dict(self.networks["decoder"].state_dict()), {"network": self.config.network}


class _Drawn(Dataset[Batch]):
    """Endless worlds."""

    def __init__(self, config: AnimationConfig, *, held_out: bool = False) -> None:
        self._config, self._held_out = config, held_out
        self._textures: Textures | None = None

    def __getitem__(self, index: int) -> Batch:
        config = self._config
        if self._textures is None:  # made in the process that needs them
            self._textures = load_textures(photos_in(Path(config.photos))) if config.photos else procedural_textures()
        side = min(_SIDE, config.width, config.height)
        cut = Cut(config.width, config.height, side, _FRAMES, _CROPS, config.num_frames)
        return make_sample(draw_rng(config.seed, index, held_out=self._held_out), cut, self._textures)


def _contrast(pictures: Tensor) -> Tensor:
    """Standard deviation of luma (N, 1, s, s) in windows."""
    luma = pictures.mean(dim=1, keepdim=True)
    pooled = F.avg_pool2d(torch.cat([luma, luma**2], dim=1), _WINDOW, 1, _WINDOW // 2, count_include_pad=False)
    return torch.sqrt((pooled[:, 1:] - pooled[:, :1] ** 2).clamp(min=0) + _EPSILON)


def _figures(made: Tensor, truth: Tensor, gate: Tensor) -> dict[str, float]:
    error = ((made - truth).square() * gate).sum() / (3 * gate.sum()).clamp(min=1)
    contrasts = [(_contrast(p) * gate).sum() for p in (made, truth)]
    return {
        "psnr": float(-10 * torch.log10(error.clamp(min=1e-12))),
        "contrast": float(contrasts[0] / contrasts[1].clamp(min=1e-6)),
    }
