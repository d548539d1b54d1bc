"""Polygons -> coverage of each pixel."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

_LINES = 8  # scan lines per pixel row; along a line coverage is exact

Point = tuple[float, float]


def rasterize(polygons: Sequence[Sequence[Point]], *, width: int, height: int) -> Tensor:
    """The union of polygons as the share of each pixel that they cover, (1, H, W) in [0, 1].

    Convention: image coordinates, pixel (i, j) covers [j, j+1) x [i, i+1). Corners may lie outside the image.
    """
    canvas = np.zeros((height, width), dtype=np.float32)
    for polygon in polygons:
        np.maximum(canvas, _coverage(polygon, width, height), out=canvas)
    return torch.from_numpy(canvas)[None]


def _coverage(polygon: Sequence[Point], width: int, height: int) -> np.ndarray:
    # A crossing at x adds its sign to all that is to its right: as steps here, summed up along the line below.
    steps = np.zeros((height, width + 2))
    for i, corner in enumerate(polygon):
        rows, x, sign = _crossings(polygon[i - 1], corner, width, height)
        column = np.floor(x).astype(int)
        np.add.at(steps, (rows, column), sign * (column + 1 - x) / _LINES)
        np.add.at(steps, (rows, column + 1), sign * (x - column) / _LINES)
    # Rounded, so that the sums outside are 0 and not 1e-17.
    return np.abs(np.cumsum(steps, axis=1)[:, :width]).clip(0, 1).round(6)


def _crossings(start: Point, end: Point, width: int, height: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows and x where an edge crosses the scan lines of the image, and +1 if it goes down, -1 if up."""
    sign = 1.0 if end[1] > start[1] else -1.0
    (x0, y0), (x1, y1) = (start, end) if sign > 0 else (end, start)
    first = math.ceil(max(y0, 0) * _LINES - 0.5)
    last = math.ceil(min(y1, height) * _LINES - 0.5)
    lines = np.arange(first, max(first, last))
    y = (lines + 0.5) / _LINES
    x = x0 + (y - y0) * ((x1 - x0) / max(y1 - y0, 1e-9))
    return lines // _LINES, x.clip(0, width), sign
