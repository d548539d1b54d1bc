"""Compiled flat shapes: silhouettes, sheets of falling water, and soft clouds of smoke."""

import math

import numpy as np
from numba import njit

from ml_backend.training.worlds.records import FAR, Hit, Ray
from ml_backend.training.worlds.sampling import larger, mask_value, smaller, tile_value

_NEAR = 0.02
_MISS = Hit(FAR, 0, 0.0, 1.0, 0.0, -1, 0.0, 0.0)
_OPAQUE = 110  # of 255: silhouettes have hard edges


@njit(fastmath=True)
def hit_board(ray: Ray, sx: float, height: float, bulge: float, masks: np.ndarray, mask: int) -> Hit:
    """A silhouette in the plane z = 0, x from -sx to sx, y from 0 to `height`; `bulge` rounds its normals."""
    if abs(ray.dz) < 1e-6:
        return _MISS
    t = -ray.z / ray.dz
    x, y = ray.x + t * ray.dx, ray.y + t * ray.dy
    if t < _NEAR or x < -sx or x > sx or y < 0 or y > height:
        return _MISS
    u, v = 0.5 + 0.5 * x / sx, 1 - y / height
    if mask >= 0 and mask_value(masks, mask, u, v) < _OPAQUE:
        return _MISS
    nx, ny, nz = (u - 0.5) * bulge, (0.5 - v) * 0.75 * bulge, -1.0 if ray.dz > 0 else 1.0
    n = 1 / math.sqrt(nx * nx + ny * ny + 1)
    return Hit(t, 0, nx * n, ny * n, nz * n, -1, x, y)


@njit(fastmath=True)
def smoke_alpha(
    x: float, y: float, sx: float, height: float, ragged_x: float, ragged_y: float, detail: np.ndarray
) -> float:
    """Opacity in [0, 1] of smoke: a still soft envelope, and puffs at (ragged_x, ragged_y) that drift in it."""
    rise = y / height
    # A plume widens as it rises; its envelope ends softly on all sides.
    width = sx * (0.35 + 0.65 * rise)
    across = x / width
    if rise < 0 or rise > 1 or abs(across) > 1:
        return 0.0
    envelope = (1 - across * across) * smaller(1.0, 6 * rise) * smaller(1.0, 2.5 * (1 - rise))
    rate = 40.0 / larger(sx, 0.5 * height)
    puffs = tile_value(detail, ragged_x * rate, ragged_y * rate)
    puffs += 0.5 * tile_value(detail, ragged_x * rate * 2.7 + 91.0, ragged_y * rate * 2.7)
    return smaller(larger(envelope * (0.75 + 0.45 * puffs), 0.0), 1.0)
