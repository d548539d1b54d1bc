"""Stage 1: from photo, mask, and arrows to Eulerian flow (Sec. 3.2, Eq. 7)."""

from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.evaluation.motion_metrics import MotionMeasures, measure_motion, sample_arrows
from ml_backend.motion.flow_color import flow_to_color
from ml_backend.motion.hint_field import dense_hint_field
from ml_backend.motion.spade_unet import SpadeUNet, follow_weights
from ml_backend.training.configs import MotionConfig
from ml_backend.training.critic import losses_with_critic, needs_critic
from ml_backend.training.datasets.places import Drawn, open_places
from ml_backend.training.datasets.takes import MotionPair, Place, Rng, Wanted
from ml_backend.training.discriminator import MultiScaleDiscriminator
from ml_backend.training.losses import endpoint_error
from ml_backend.training.stage import Batch, Losses, Stage, Validation

_STILL_PX = 1e-3  # per frame
_ARROW_COUNTS = (0, 1, 5)  # of the validation
_FOLLOWED = 10  # steps to the averaged weights, which spectral normalisation has not seen


class MotionStage(Stage):
    """The SPADE U-Net against a multi-scale discriminator that sees flow."""

    name = "motion"
    config: MotionConfig

    def __init__(self, config: MotionConfig) -> None:
        super().__init__(config)
        self.networks["motion"] = SpadeUNet()
        follow_weights(self.networks, _FOLLOWED)
        if needs_critic(config):
            self.critics["flow"] = MultiScaleDiscriminator(2, width=config.critic_width)
        self._places = open_places(config)
        self.notes = self._places.notes

    def dataset(self) -> Dataset[Batch]:
        """Pictures with random arrows."""
        make = partial(_make_sample, self.config)
        return Drawn(self._places.training, make, self.config.seed)

    def forward(self, batch: Batch) -> Losses:
        """Eq. (7)."""
        config = self.config
        if self.training:
            follow_weights(self.networks, 1)
        found, truth = self.estimate(batch), batch["flow"]
        terms = {"endpoint": config.endpoint_weight * endpoint_error(found, truth)}
        return losses_with_critic(terms, self.critics, config, found, truth)

    def estimate(self, batch: Batch) -> Tensor:
        """Flow (B, 2, H, W) in pixels per frame, zero outside the mask."""
        x = motion_input(batch["image"], batch["mask"], batch["hints"])
        return self.networks["motion"](x).float() * batch["mask"]

    def validate(self) -> Validation:
        """End-point error, relative to the speed, and angle, by the number of arrows."""
        follow_weights(self.networks, _FOLLOWED)
        held_out = Drawn(self._places.held_out, partial(_held_out_pair, self.config), self.config.seed, held_out=True)
        figures: dict[str, float] = {}
        pictures: dict[str, Tensor] = {}
        pairs = [held_out[index] for index in range(self.config.validation_samples)]
        for count in _ARROW_COUNTS:
            measured = []
            for number, pair in enumerate(pairs):
                found = self._estimate_pair(pair, count)
                measured.append(measure_motion(_array(found), _array(pair["flow"]), pair["mask"][0].numpy() > 0))
                if number == 0:
                    shown = [pair["image"], *(flow_to_color(f, max_flow=_fastest(pair)) for f in (found, pair["flow"]))]
                    pictures[f"flow, {count} arrows"] = torch.cat(shown, dim=2)
            figures |= _means(measured, count)
        return Validation(figures, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """The network's weights under its own names."""
        follow_weights(self.networks, _FOLLOWED)
        return dict(self.networks["motion"].state_dict()), {"network": self.config.network}

    def _estimate_pair(self, pair: Batch, count: int) -> Tensor:
        mask = pair["mask"][0].numpy() > 0
        arrows = sample_arrows(_array(pair["flow"]), mask, count)
        hints = hint_map(arrows.starts, arrows.vectors, pair["mask"], sigma=_middle_sigma(mask.shape[0], count))
        batch = {"image": pair["image"], "mask": pair["mask"], "hints": hints}
        return self.estimate({name: value[None].to(self.device) for name, value in batch.items()})[0].cpu()


def motion_input(image: Tensor, mask: Tensor, hints: Tensor) -> Tensor:
    """What the network reads (B, 6, H, W): picture in [-1, 1], mask, hints in pixels per frame of this size."""
    return torch.cat([2 * image - 1, mask, hints], dim=1)


def hint_map(starts: Tensor, vectors: Tensor, mask: Tensor, *, sigma: float) -> Tensor:
    """Arrows as a dense map (2, H, W), zero where there are none."""
    if not len(starts):
        return torch.zeros(2, *mask.shape[1:])
    return dense_hint_field(starts, vectors, mask, sigma)


def draw_sigma(rng: Rng, height: int, count: int) -> float:
    """The width of the hints, as the authors draw it: a whole number from H // 2n to below H // (n / 2)."""
    least = height // (2 * count)
    return float(max(1, rng.integers(least, max(least + 1, int(height // (count / 2))))))


def _middle_sigma(height: int, count: int) -> float:
    return float(max(1, height // max(1, count)))


def _make_sample(config: MotionConfig, place: Place, rng: Rng) -> Batch:
    pair = place.motion_pair(rng, _wanted(config))
    moving = torch.nonzero((pair.flow.norm(dim=0) > _STILL_PX) & (pair.mask[0] > 0))  # (n, 2) row, column
    count = min(int(rng.integers(config.most_arrows + 1)), len(moving))
    chosen = moving[torch.from_numpy(rng.choice(len(moving), count, replace=False))] if count else moving[:0]
    vectors = pair.flow[:, chosen[:, 0], chosen[:, 1]].T  # (n, 2)
    vectors = _as_drawn(vectors, config.arrow_noise, rng)
    sigma = draw_sigma(rng, config.height, count) if count else 1.0
    hints = hint_map(chosen.flip(1) + 0.5, vectors, pair.mask, sigma=sigma)
    return {"image": pair.image, "flow": pair.flow, "mask": pair.mask, "hints": hints}


def _as_drawn(vectors: Tensor, noise: float, rng: Rng) -> Tensor:
    """Arrows (n, 2) as a hand draws them: `noise` is the share of the length by which each end is off."""
    if not noise or not len(vectors):
        return vectors
    off = torch.from_numpy(rng.normal(0, noise, tuple(vectors.shape)).astype(np.float32))
    return vectors + off * vectors.norm(dim=1, keepdim=True)


def _held_out_pair(config: MotionConfig, place: Place, rng: Rng) -> Batch:
    pair: MotionPair = place.motion_pair(rng, _wanted(config))
    return {"image": pair.image, "flow": pair.flow, "mask": pair.mask}


def _wanted(config: MotionConfig) -> Wanted:
    return Wanted(config.width, config.height, squash=config.squash)


def _means(measured: list[MotionMeasures], count: int) -> dict[str, float]:
    figures = {}
    for field in MotionMeasures.__dataclass_fields__:
        values = [value for m in measured if (value := getattr(m, field)) is not None]
        if values:
            figures[f"{field}, {count} arrows"] = float(np.mean(values))
    return figures


def _fastest(pair: Batch) -> float:
    return max(_STILL_PX, float(pair["flow"].norm(dim=0).max()))


def _array(flow: Tensor) -> np.ndarray:
    return np.ascontiguousarray(flow.permute(1, 2, 0).numpy())
