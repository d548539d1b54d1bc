"""Depth from one picture, trained on generated worlds, where it is known exactly."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.depth.small_net import SmallDepthNet
from ml_backend.training.configs import DepthConfig
from ml_backend.training.datasets.views import Views, held_out
from ml_backend.training.depth_losses import (
    gradient_loss,
    relative_loss,
    sky_loss,
    spread_loss,
    standing_weight,
    true_disparity,
)
from ml_backend.training.painted_skies import ViewsUnderOtherSkies
from ml_backend.training.pasted_things import ViewsWithThings
from ml_backend.training.photo_jitter import blur_and_noise, cut_and_mirror, filter_at_random, relight
from ml_backend.training.stage import Batch, Losses, Stage, Validation
from ml_backend.training.worlds.textures import photos_in

_VALIDATION_BATCH = 16


class DepthStage(Stage):
    """`SmallDepthNet` on views of worlds: color (3, H, W), depth (1, H, W) > 0, sky (1, H, W) bool."""

    name = "depth"

    def __init__(self, config: DepthConfig) -> None:
        super().__init__(config)
        self.config: DepthConfig = config
        self.networks["depth"] = SmallDepthNet().to(memory_format=torch.channels_last)

    def dataset(self) -> Dataset[Batch]:
        """Views of worlds, under other skies and with more things in them than they were made with."""
        config = self.config
        photos = photos_in(Path(config.photos)) if config.photos else []
        views = ViewsUnderOtherSkies(
            Views(config, portrait=config.portrait), seed=config.seed, share=config.other_skies
        )
        return ViewsWithThings(views, photos, seed=config.seed, share=config.things)

    def forward(self, batch: Batch) -> Losses:
        """Errors of the disparity of a cut that looks like a photo."""
        truth = true_disparity(batch["depth"].float(), batch["sky"].bool())
        size = self._size(batch["color"])
        color, truth = cut_and_mirror(*_reduced(batch["color"].float(), truth, size), size)
        truth = truth / truth.flatten(1).quantile(0.995, dim=1).view(-1, 1, 1, 1).clamp(min=1e-6)
        truth = truth.clamp(max=1.3)
        photo = blur_and_noise(filter_at_random(relight(color))).contiguous(memory_format=torch.channels_last)
        predicted = self.networks["depth"](photo)
        config, weight = self.config, standing_weight(truth)
        return Losses(
            {
                "spread": config.spread_weight * spread_loss(predicted, truth, weight),
                "gradient": config.gradient_weight * gradient_loss(predicted, truth),
                "direct": config.direct_weight * ((predicted - truth).abs() * weight).mean(),
                "relative": config.relative_weight * relative_loss(predicted, truth),
                "sky": config.sky_weight * sky_loss(predicted, truth),
            }
        )

    def validate(self) -> Validation:
        """The losses, unweighted, on worlds that are never trained on."""
        network = self.networks["depth"]
        sums: dict[str, float] = {}
        pictures: dict[str, Tensor] = {}
        for batch in self._held_out:
            color = batch["color"].float().to(self.device)
            truth = true_disparity(batch["depth"].float(), batch["sky"].bool()).to(self.device)
            predicted = network(color)
            for name, value in _figures(predicted, truth).items():
                sums[name] = sums.get(name, 0.0) + value / len(self._held_out)
            if not pictures:
                shown = torch.cat([truth, predicted], dim=2).clamp(0, 1).expand(-1, 3, -1, -1)
                pictures["photo, truth, found"] = torch.cat([color, shown], dim=2)[0]
        return Validation(sums, pictures)

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Half precision is enough for disparity."""
        tensors = {name: _half(value) for name, value in self.networks["depth"].state_dict().items()}
        return tensors, {"network": "SmallDepthNet"}

    def _size(self, color: Tensor) -> tuple[int, int]:
        """Height and width of cuts: worlds rendered larger are cut sharp, and stand if their pictures do."""
        height, width = color.shape[-2:]
        sides = (self.config.height, self.config.width)
        return sides if width >= height else sides[::-1]

    @cached_property
    def _held_out(self) -> list[Batch]:
        return held_out(self.config, lambda view, _: view, _VALIDATION_BATCH)


def _reduced(color: Tensor, truth: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Pictures (B, 3, H, W) and truth (B, 1, H, W) at half their size where cuts would skip every other pixel."""
    if color.shape[-2] < 2 * size[0]:
        return color, truth
    return F.avg_pool2d(color, 2), truth[..., ::2, ::2]


def _figures(predicted: Tensor, truth: Tensor) -> Mapping[str, float]:
    return {
        "relative": float(relative_loss(predicted, truth)),
        "spread": float(spread_loss(predicted, truth)),
        "gradient": float(gradient_loss(predicted, truth)),
        "sky": float(sky_loss(predicted, truth)),
        "direct": float((predicted - truth).abs().mean()),
    }


def _half(value: Tensor) -> Tensor:
    return value.half() if value.is_floating_point() else value
