"""Fluid that the photo does not show and that comes to light as it moves: from behind a rock, or around a post.

Both clouds of the symmetric animation (Sec. 3.4) open holes where the water that should arrive was hidden. Its texture
is continued from what is seen; a point of it counts only while it is where the photo shows fluid, so that nothing that
stands is ever touched.
"""

import math
from dataclasses import fields

import cv2
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, unproject
from ml_backend.ldi.continuation import continue_texture, nearest_pixel
from ml_backend.motion.euler import Trajectories
from ml_backend.structures import FeaturePointCloud

_WAVE_SIZE = 0.03  # of the long side: a wave, once more beside the wave, is more water


def find_unseen(moving: Tensor, taken: Tensor, flow: Tensor, num_frames: int) -> Tensor:
    """Cells (n, 2), (x, y) of the canvas, whose fluid flows into sight within the loop, forward or backward.

    Args:
        moving: (h, w) bool, where the photo shows fluid. taken: (h, w) bool, cells that have moving points already.
        flow: (2, h, w) pixels per frame, continued beyond the fluid.
    """
    reach = num_frames * float(flow.norm(dim=0).max()) + 1
    away = torch.from_numpy(cv2.distanceTransform((~moving).to(torch.uint8).numpy(), cv2.DIST_L2, cv2.DIST_MASK_5))
    rows, cols = torch.nonzero(~taken & (away <= reach), as_tuple=True)
    cells = torch.stack([cols, rows], dim=1)
    if not len(cells) or math.isinf(reach):
        return cells[:0]
    trajectories = Trajectories(flow, cells.float(), num_frames)
    arrives = torch.zeros(len(cells), dtype=torch.bool)
    for step in range(1, num_frames):
        for offsets in (trajectories.forward(step), trajectories.backward(step)):
            arrives |= is_inside(moving, cells + offsets)
    return cells[arrives]


def is_inside(region: Tensor, positions: Tensor) -> Tensor:
    """Which index positions (n, 2) are nearest to a cell of a region (h, w) bool; False beyond the canvas."""
    height, width = region.shape
    col, row = positions.round().long().T
    inside = (col >= 0) & (col < width) & (row >= 0) & (row < height)
    return inside & region[row.clamp(0, height - 1), col.clamp(0, width - 1)]


def with_unseen(
    cloud: FeaturePointCloud,
    visible: Tensor,
    cells: Tensor,
    surface: Tensor,
    camera: PinholeCamera,
    *,
    border: int,
) -> FeaturePointCloud:
    """The cloud and, after its own points, one for each cell (n, 2), which continues the fluid that is seen.

    Each belongs to the layer of the fluid that is nearest to it, as its inpainted part.

    Args:
        visible: indices of the points of the fluid that the photo shows.
        surface: depth (1, h, w) of the fluid, continued. border: of the canvas around the photo.
    """
    size = surface.shape[-2:]
    own_col, own_row = (cloud.pixels[visible] + border).long().T
    known = torch.zeros(size, dtype=torch.bool)
    known[own_row, own_col] = True
    layers = torch.zeros(size, dtype=cloud.layers.dtype)
    layers[own_row, own_col] = cloud.layers[visible]
    col, row = cells.T
    near_row, near_col = (place[row, col] for place in nearest_pixel(known))
    pixels = cells + 0.5 - border
    depths = surface[0, row, col]
    continued = [_continue(values[visible], (own_row, own_col), known)[:, row, col].T for values in _textures(cloud)]
    parts = (
        unproject(pixels, depths, camera),
        *continued,
        pixels.to(cloud.pixels.dtype),
        layers[near_row, near_col],
        torch.ones(len(cells), dtype=torch.bool),
        torch.ones(len(cells)),
    )
    names = [field.name for field in fields(FeaturePointCloud)]
    return FeaturePointCloud(*(torch.cat([getattr(cloud, n), p]) for n, p in zip(names, parts, strict=True)))


def _textures(cloud: FeaturePointCloud) -> tuple[Tensor, Tensor]:
    return cloud.features, cloud.colors


def _continue(values: Tensor, places: tuple[Tensor, Tensor], known: Tensor) -> Tensor:
    canvas = torch.zeros(values.shape[1], *known.shape)
    canvas[:, places[0], places[1]] = values.T
    return continue_texture(canvas, known, _WAVE_SIZE)
