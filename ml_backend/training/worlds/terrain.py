"""Compiled height field: ground, the level of the water, and where a ray meets them."""

import math

import numpy as np
from numba import njit

from ml_backend.training.worlds.records import FAR, GROUND, SKY, WATER, Hit, Land, Ray, Water
from ml_backend.training.worlds.sampling import tile_value


@njit(fastmath=True)
def course(x: float, z: float, land: Land) -> tuple[float, float]:
    """Coordinates along and across the course; the second stays constant along every bend of a river."""
    along = x * land.course_sin + z * land.course_cos
    across = x * land.course_cos - z * land.course_sin
    return along, across - land.meander * math.sin(along * land.meander_rate)


@njit(fastmath=True)
def from_course(along: float, across: float, land: Land) -> tuple[float, float]:
    """The place (x, z) of course coordinates."""
    d = across + land.meander * math.sin(along * land.meander_rate)
    return along * land.course_sin + d * land.course_cos, along * land.course_cos - d * land.course_sin


@njit(fastmath=True)
def grade_height(along: float, land: Land) -> float:
    """How much a sloping river and its valley have risen."""
    return land.grade * (min(max(along, land.grade_begin), land.grade_end) - land.grade_begin)


@njit(fastmath=True)
def water_height(x: float, z: float, land: Land, water: Water) -> float:
    """The level of the water at a place."""
    if land.grade == 0.0:
        return water.level
    return water.level + grade_height(course(x, z, land)[0], land)


@njit(fastmath=True)
def ground_height(x: float, z: float, land: Land, relief: np.ndarray) -> float:
    """The height of the ground at a place."""
    height = land.bump_height * tile_value(relief, x * land.bump_rate + 31.7, z * land.bump_rate + 5.3)
    if land.hill_height > 0:
        s = (math.sqrt(x * x + z * z) - land.hill_near) / (land.hill_far - land.hill_near)
        s = min(max(s, 0.0), 1.0)
        s = s * s * (3 - 2 * s)
        if s > 0:
            hill = tile_value(relief, x * land.hill_rate + 211.0, z * land.hill_rate + 97.0)
            if land.ridged > 0:
                hill = 1.3 - 2 * abs(hill)
            height += land.hill_height * s * (hill + land.hill_lift)
    if land.cliff_height != 0:
        wobble = land.cliff_wobble * tile_value(relief, x * land.cliff_wobble_rate, z * land.cliff_wobble_rate)
        q = z * land.cliff_z + x * land.cliff_x - land.cliff_distance + wobble
        for k in range(int(land.cliff_steps)):
            e = min(max((q - k * land.cliff_spacing) / land.cliff_width, -30.0), 30.0)
            height += land.cliff_height / (1 + math.exp(-e))
    if land.bed_depth > 0 or land.grade != 0:
        along, across = course(x, z, land)
        height += grade_height(along, land)
        if land.bed_depth > 0:
            d = (across - land.bed_offset) / land.bed_width
            height -= land.bed_depth * math.exp(-d * d * d * d)
    return height


@njit(fastmath=True)
def _clearance(t: float, ray: Ray, land: Land, water: Water, relief: np.ndarray) -> float:
    x, z = ray.x + t * ray.dx, ray.z + t * ray.dz
    height = ground_height(x, z, land, relief)
    if water.exists > 0:
        height = max(height, water_height(x, z, land, water))
    return ray.y + t * ray.dy - height


@njit(fastmath=True)
def march(ray: Ray, nearest: float, coarseness: float, land: Land, water: Water, relief: np.ndarray) -> Hit:
    """Where the ray enters ground or water before `nearest`; kind SKY if nowhere."""
    t, last, reach = 0.12, 0.0, min(nearest, land.reach)
    is_last = False
    growth = land.step * coarseness
    # Above flat ground long steps are safe; a cliff's wall would be stepped over.
    stride = 0.1 if land.cliff_height != 0 else 0.3
    while not is_last:
        if t >= reach:  # ground just before the nearest object must not be stepped over
            t, is_last = reach, True
        if ray.dy > 0 and ray.y + t * ray.dy > land.top:
            break
        h = _clearance(t, ray, land, water, relief)
        if h < 0:
            t = _refine(last, t, ray, land, water, relief)
            if t >= nearest:
                break
            return _ground_or_water(t, ray, land, water, relief)
        last = t
        t += t * growth + 0.03 + stride * h * coarseness
    return Hit(FAR, SKY, 0.0, 1.0, 0.0, -1, 0.0, 0.0)


@njit(fastmath=True)
def _refine(outside: float, inside: float, ray: Ray, land: Land, water: Water, relief: np.ndarray) -> float:
    for _ in range(9):
        middle = 0.5 * (outside + inside)
        if _clearance(middle, ray, land, water, relief) < 0:
            inside = middle
        else:
            outside = middle
    # One step of the secant makes the depth of two views agree to a small part of a step.
    a, b = _clearance(outside, ray, land, water, relief), _clearance(inside, ray, land, water, relief)
    return outside + (inside - outside) * a / max(a - b, 1e-9)


@njit(fastmath=True)
def _ground_or_water(t: float, ray: Ray, land: Land, water: Water, relief: np.ndarray) -> Hit:
    x, z = ray.x + t * ray.dx, ray.z + t * ray.dz
    ground = ground_height(x, z, land, relief)
    if water.exists > 0 and ground < water_height(x, z, land, water):
        along = course(x, z, land)[0]
        g = land.grade if land.grade_begin < along < land.grade_end else 0.0
        # The plane's normal: height rises by g per metre along the course.
        length = 1 / math.sqrt(1 + g * g)
        nx, ny, nz = -g * land.course_sin * length, length, -g * land.course_cos * length
        below = water_height(x, z, land, water) - (ray.y + t * ray.dy)
        down = nx * ray.dx + ny * ray.dy + nz * ray.dz
        if down < -1e-6:  # onto the plane exactly; `below` is a rest of the refinement
            t += below * ny / down
        return Hit(t, WATER, nx, ny, nz, -1, 0.0, 0.0)
    e = 0.02 + 0.004 * t
    nx = -(ground_height(x + e, z, land, relief) - ground) / e
    nz = -(ground_height(x, z + e, land, relief) - ground) / e
    length = 1 / math.sqrt(nx * nx + nz * nz + 1)
    return Hit(t, GROUND, nx * length, length, nz * length, -1, 0.0, 0.0)
