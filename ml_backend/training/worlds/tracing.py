"""Compiled search for the nearest surface along a ray."""

import numpy as np
from numba import njit

from ml_backend.training.worlds.flat_shapes import hit_board
from ml_backend.training.worlds.records import (
    BOARD,
    BOX,
    CONE,
    ELLIPSOID,
    FAR,
    OBJECT,
    ROOF,
    ROOM,
    SKY,
    SMOKE,
    Hit,
    Ray,
    Scene,
)
from ml_backend.training.worlds.solids import hit_box, hit_cone, hit_ellipsoid, hit_roof
from ml_backend.training.worlds.terrain import march

_EVERYWHERE = -1.0  # as a pixel's row: do not ask the rectangles of this picture


@njit(fastmath=True)
def trace(ray: Ray, column: float, row: float, skipped: int, coarseness: float, scene: Scene) -> Hit:
    """The nearest surface, objects of the group `skipped` left out.

    Args:
        column, row: the pixel, so that objects elsewhere in the picture are passed over; row -1 for a reflected ray.
        coarseness: 1 for what is seen, more for what is only mirrored.
    """
    best = Hit(FAR, SKY, 0.0, 1.0, 0.0, -1, 0.0, 0.0)
    objects = scene.objects
    for i in range(objects.shape[0]):
        o = objects[i]
        if o.form == SMOKE or o.group == skipped:
            continue
        if row != _EVERYWHERE:
            if column < o.left or column > o.right or row < o.top or row > o.bottom or o.nearest > best.t:
                continue
        elif _passes(ray, o, best.t):
            continue
        hit = hit_object(ray, o, scene.masks)
        if hit.t < best.t:
            best = Hit(hit.t, OBJECT, hit.nx, hit.ny, hit.nz, i, hit.u, hit.v)
    if scene.land.exists > 0:
        ground = march(ray, best.t, coarseness, scene.land, scene.water, scene.relief)
        if ground.t < best.t:
            return ground
    return best


@njit(fastmath=True)
def _passes(ray: Ray, o: np.void, nearest: float) -> bool:
    """Whether the ray misses the sphere around an object, or meets something nearer before it."""
    x, y, z = o.bx - ray.x, o.by - ray.y, o.bz - ray.z
    along = x * ray.dx + y * ray.dy + z * ray.dz
    if along < -o.radius or along - o.radius > nearest:
        return True
    return x * x + y * y + z * z - along * along > o.radius * o.radius


@njit(fastmath=True)
def to_local(ray: Ray, o: np.void) -> Ray:
    """The ray in the axes of an object."""
    x, y, z = ray.x - o.x, ray.y - o.y, ray.z - o.z
    return Ray(
        o.r00 * x + o.r01 * y + o.r02 * z,
        o.r10 * x + o.r11 * y + o.r12 * z,
        o.r20 * x + o.r21 * y + o.r22 * z,
        o.r00 * ray.dx + o.r01 * ray.dy + o.r02 * ray.dz,
        o.r10 * ray.dx + o.r11 * ray.dy + o.r12 * ray.dz,
        o.r20 * ray.dx + o.r21 * ray.dy + o.r22 * ray.dz,
    )


@njit(fastmath=True)
def hit_object(ray: Ray, o: np.void, masks: np.ndarray) -> Hit:
    """Where the ray meets an object; the normal in the world."""
    r = to_local(ray, o)
    shape = o.form
    if shape == ELLIPSOID:
        hit = hit_ellipsoid(r, o.sx, o.sy, o.sz)
    elif shape in (BOX, ROOM):
        hit = hit_box(r, o.sx, o.sy, o.sz, shape == ROOM)
    elif shape == CONE:
        hit = hit_cone(r, o.sx, o.sy, o.sz)
    elif shape == ROOF:
        hit = hit_roof(r, o.sx, o.sy, o.sz)
    else:
        hit = hit_board(r, o.sx, o.sy, 1.6 if shape == BOARD else 0.0, masks, o.mask)
    nx = o.r00 * hit.nx + o.r10 * hit.ny + o.r20 * hit.nz
    ny = o.r01 * hit.nx + o.r11 * hit.ny + o.r21 * hit.nz
    nz = o.r02 * hit.nx + o.r12 * hit.ny + o.r22 * hit.nz
    return Hit(hit.t, OBJECT, nx, ny, nz, -1, hit.u, hit.v)
