"""The decoder that ships: a correction of the free chain, learned in generated worlds (see `decoder_samples.py`).

It takes the place of Eq. (8)'s training where the network is small. The clouds are coloured by the photo, without
learned features, so that nothing before the decoder needs a gradient and all geometry is done once, on the CPU.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.rendering.gated_decoder import colors_of, open_gate, read_by_network
from ml_backend.rendering.gated_decoder_net import GatedDecoderNet
from ml_backend.training.configs import AnimationConfig
from ml_backend.training.critic import losses_with_critic, needs_critic
from ml_backend.training.datasets.decoder_crops import DecoderCrops, held_out_crops
from ml_backend.training.discriminator import MultiScaleDiscriminator
from ml_backend.training.losses import masked_l1, multi_scale_gradient
from ml_backend.training.stage import Batch, Losses, Stage, Validation

_GRADIENT_WEIGHT, _CONTRAST_WEIGHT, _ROUGHNESS_WEIGHT = 0.5, 0.25, 0.5
_CRITIC_LAYERS = 3  # each output sees 34 px: texture, not things
_WINDOW = 9  # in which contrast and roughness are compared
_EPSILON = 1e-4  # under the root; a deviation of 0.01 is no texture
_SHOWN = 2


class DecoderStage(Stage):
    """The gated decoder: L1, gradients, local contrast and slopes, all where the gate is open, and a critic."""

    name = "animation"
    config: AnimationConfig

    def __init__(self, config: AnimationConfig) -> None:
        super().__init__(config)
        self.networks["decoder"] = GatedDecoderNet()
        if needs_critic(config):
            self.critics["picture"] = MultiScaleDiscriminator(3, width=config.critic_width, layers=_CRITIC_LAYERS)
        self._held_out: list[Batch] = []

    def dataset(self) -> Dataset[Batch]:
        """Crops of frames, all of one world in each sample."""
        return DecoderCrops(self.config)

    def forward(self, batch: Batch) -> Losses:
        """What is wrong where the gate is open."""
        clues, truth = batch["clues"].flatten(0, 1), batch["truth"].flatten(0, 1)  # (B F, C, s, s)
        found, gate = self.render(clues), open_gate(clues)
        config = self.config
        terms = {
            "l1": config.l1_weight * masked_l1(found, truth, gate),
            "gradient": _GRADIENT_WEIGHT * multi_scale_gradient(found, truth, gate),
            "contrast": _CONTRAST_WEIGHT * masked_l1(_contrast(found), _contrast(truth), gate),
            "roughness": _ROUGHNESS_WEIGHT * masked_l1(_roughness(found), _roughness(truth), gate),
        }
        # What the network may not change is the truth in both, so that the critic cannot tell by it.
        shown = torch.lerp(truth, found, gate)
        return losses_with_critic(terms, self.critics, config, shown, truth)

    def render(self, clues: Tensor) -> Tensor:
        """The pictures (N, 3, s, s), not clamped, so that a colour out of range can come back."""
        gate = open_gate(clues)
        return colors_of(clues) + gate * self.networks["decoder"](read_by_network(clues, gate)).float()

    def validate(self) -> Validation:
        """PSNR and contrast where the gate is open: with the network, and of the free chain."""
        if not self._held_out:
            self._held_out = held_out_crops(self.config)
        found: dict[str, list[float]] = {}
        pictures: dict[str, Tensor] = {}
        for number, sample in enumerate(self._held_out):
            clues, truth = sample["clues"].to(self.device), sample["truth"].to(self.device)
            made_by = {"": self.render(clues).clamp(0, 1), ", colours": colors_of(clues)}
            for name, made in made_by.items():
                for figure, value in _figures(made, truth, open_gate(clues)).items():
                    found.setdefault(f"{figure}{name}", []).append(value)
            if number < _SHOWN:
                shown = [*(picture[0] for picture in reversed(made_by.values())), truth[0]]
                pictures[f"sample {number}"] = torch.cat(shown, dim=2)
        return Validation({name: float(np.mean(values)) for name, values in found.items()}, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """The decoder alone."""
        return dict(self.networks["decoder"].state_dict()), {"network": self.config.network}


def _contrast(pictures: Tensor) -> Tensor:
    """Standard deviation of luma (N, 1, s, s) in windows."""
    luma = pictures.mean(dim=1, keepdim=True)
    mean, square = _pooled(torch.cat([luma, luma**2], dim=1)).split(1, dim=1)
    return torch.sqrt((square - mean**2).clamp(min=0) + _EPSILON)


def _roughness(pictures: Tensor) -> Tensor:
    """Root mean square slope of luma (N, 1, s, s) in windows: what a sharp picture has, wherever its waves are."""
    luma = pictures.mean(dim=1, keepdim=True)
    down, right = F.pad(luma.diff(dim=-2), (0, 0, 0, 1)), F.pad(luma.diff(dim=-1), (0, 1, 0, 0))
    return torch.sqrt(_pooled(down**2 + right**2) + _EPSILON)


def _pooled(values: Tensor) -> Tensor:
    return F.avg_pool2d(values, _WINDOW, 1, _WINDOW // 2, count_include_pad=False)


def _figures(made: Tensor, truth: Tensor, gate: Tensor) -> dict[str, float]:
    error = ((made - truth).square() * gate).sum() / (3 * gate.sum()).clamp(min=1)
    contrasts = [(_contrast(p) * gate).sum() for p in (made, truth)]
    slopes = [(_roughness(p) * gate).sum() for p in (made, truth)]
    return {
        "psnr": float(-10 * torch.log10(error.clamp(min=1e-12))),
        "contrast": float(contrasts[0] / contrasts[1].clamp(min=1e-6)),
        "sharpness": float(slopes[0] / slopes[1].clamp(min=1e-6)),
    }
