"""Compiled height field: ground, the level of the water, and where a ray meets them."""

import math

import numpy as np
from numba import njit

from ml_backend.training.worlds.records import FAR, GROUND, SKY, WATER, Hit, Land, Ray, Water
from ml_backend.training.worlds.sampling import larger, smaller, tile_value


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
    return land.grade * (smaller(larger(along, land.grade_begin), land.grade_end) - land.grade_begin)


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
        s = smaller(larger(s, 0.0), 1.0)
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
            e = smaller(larger((q - k * land.cliff_spacing) / land.cliff_width, -30.0), 30.0)
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
        height = larger(height, water_height(x, z, land, water))
    return ray.y + t * ray.dy - height


@njit(fastmath=True)
def march(ray: Ray, nearest: float, coarseness: float, land: Land, water: Water, relief: np.ndarray) -> Hit:
    """Where the ray enters ground or water before `nearest`; kind SKY if nowhere."""
    t, last, reach = 0.12, 0.0, smaller(nearest, land.reach)
    above = _clearance(0.0, ray, land, water, relief)
    is_last = False
    growth = land.step * coarseness
    while not is_last:
        if t >= reach:  # ground just before the nearest object must not be stepped over
            t, is_last = reach, True
        if ray.dy > 0 and ray.y + t * ray.dy > land.top:
            break
        h = _clearance(t, ray, land, water, relief)
        if h < 0:
            t = _refine(last, larger(above, 1e-6), t, h, ray, land, water, relief)
            if t >= nearest:
                break
            return _ground_or_water(t, ray, land, water, relief)
        last, above = t, h
        t += t * growth + 0.03 + _safe_step(t, h, ray, land) * coarseness
    return Hit(FAR, SKY, 0.0, 1.0, 0.0, -1, 0.0, 0.0)


@njit(fastmath=True)
def _safe_step(t: float, clearance: float, ray: Ray, land: Land) -> float:
    """How far one may go at a height above the ground; not past the wall of a cliff."""
    if land.cliff_height == 0:
        return 0.9 * clearance / (abs(ray.dy) + 0.7)
    q = (ray.z + t * ray.dz) * land.cliff_z + (ray.x + t * ray.dx) * land.cliff_x - land.cliff_distance
    # The wobble is noise of unit deviation: three times that is rare.
    room = -q - 3 * land.cliff_wobble - 6 * land.cliff_width
    return larger(0.1 * clearance, smaller(0.4 * clearance, 0.9 * room))


@njit(fastmath=True)
def _refine(
    outside: float, above: float, inside: float, below: float, ray: Ray, land: Land, water: Water, relief: np.ndarray
) -> float:
    """Where the clearance is 0, between a place above the ground and one below it, by Illinois' false position."""
    t, side = inside, 0
    for _ in range(6):
        t = (outside * below - inside * above) / smaller(below - above, -1e-9)
        h = _clearance(t, ray, land, water, relief)
        if h < 0:
            inside, below = t, h
            if side == -1:
                above *= 0.5
            side = -1
        else:
            outside, above = t, h
            if side == 1:
                below *= 0.5
            side = 1
        if abs(h) < 1e-5 * t:
            break
    return t


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
        if down < -1e-3:  # onto the plane exactly; `below` is a rest of the refinement
            t += smaller(larger(below * ny / down, -0.1 * t), 0.1 * t)
        return Hit(t, WATER, nx, ny, nz, -1, 0.0, 0.0)
    e = 0.02 + 0.004 * t
    nx = -(ground_height(x + e, z, land, relief) - ground) / e
    nz = -(ground_height(x, z + e, land, relief) - ground) / e
    length = 1 / math.sqrt(nx * nx + nz * nz + 1)
    return Hit(t, GROUND, nx * length, length, nz * length, -1, 0.0, 0.0)
