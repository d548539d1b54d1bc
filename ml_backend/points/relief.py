"""A coarse coloured relief of the photo, for previews: a grid over the depth map, cut where the depth steps."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, unproject
from ml_backend.structures import DepthMap

_MOST_VERTICES = 150_000
_STEP = 1.15  # ratio of the depths of two neighbours on the grid from which they are no longer one surface


@dataclass(frozen=True, slots=True)
class Relief:
    """positions (V, 3) float32 world; colors (V, 3) uint8 sRGB; quads (Q, 4) int32."""

    positions: np.ndarray
    colors: np.ndarray
    quads: np.ndarray


def make_relief(image: Tensor, depth: DepthMap, camera: PinholeCamera) -> Relief:
    """The relief of a photo (3, H, W) with at most 150,000 vertices."""
    height, width = image.shape[-2:]
    step = max(1, int(np.ceil(np.sqrt(height * width / _MOST_VERTICES))))
    rows, cols = _places(height, step), _places(width, step)
    row, col = torch.meshgrid(rows, cols, indexing="ij")
    z = depth.depth[0][row, col]  # (h, w) of the grid
    pixels = torch.stack([col, row], dim=-1).reshape(-1, 2).to(z.dtype) + 0.5
    colors = image[:, row, col].reshape(3, -1).T.clamp(0, 1)
    return Relief(
        positions=unproject(pixels, z.reshape(-1), camera).numpy().astype(np.float32),
        colors=(colors * 255 + 0.5).to(torch.uint8).numpy(),
        quads=_quads(z.numpy()),
    )


def _places(length: int, step: int) -> Tensor:
    """Every `step`-th index, and the last, so that the relief reaches the photo's edges."""
    places = torch.arange(0, length, step)
    return places if int(places[-1]) == length - 1 else torch.cat([places, torch.tensor([length - 1])])


def _quads(depth: np.ndarray) -> np.ndarray:
    index = np.arange(depth.size, dtype=np.int32).reshape(depth.shape)
    corners = (np.s_[:-1, :-1], np.s_[1:, :-1], np.s_[1:, 1:], np.s_[:-1, 1:])
    depths = np.stack([depth[c] for c in corners])
    joined = depths.max(axis=0) <= depths.min(axis=0) * _STEP
    return np.stack([index[c][joined] for c in corners], axis=-1)
