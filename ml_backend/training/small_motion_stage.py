"""The embedded motion network: what moves on a photo, and how arrows are carried over it (motion/small_net.py)."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from ml_backend.motion.carry_arrows import all_cells, at_cells, carry_arrows, likely_flow
from ml_backend.motion.flow_color import flow_to_color
from ml_backend.motion.small_net import STRIDE, Reading, SmallMotionNet, network_input
from ml_backend.training.configs import MotionConfig
from ml_backend.training.datasets.flow_views import FlowViews, open_flow_views
from ml_backend.training.motion_samples import NOWHERE, allowed_arrows, draw_sample
from ml_backend.training.stage import Batch, Losses, Stage, Validation

_TINY = 1e-6
_ARROW_COUNTS = (1, 3, 5)
_LIKELY_WEIGHT, _MASK_WEIGHT, _KIND_WEIGHT = 0.1, 0.3, 0.15  # against the error with arrows
_PORTRAIT_EVERY = 4  # batches
_OWN_DEPTH = 0.5  # of the samples: depth as our network sees it
_VALIDATION_BATCH = 16


class SmallMotionStage(Stage):
    """Errors of the flow with and without arrows, of the proposed mask, and of the kinds of fluid; no critic."""

    name = "motion"
    config: MotionConfig

    def __init__(self, config: MotionConfig, views: FlowViews | None = None) -> None:
        super().__init__(config)
        self.networks["motion"] = SmallMotionNet().to(memory_format=torch.channels_last)
        self._views = views or open_flow_views(config)

    def dataset(self) -> Dataset[Batch]:
        """Views with a painted mask and arrows; every fourth batch is in portrait format."""
        return _Samples(self._views, self.config)

    def forward(self, batch: Batch) -> Losses:
        """The losses of a batch."""
        reading = self.read(batch)
        carried = self.carry(reading, batch)
        truth, weight = batch["flow"], batch["weight"]
        has_arrows = (batch["arrow_regions"] >= 0).any(dim=1).float()
        likely = likely_flow(all_cells(reading), weight.flatten(2)).view_as(truth)
        scaled = truth / _mean_speed(truth, weight).clamp(min=_TINY)
        moves = has_arrows  # nothing that moves fast enough for an arrow has no likely flow either
        known = batch["moves_known"] * (1 - batch["given"])[:, None, None, None]
        mask = F.binary_cross_entropy_with_logits(reading.mask, batch["moves"], reduction="none")
        return Losses(
            {
                "arrows": _mean(relative_error(carried, truth, weight), has_arrows),
                "likely": _LIKELY_WEIGHT * _mean(relative_error(likely, scaled, weight), moves),
                "mask": _MASK_WEIGHT * (mask * known).sum() / known.sum().clamp(min=1),
                "kind": _KIND_WEIGHT * _kind_loss(reading.kinds, batch["kind"]),
            }
        )

    def read(self, batch: Batch) -> Reading:
        """What the network sees."""
        given = batch["given"][:, None, None, None]
        x = network_input(batch["photo"], batch["disparity"], batch["mask"], given)
        reading: Reading = self.networks["motion"](x.contiguous(memory_format=torch.channels_last))
        return reading

    def carry(self, reading: Reading, batch: Batch) -> Tensor:
        """Flow (B, 2, h, w) in long sides per frame, of the batch's arrows."""
        allowed = allowed_arrows(batch["regions"].flatten(1), batch["arrow_regions"])
        # A unit in which the usual arrow is about one long; the fit itself has no unit.
        unit = batch["vectors"].norm(dim=2).amax(dim=1).clamp(min=_TINY)[:, None, None]
        cells = all_cells(reading)
        flow = carry_arrows(cells, at_cells(cells, batch["cells"]), batch["vectors"] / unit, allowed) * unit
        return flow.view_as(batch["flow"])

    def validate(self) -> Validation:
        """End-point error relative to the mean speed by the number of arrows, and of the proposed mask, IoU."""
        figures: dict[str, list[Tensor]] = {}
        pictures: dict[str, Tensor] = {}
        samples = self.config.validation_samples
        for first in range(0, samples, _VALIDATION_BATCH):
            numbers = range(first, min(samples, first + _VALIDATION_BATCH))
            for count in _ARROW_COUNTS:
                batch = self._held_out(numbers, count)
                reading = self.read(batch)
                errors = relative_error(self.carry(reading, batch), batch["flow"], batch["weight"])
                figures.setdefault(f"error, {count} arrows", []).append(errors)
            scaled = batch["flow"] / _mean_speed(batch["flow"], batch["weight"]).clamp(min=_TINY)
            found = likely_flow(all_cells(reading), batch["weight"].flatten(2)).view_as(scaled)
            likely = relative_error(found, scaled, batch["weight"])
            figures.setdefault("error, 0 arrows, true mean speed", []).append(likely)
            right = (reading.kinds.argmax(dim=1) == batch["kind"]).float()
            figures.setdefault("right kind", []).append(right[batch["kind"] != NOWHERE])
            blind = {**batch, "mask": torch.zeros_like(batch["mask"]), "given": torch.zeros_like(batch["given"])}
            figures.setdefault("mask IoU", []).append(_overlap(self.read(blind).mask, batch))
            if first == 0:
                pictures["photo, found, truth"] = _picture(batch, self.carry(reading, batch))
        return Validation({name: float(torch.cat(values).mean()) for name, values in figures.items()}, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Half precision: the answers differ by less than a hundredth of a pixel."""
        tensors = self.networks["motion"].state_dict()
        return {name: tensor.half() for name, tensor in tensors.items()}, {"network": "SmallMotionNet"}

    def _held_out(self, numbers: Sequence[int], count: int) -> Batch:
        samples = []
        for number in numbers:
            rng = np.random.default_rng((1 << 20, number, count))
            samples.append(draw_sample(self._views.held_out(number), rng, count, augment=False, least_arrows=count))
        return {name: value.to(self.device) for name, value in default_collate(samples).items()}


class _Samples(Dataset[Batch]):
    """Sample i, a function of (seed, i); the shape changes from batch to batch only."""

    def __init__(self, views: FlowViews, config: MotionConfig) -> None:
        self._views, self._config = views, config

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng((self._config.seed, index))
        is_portrait = (index // self._config.batch) % _PORTRAIT_EVERY == 0
        view = self._views.draw(rng, is_portrait=is_portrait, with_estimate=bool(rng.random() < _OWN_DEPTH))
        return draw_sample(view, rng, self._config.most_arrows, augment=True)


def relative_error(found: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean end-point error over the mean speed, (B,), both inside the weight."""
    error = (found - truth).square().sum(dim=1, keepdim=True).add(_TINY**2).sqrt()
    return (error * weight).sum(dim=(1, 2, 3)) / (truth.norm(dim=1, keepdim=True) * weight).sum(dim=(1, 2, 3)).clamp(
        min=_TINY
    )


def _mean_speed(flow: Tensor, weight: Tensor) -> Tensor:
    """(B, 1, 1, 1)."""
    total = (flow.norm(dim=1, keepdim=True) * weight).sum(dim=(1, 2, 3), keepdim=True)
    return total / weight.sum(dim=(1, 2, 3), keepdim=True).clamp(min=_TINY)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    # One wild sample, as water under the lens, must not drown the others.
    return (values.clamp(max=4) * weight).sum() / weight.sum().clamp(min=1)


def _kind_loss(logits: Tensor, kinds: Tensor) -> Tensor:
    loss = F.cross_entropy(logits, kinds, ignore_index=NOWHERE, reduction="sum")
    return loss / (kinds != NOWHERE).sum().clamp(min=1)


def _overlap(logit: Tensor, batch: Batch) -> Tensor:
    """Intersection over union (B,) where it is known what moves."""
    found, truth, known = logit > 0, batch["moves"] > 0.5, batch["moves_known"] > 0.5
    both, either = ((m & known).flatten(1).sum(1).float() for m in (found & truth, found | truth))
    return both / either.clamp(min=1)


def _picture(batch: Batch, found: Tensor) -> Tensor:
    photo = F.avg_pool2d(batch["photo"][0], STRIDE).cpu()
    flow, truth = (v[0].float().cpu() * batch["weight"][0].cpu() for v in (found, batch["flow"]))
    fastest = max(float(truth.norm(dim=0).max()), _TINY)
    return torch.cat([photo, *(flow_to_color(v, max_flow=fastest) for v in (flow, truth))], dim=2)
