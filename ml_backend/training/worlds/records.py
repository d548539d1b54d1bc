"""The numbers of a world as the compiled kernels take them: named tuples of floats and one record per object.

Convention inside the kernels: x right, y up, z forward, in metres; frames for time. `rendering` alone flips y.
"""

from typing import NamedTuple

import numpy as np

FAR = 1e9  # "no hit"; finite, since the kernels are compiled with fast arithmetic
SKY_DEPTH = 10000.0  # depth written for the sky: far beyond every surface and still exact enough in float16

# What a ray met.
SKY, GROUND, WATER, OBJECT = 0, 1, 2, 3
# Shapes of objects.
ELLIPSOID, BOX, CONE, ROOF, ROOM, BOARD, SHEET, SMOKE = 0, 1, 2, 3, 4, 5, 6, 7

OBJECT_RECORD = np.dtype(
    [
        *((name, "i4") for name in ("form", "group", "texture", "mask")),
        *((name, "f8") for name in ("x", "y", "z")),  # where the local origin lies
        *((f"r{i}{j}", "f8") for i in range(3) for j in range(3)),  # rows: the local axes in the world
        *((name, "f8") for name in ("sx", "sy", "sz")),  # half sizes; full height in y for shapes that stand
        *((name, "f8") for name in ("bx", "by", "bz", "radius")),  # a sphere around it
        *((name, "f8") for name in ("scale", "u0", "v0", "red", "green", "blue")),
        *((name, "f8") for name in ("shadow", "velocity_u", "velocity_v", "opacity")),
        *((name, "f8") for name in ("left", "right", "top", "bottom")),  # its rectangle in the picture, pixels
        ("nearest", "f8"),  # no point of it is closer to the eye
    ]
)


class Land(NamedTuple):
    """A height field: bumps, hills that grow with distance, a stepped cliff, and the bed of a river.

    The course is a frame of coordinates along (s) and across (d) a river; `course_cos`, `course_sin` turn it.
    """

    exists: float
    reach: float
    top: float
    step: float
    bump_height: float
    bump_rate: float
    hill_height: float
    hill_rate: float
    hill_near: float
    hill_far: float
    hill_lift: float
    ridged: float
    cliff_height: float
    cliff_x: float
    cliff_z: float
    cliff_distance: float
    cliff_width: float
    cliff_wobble: float
    cliff_wobble_rate: float
    cliff_steps: float
    cliff_spacing: float
    bed_depth: float
    bed_offset: float
    bed_width: float
    course_cos: float
    course_sin: float
    meander: float
    meander_rate: float
    grade: float
    grade_begin: float
    grade_end: float
    texture: float
    texture_scale: float
    red: float
    green: float
    blue: float
    slope_texture: float
    slope_scale: float
    slope_red: float
    slope_green: float
    slope_blue: float
    slope_begin: float
    slope_gain: float
    height_begin: float
    height_gain: float
    mix_rate: float


class Water(NamedTuple):
    """One body of water that runs along the course at `speed` metres per frame, faster or slower across it."""

    exists: float
    level: float
    speed: float
    shear: float
    shear_rate: float
    wave: float
    wave_rate: float
    wave_stretch: float
    texture: float
    texture_scale: float
    stretch: float
    red: float
    green: float
    blue: float
    mirror: float
    clarity: float
    foam_texture: float
    foam: float
    shore_foam: float
    splash_x: float
    splash_z: float
    splash_radius: float


class Sky(NamedTuple):
    """A gradient, one sheet of clouds at height 1 that may drift, and the sun's glow."""

    horizon_red: float
    horizon_green: float
    horizon_blue: float
    zenith_red: float
    zenith_green: float
    zenith_blue: float
    fade: float
    clouds: float
    cloud_rate: float
    cloud_offset: float
    cloud_begin: float
    cloud_gain: float
    cloud_red: float
    cloud_green: float
    cloud_blue: float
    cloud_shade: float
    drift_x: float
    drift_z: float
    glow: float
    glow_sharpness: float


class Light(NamedTuple):
    """The sun (a unit vector towards it), ambient light, and fog."""

    sun_x: float
    sun_y: float
    sun_z: float
    ambient: float
    direct: float
    overhead: float
    red: float
    green: float
    blue: float
    shadow: float
    glitter: float
    fog: float
    fog_red: float
    fog_green: float
    fog_blue: float


class Eye(NamedTuple):
    """A camera for the kernels: position, intrinsics, and the rows right, down, forward."""

    x: float
    y: float
    z: float
    fx: float
    fy: float
    cx: float
    cy: float
    right_x: float
    right_y: float
    right_z: float
    down_x: float
    down_y: float
    down_z: float
    forward_x: float
    forward_y: float
    forward_z: float


class Scene(NamedTuple):
    """Everything a ray can ask."""

    land: Land
    water: Water
    sky: Sky
    light: Light
    relief: np.ndarray
    """(n, n) float32 periodic noise of unit deviation, for heights."""
    detail: np.ndarray
    """(n, n) float32 periodic noise of unit deviation, for waves, clouds, and smoke."""
    objects: np.ndarray
    """(N,) OBJECT_RECORD."""
    masks: np.ndarray
    """(M, m, m) uint8 silhouettes, row 0 on top."""
    texels: np.ndarray
    """(T, P, 3) uint8: all mip levels of a texture one after the other."""


class Ray(NamedTuple):
    """Origin and unit direction."""

    x: float
    y: float
    z: float
    dx: float
    dy: float
    dz: float


class Hit(NamedTuple):
    """The nearest surface along a ray: distance, kind, unit normal, object (or -1), position on the surface."""

    t: float
    kind: int
    nx: float
    ny: float
    nz: float
    index: int
    u: float
    v: float
