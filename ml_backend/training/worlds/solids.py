"""Compiled meetings of a ray with solid shapes, in the shape's own axes: distance, normal, surface position."""

import math

from numba import njit

from ml_backend.training.worlds.records import FAR, Hit, Ray
from ml_backend.training.worlds.sampling import larger

_NEAR = 0.02  # nothing is closer to the eye than this
_MISS = Hit(FAR, 0, 0.0, 1.0, 0.0, -1, 0.0, 0.0)


@njit(fastmath=True)
def hit_ellipsoid(ray: Ray, sx: float, sy: float, sz: float) -> Hit:
    """An ellipsoid with half axes sx, sy, sz."""
    ax, ay, az, bx, by, bz = ray.x / sx, ray.y / sy, ray.z / sz, ray.dx / sx, ray.dy / sy, ray.dz / sz
    a = bx * bx + by * by + bz * bz
    b = ax * bx + ay * by + az * bz
    c = ax * ax + ay * ay + az * az - 1
    d = b * b - a * c
    if d <= 0:
        return _MISS
    t = (-b - math.sqrt(d)) / a
    if t < _NEAR:
        return _MISS
    x, y, z = ax + t * bx, ay + t * by, az + t * bz
    nx, ny, nz = x / sx, y / sy, z / sz
    n = 1 / math.sqrt(nx * nx + ny * ny + nz * nz)
    return Hit(t, 0, nx * n, ny * n, nz * n, -1, x * sx + 0.5 * z * sz, y * sy + 0.3 * z * sz)


@njit(fastmath=True)
def hit_box(ray: Ray, sx: float, sy: float, sz: float, is_room: bool) -> Hit:
    """A box with half sizes; a room is the same seen from inside."""
    enter, leave, enter_axis, leave_axis = -FAR, FAR, 0, 0
    for axis in range(3):
        o = ray.x if axis == 0 else (ray.y if axis == 1 else ray.z)
        d = ray.dx if axis == 0 else (ray.dy if axis == 1 else ray.dz)
        s = sx if axis == 0 else (sy if axis == 1 else sz)
        if abs(d) < 1e-9:
            d = 1e-9
        first, second = (-s - o) / d, (s - o) / d
        if first > second:
            first, second = second, first
        if first > enter:
            enter, enter_axis = first, axis
        if second < leave:
            leave, leave_axis = second, axis
    t, axis = (leave, leave_axis) if is_room else (enter, enter_axis)
    if enter >= leave or t < _NEAR:
        return _MISS
    x, y, z = ray.x + t * ray.dx, ray.y + t * ray.dy, ray.z + t * ray.dz
    if axis == 0:
        return Hit(t, 0, 1.0 if ray.dx < 0 else -1.0, 0.0, 0.0, -1, z, y)
    if axis == 1:
        return Hit(t, 0, 0.0, 1.0 if ray.dy < 0 else -1.0, 0.0, -1, x, z)
    return Hit(t, 0, 0.0, 0.0, 1.0 if ray.dz < 0 else -1.0, -1, x, y)


@njit(fastmath=True)
def hit_cone(ray: Ray, bottom: float, height: float, top: float) -> Hit:
    """An upright cone or cylinder from y = 0 to `height` with these radii, closed above."""
    k = (top - bottom) / height
    r0 = bottom + k * ray.y
    a = ray.dx * ray.dx + ray.dz * ray.dz - k * k * ray.dy * ray.dy
    b = ray.x * ray.dx + ray.z * ray.dz - k * ray.dy * r0
    c = ray.x * ray.x + ray.z * ray.z - r0 * r0
    d = b * b - a * c
    if abs(a) > 1e-9 and d > 0:
        t = (-b - math.sqrt(d)) / a
        y = ray.y + t * ray.dy
        if t > _NEAR and 0 <= y <= height and bottom + k * y >= 0:
            x, z = ray.x + t * ray.dx, ray.z + t * ray.dz
            r = math.sqrt(x * x + z * z) + 1e-9
            n = 1 / math.sqrt(1 + k * k)
            return Hit(t, 0, x / r * n, -k * n, z / r * n, -1, math.atan2(z, x) * larger(bottom, top), y)
    if ray.dy < 0 and ray.y > height:
        t = (height - ray.y) / ray.dy
        x, z = ray.x + t * ray.dx, ray.z + t * ray.dz
        if t > _NEAR and x * x + z * z <= top * top:
            return Hit(t, 0, 0.0, 1.0, 0.0, -1, x, z)
    return _MISS


@njit(fastmath=True)
def hit_roof(ray: Ray, sx: float, height: float, sz: float) -> Hit:
    """A gabled roof or a tent: ridge along x at `height`, eaves at z = -sz and sz."""
    slant = 1 / math.sqrt(height * height + sz * sz)
    enter, leave, nx, ny, nz = -FAR, FAR, 0.0, 1.0, 0.0
    for k in range(5):
        # Half spaces n p <= w: two gables, two slopes, the underside.
        ax = 1.0 if k == 0 else (-1.0 if k == 1 else 0.0)
        ay = sz * slant if k in (2, 3) else (-1.0 if k == 4 else 0.0)
        az = height * slant if k == 2 else (-height * slant if k == 3 else 0.0)
        w = sx if k < 2 else (sz * height * slant if k < 4 else 0.0)
        distance = w - (ax * ray.x + ay * ray.y + az * ray.z)
        speed = ax * ray.dx + ay * ray.dy + az * ray.dz
        if abs(speed) < 1e-9:
            if distance < 0:
                return _MISS
            continue
        t = distance / speed
        if speed < 0:
            if t > enter:
                enter, nx, ny, nz = t, ax, ay, az
        elif t < leave:
            leave = t
    if enter >= leave or enter < _NEAR:
        return _MISS
    x, y, z = ray.x + enter * ray.dx, ray.y + enter * ray.dy, ray.z + enter * ray.dz
    if nx != 0:
        return Hit(enter, 0, nx, ny, nz, -1, z, y)
    return Hit(enter, 0, nx, ny, nz, -1, x, z / larger(sz * slant, 0.2))
