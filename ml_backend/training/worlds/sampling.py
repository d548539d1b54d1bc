"""Compiled look-ups in periodic noise and in textures with mip levels."""

import math

import numpy as np
from numba import njit

TEXTURE_SIZE = 256
TEXTURE_LEVELS = 7  # 256 down to 4 pixels


@njit(fastmath=True)
def larger(a: float, b: float) -> float:
    """The larger of two numbers; numba's compiler for GPUs cannot compile Python's own inside called functions."""
    return a if a > b else b


@njit(fastmath=True)
def smaller(a: float, b: float) -> float:
    """The smaller of two numbers."""
    return a if a < b else b


@njit(fastmath=True)
def tile_value(tile: np.ndarray, x: float, y: float) -> float:
    """Periodic bilinear value of a tile whose side is a power of two; x, y in texels."""
    last = tile.shape[0] - 1
    column, row = math.floor(x), math.floor(y)
    a, b = x - column, y - row
    i, j = int(column) & last, int(row) & last
    i1, j1 = (i + 1) & last, (j + 1) & last
    upper = tile[j, i] * (1 - a) + tile[j, i1] * a
    lower = tile[j1, i] * (1 - a) + tile[j1, i1] * a
    return upper * (1 - b) + lower * b


@njit(fastmath=True)
def level_offset(level: int) -> int:
    """Where a mip level starts in a texture's texels."""
    size = TEXTURE_SIZE >> level
    return (4 * TEXTURE_SIZE * TEXTURE_SIZE - 4 * size * size) // 3


@njit(fastmath=True)
def texture_color(texels: np.ndarray, index: int, u: float, v: float, footprint: float) -> tuple[float, float, float]:
    """Periodic bilinear colour in [0, 1]; u, v in repeats of the texture, footprint of a pixel in repeats."""
    level = int(math.log2(larger(footprint * TEXTURE_SIZE, 1.0)) + 0.5)
    level = smaller(level, TEXTURE_LEVELS - 1)
    size = TEXTURE_SIZE >> level
    x, y = u * size - 0.5, v * size - 0.5
    column, row = math.floor(x), math.floor(y)
    a, b = x - column, y - row
    i, j = int(column) & (size - 1), int(row) & (size - 1)
    i1, j1 = (i + 1) & (size - 1), (j + 1) & (size - 1)
    start = level_offset(level)
    p, q, r, s = start + j * size + i, start + j * size + i1, start + j1 * size + i, start + j1 * size + i1
    wp, wq, wr, ws = (1 - a) * (1 - b) / 255, a * (1 - b) / 255, (1 - a) * b / 255, a * b / 255
    red = texels[index, p, 0] * wp + texels[index, q, 0] * wq + texels[index, r, 0] * wr + texels[index, s, 0] * ws
    green = texels[index, p, 1] * wp + texels[index, q, 1] * wq + texels[index, r, 1] * wr + texels[index, s, 1] * ws
    blue = texels[index, p, 2] * wp + texels[index, q, 2] * wq + texels[index, r, 2] * wr + texels[index, s, 2] * ws
    return red, green, blue


@njit(fastmath=True)
def mask_value(masks: np.ndarray, index: int, u: float, v: float) -> float:
    """Bilinear silhouette in [0, 255]; u, v in [0, 1], v downwards."""
    last = masks.shape[1] - 1
    x, y = u * last, v * last
    i, j = int(x), int(y)
    i1, j1 = smaller(i + 1, last), smaller(j + 1, last)
    a, b = x - i, y - j
    upper = masks[index, j, i] * (1 - a) + masks[index, j, i1] * a
    lower = masks[index, j1, i] * (1 - a) + masks[index, j1, i1] * a
    return upper * (1 - b) + lower * b
