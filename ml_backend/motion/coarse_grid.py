"""A coarse grid on some regions of the photo: what is solved on it costs the same for any size of photo.

A cell is a node of the region that has a pixel in it, so that thin regions survive. The regions of one grid are more
than two cells apart: no cell belongs to two of them, and interpolation never mixes them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import sparse

from ml_backend.motion.regions import Regions

_LONG_SIDE = 160  # cells: the field is smooth, and the factorisation of the smoothness takes 0.3 s here


@dataclass(frozen=True, slots=True)
class CoarseGrid:
    """m nodes on a grid of h x w cells over an image of `size` (H, W).

    node_of_cell (h, w) int, -1 where there is none; region (m,); centres (m, 2) image coordinates; weights (m,) the
    sum of the mask over the node's pixels; disparity (m,), their weighted mean, or None.
    """

    node_of_cell: np.ndarray
    region: np.ndarray
    centres: np.ndarray
    weights: np.ndarray
    disparity: np.ndarray | None
    size: tuple[int, int]


def coarse_shape(height: int, width: int) -> tuple[int, int]:
    """Cells (h, w) of the grid over an image; one per pixel for small images."""
    scale = min(1.0, _LONG_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def build_grid(regions: Regions, chosen: np.ndarray, mask: np.ndarray, disparity: np.ndarray | None) -> CoarseGrid:
    """Nodes for the pixels of the chosen regions.

    Args:
        regions: of the mask.
        chosen: numbers of regions more than two cells apart.
        mask: (H, W) in [0, 1].
        disparity: (H, W) or None.
    """
    height, width = regions.labels.shape
    h, w = coarse_shape(height, width)
    y, x = np.nonzero(regions.inside(chosen))
    cells = (y * h // height) * w + x * w // width
    weights = np.bincount(cells, weights=mask[y, x], minlength=h * w)
    region_of_cell = np.full(h * w, -1)
    region_of_cell[cells] = regions.labels[y, x] - 1
    used = np.flatnonzero(region_of_cell >= 0)
    node_of_cell = np.full(h * w, -1)
    node_of_cell[used] = np.arange(len(used))
    centres = np.stack([(used % w + 0.5) * width / w, (used // w + 0.5) * height / h], axis=1)
    mean = None
    if disparity is not None:
        mean = np.bincount(cells, weights=mask[y, x] * disparity[y, x], minlength=h * w)[used] / weights[used]
    return CoarseGrid(node_of_cell.reshape(h, w), region_of_cell[used], centres, weights[used], mean, (height, width))


def reading_matrix(grid: CoarseGrid, positions: np.ndarray, regions: np.ndarray) -> sparse.csr_matrix:
    """Rows (K, m) that read node values bilinearly at image positions (K, 2), each in its own region."""
    h, w = grid.node_of_cell.shape
    height, width = grid.size
    x = (positions[:, 0] * w / width - 0.5).clip(0, w - 1)
    y = (positions[:, 1] * h / height - 0.5).clip(0, h - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    rows, columns, values = [], [], []
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        node = grid.node_of_cell[(top + i).clip(max=h - 1), (left + j).clip(max=w - 1)]
        weight = np.abs(1 - i - (y - top)) * np.abs(1 - j - (x - left))
        kept = np.flatnonzero((node >= 0) & (grid.region[node] == regions) & (weight > 0))
        rows.append(kept), columns.append(node[kept]), values.append(weight[kept])
    shape = (len(positions), len(grid.region))
    matrix = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    return sparse.diags(1 / np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1e-9)) @ matrix


def neighbours(grid: CoarseGrid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of neighbouring nodes and their weight in the 9-point Laplacian: sides 2/3, corners 1/6."""
    node = grid.node_of_cell
    pairs = (
        (node[:, :-1], node[:, 1:], 2 / 3),
        (node[:-1], node[1:], 2 / 3),
        (node[:-1, :-1], node[1:, 1:], 1 / 6),
        (node[:-1, 1:], node[1:, :-1], 1 / 6),
    )
    first, second, weight = [], [], []
    for a, b, value in pairs:
        both = (a >= 0) & (b >= 0)
        first.append(a[both]), second.append(b[both]), weight.append(np.full(int(both.sum()), value))
    return np.concatenate(first), np.concatenate(second), np.concatenate(weight)


def to_pixels(grid: CoarseGrid, values: np.ndarray) -> np.ndarray:
    """Node values (m, C) interpolated bilinearly among nodes only, (H, W, C) float32; undefined far from nodes."""
    height, width = grid.size
    known = (grid.node_of_cell >= 0).astype(np.float32)
    spread = np.where(known[..., None] > 0, values[grid.node_of_cell], 0).astype(np.float32)  # (h, w, C)
    total = cv2.resize(known, (width, height), interpolation=cv2.INTER_LINEAR)
    mixed = cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, -1)
    return mixed / np.maximum(total, 1e-6)[..., None]
