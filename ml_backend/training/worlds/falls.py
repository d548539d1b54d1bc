"""Waterfalls: sheets of falling water before the cliff, the river on top, and spray at the foot."""

import math

import numpy as np

from ml_backend.training.worlds.builder import Builder, pitched
from ml_backend.training.worlds.plants import add_smoke
from ml_backend.training.worlds.records import SHEET


def add_falls(b: Builder) -> None:
    """One to three falls side by side over each step of the cliff."""
    texture = int(b.rng.integers(*_span(b, "fall")))
    count = int(b.rng.choice([1, 1, 1, 2, 3]))
    speed = b.uniform(0.06, 0.22)
    centre = b.land.bed_offset
    for k in range(count):
        x = centre + (k - (count - 1) / 2) * b.uniform(3, 8) + b.rng.normal(0, 1)
        wide = b.log_uniform(0.4, 6)
        for step in range(int(b.land.cliff_steps)):
            _add_drop(b, x, step, wide=wide * b.uniform(0.8, 1.2), speed=speed, texture=texture)
    x, z = centre, _foot(b, centre, 0)
    b.water = b.water._replace(splash_x=x, splash_z=z - 0.5, splash_radius=b.uniform(1, 4))
    if b.chance(0.7):
        height = b.land.cliff_height * b.uniform(0.3, 0.8)
        add_smoke(b, x, b.ground(x, z - 1) - 0.1 * height, z - 1.0, height=height, dark=False)


def _span(b: Builder, family: str) -> tuple[int, int]:
    span = b.textures.families[family]
    return span.start, span.stop


def _foot(b: Builder, x: float, step: int) -> float:
    """How far away the sheet of a step stands at x: in front of the wall that the height field makes."""
    land = b.land
    distance = land.cliff_distance + step * land.cliff_spacing - 1.6 * land.cliff_wobble - 4 * land.cliff_width
    return (distance - x * land.cliff_x) / land.cliff_z


def _add_drop(b: Builder, x: float, step: int, *, wide: float, speed: float, texture: int) -> None:
    """The sheet of one step, a little inclined, and the water that runs to its edge."""
    land, z = b.land, _foot(b, x, step)
    low = b.ground(x, z - 0.5) - 0.3
    behind = z + 1.6 * land.cliff_wobble + 9 * land.cliff_width
    high = b.ground(x, behind) + 0.05
    if high - low < 0.5:
        return
    turn = math.atan2(land.cliff_x, land.cliff_z)
    lean = b.uniform(0.0, 0.12)
    group, tint = b.group(), np.full(3, b.uniform(0.92, 1.08))
    scale = b.log_uniform(0.5, 1.3) / (high - low) * 1.5
    c, s = math.cos(turn), math.sin(turn)
    yaw = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    fall = pitched(lean) @ yaw
    length = (high - low) / math.cos(lean)
    b.add(
        SHEET,
        (x, low, z),
        (wide, length, 0.1),
        group=group,
        texture=texture,
        turn=fall,
        mask=b.mask("ragged"),
        velocity=(0.0, -speed),
        scale=scale,
        tint=tint,
    )
    # The lip: a sheet from the edge back to the ground above; it is seen from high eyes and in reflections.
    top = np.array([x, low, z]) + length * fall[1]
    lip = pitched(math.pi / 2 - 0.03) @ yaw
    b.add(
        SHEET,
        top,
        (wide * 0.85, behind - z + b.uniform(1, 4), 0.1),
        group=group,
        texture=texture,
        turn=lip,
        velocity=(0.0, -0.5 * speed),
        scale=scale,
        tint=tint * 0.95,
    )
