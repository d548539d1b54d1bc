"""Views of generated worlds as layers with hidden parts; the shapes that hide them come from other views."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.training.configs import TrainingConfig
from ml_backend.training.datasets.views import Views, held_out
from ml_backend.training.depth_losses import true_disparity
from ml_backend.training.layer_samples import hide_parts
from ml_backend.training.stage import Batch

_SHAPES_APART = 7_919_000_003  # the view that gives a sample its shape is so many numbers on: never itself


class Layers(Dataset[Batch]):
    """Endless samples (C, H, W): given 9, color 3, disparity 1 in spreads of the layer, asked 1."""

    def __init__(self, config: TrainingConfig) -> None:
        self._views, self._config = Views(config), config

    def __getitem__(self, index: int) -> Batch:
        config = self._config
        generator = torch.Generator().manual_seed(hash((config.seed, index)) % (1 << 63))
        view = _cut(self._views[index], config.height, config.width, generator)
        return layer_batch(view, shape_of(self._views[index + _SHAPES_APART]), generator)


def held_out_layers(config: TrainingConfig, batch: int) -> list[Batch]:
    """Batches of layers of worlds that are never trained on, each hidden by the shape of the one before it."""
    shapes: list[Tensor] = []

    def prepare(view: Batch, number: int) -> Batch:
        shapes.append(shape_of(view))
        generator = torch.Generator().manual_seed(number)
        return layer_batch(_cut(view, config.height, config.width, generator), shapes[max(0, number - 1)], generator)

    return held_out(config, prepare, batch)


def layer_batch(view: Batch, shape: Tensor, generator: torch.Generator) -> Batch:
    """One sample."""
    disparity = true_disparity(view["depth"][None], view["sky"][None])[0]
    sample = hide_parts(view["color"], disparity, shape, generator)
    given = sample.given
    return {
        "given": given.channels,
        "color": sample.color,
        "disparity": (sample.disparity - given.disparity_mean) / given.disparity_spread,
        "asked": sample.asked.float(),
    }


def _cut(view: Batch, height: int, width: int, generator: torch.Generator) -> Batch:
    """A part of a view that is larger."""
    rows, columns = view["color"].shape[-2:]
    top = int(torch.randint(max(1, rows - height + 1), (), generator=generator))
    left = int(torch.randint(max(1, columns - width + 1), (), generator=generator))
    return {name: values[..., top : top + height, left : left + width] for name, values in view.items()}


def shape_of(view: Batch) -> Tensor:
    """The nearer things of a view (H, W) bool, as a shape."""
    disparity = true_disparity(view["depth"][None], view["sky"][None])[0, 0]
    return disparity > 0.5 * float(disparity.max()) if bool((disparity > 0.02).any()) else disparity >= 0
