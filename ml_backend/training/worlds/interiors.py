"""Rooms and table tops."""

import math

import numpy as np

from ml_backend.training.worlds.builder import Builder, pitched, yaw
from ml_backend.training.worlds.figures import add_person
from ml_backend.training.worlds.plants import add_smoke
from ml_backend.training.worlds.records import BOARD, BOX, CONE, ELLIPSOID, ROOM
from ml_backend.training.worlds.scenery import add_foreground

_SURFACES = ("plaster", "bark", "cloth", "white", "masonry", "marble")


def furnish_room(b: Builder) -> None:
    """A room with furniture, pictures on the walls, sometimes people."""
    rx, rh, rz = b.uniform(1.6, 5), b.uniform(1.1, 1.9), b.uniform(2, 8)
    middle, turn = rz - b.uniform(0.3, 1.2), b.rng.normal(0, 0.35)
    b.add(
        ROOM,
        (b.uniform(-0.5, 0.5) * rx, rh, middle),
        (rx, rh, rz),
        group=b.group(),
        texture=b.texture(*_SURFACES),
        turn=turn,
        scale=b.uniform(0.2, 1.0) / rx,
        tint=b.tint(),
    )
    # A floor of its own over that of the room, a rug at times.
    b.add(
        BOX,
        (0, -0.02, middle),
        (rx * 2, 0.025, rz * 2),
        group=b.group(),
        texture=b.texture("bark", "cloth", "masonry", "marble"),
        turn=turn,
        scale=b.uniform(0.2, 0.8),
        tint=b.tint(),
    )
    for _ in range(b.rng.integers(4, 26)):
        z = b.uniform(1.2, 2 * middle)
        _add_furniture(b, b.uniform(-1, 1) * rx * 0.95, z, b.uniform(0.12, 0.7), turn, wall=2 * middle, high=rh)
    if b.chance(0.3):
        add_person(
            b,
            b.uniform(-0.6, 0.6) * rx,
            0.0,
            b.uniform(1.5, max(1.6, 1.6 * middle)),
            height=b.uniform(1.5, 1.9),
            turn=b.uniform(-1.5, 1.5),
        )
    if b.chance(0.2):
        add_foreground(b)


def _add_furniture(b: Builder, x: float, z: float, q: float, turn: float, *, wall: float, high: float) -> None:
    kind = b.rng.random()
    common = {
        "group": b.group(),
        "texture": b.texture(*_SURFACES),
        "tint": b.tint(),
        "scale": b.log_uniform(0.3, 1.5) / q,
    }
    if kind < 0.35:
        b.add(
            BOX,
            (x, q * 0.5, z),
            (q * b.uniform(0.3, 1.4), q * b.uniform(0.4, 1), q * b.uniform(0.3, 1.2)),
            turn=turn + b.rng.choice([0, 0, b.rng.normal(0, 0.5)]),
            **common,
        )
    elif kind < 0.5:  # a table: a plate on legs
        w, d, h = b.uniform(0.4, 1.0), b.uniform(0.3, 0.6), b.uniform(0.4, 0.8)
        b.add(BOX, (x, h, z), (w, 0.025, d), turn=turn, **common)
        for sx in (-0.9, 0.9):
            for sz in (-0.9, 0.9):
                place = np.array([sx * w, 0, sz * d]) @ yaw(turn) + (x, 0, z)
                b.add(CONE, place, (0.025, h, 0.03), **common)
    elif kind < 0.62:
        b.add(ELLIPSOID, (x, q * 0.4, z), (q * 0.6, q * b.uniform(0.3, 0.8), q * 0.6), **common)
    elif kind < 0.75:
        b.add(CONE, (x, 0, z), (b.uniform(0.02, 0.25), b.uniform(0.3, 1.8), b.uniform(0.01, 0.25)), **common)
    elif kind < 0.86:
        b.add(
            BOARD,
            (x, 0, z),
            (q, q * b.uniform(1, 2.4), 0.1),
            turn=b.rng.normal(0, 0.4),
            mask=b.mask("bush", "tree", "palm", "bare", "reeds"),
            **(common | {"texture": b.texture("leaves")}),
        )
    else:
        b.add(
            BOX,
            (x, high * b.uniform(0.8, 1.4), wall - b.uniform(0, 0.2)),
            (q, q * b.uniform(0.4, 1), 0.03),
            turn=turn,
            **common,
        )


def furnish_table(b: Builder, distance: float) -> None:
    """Things on a table before a wall."""
    tilt = b.rng.normal(0, 0.2)
    back = distance * b.uniform(1.15, 2.2)
    b.add(
        BOX,
        (0, 8, back + 1),
        (14, 9, 1),
        group=b.group(),
        texture=b.texture(*_SURFACES, photo=0.5),
        turn=tilt,
        scale=b.uniform(0.2, 0.8) / distance,
        tint=b.tint(),
    )
    b.add(
        BOX,
        (0, -0.5, distance),
        (14, 0.5, 14),
        group=b.group(),
        texture=b.texture("bark", "cloth", "marble", "plaster", photo=0.4),
        scale=b.uniform(0.2, 0.9) / distance,
        tint=b.tint(),
    )
    for _ in range(b.rng.integers(8, 40)):
        _add_small_thing(b, distance)
    for _ in range(b.rng.integers(0, 5)):  # thin rods
        z = distance * b.uniform(0.6, 1.15)
        size = distance * np.array([0.006, b.uniform(0.2, 0.9), 0.006])
        lean = pitched(b.rng.normal(0, 0.6), b.rng.normal(0, 0.8))
        b.add(
            BOX,
            (z * b.half_view * b.uniform(-1, 1), distance * b.uniform(0, 0.5), z),
            size,
            group=b.group(),
            texture=b.texture(*_SURFACES),
            turn=lean,
            tint=b.tint(),
        )
    if b.chance(0.15):
        z = distance * b.uniform(0.7, 1.0)
        add_smoke(
            b,
            z * b.half_view * b.uniform(-0.5, 0.5),
            0.1 * distance,
            z,
            height=distance * b.uniform(0.3, 0.8),
            dark=False,
        )


def _add_small_thing(b: Builder, distance: float) -> None:
    z = distance * b.uniform(0.55, 1.12)
    x, q, kind = z * b.half_view * b.uniform(-1.1, 1.1), distance * b.uniform(0.03, 0.16), b.rng.random()
    y = 0.0 if b.chance(0.8) else distance * b.uniform(0, 0.3)
    common = {
        "group": b.group(),
        "texture": b.texture(*_SURFACES, "skin", "leaves", photo=0.4),
        "tint": b.tint(0.2),
        "scale": b.log_uniform(0.3, 1) / q,
    }
    if kind < 0.35:
        h = q * b.uniform(0.3, 1.6)
        b.add(
            BOX,
            (x, y + h, z),
            (q * b.uniform(0.2, 1.3), h, q * b.uniform(0.2, 1)),
            turn=b.uniform(0, math.pi),
            **common,
        )
    elif kind < 0.6:
        h = q * b.uniform(0.5, 1.2)
        b.add(
            ELLIPSOID,
            (x, y + h, z),
            (q * b.uniform(0.5, 1.1), h, q * b.uniform(0.5, 1.1)),
            turn=b.uniform(0, 3),
            **common,
        )
    elif kind < 0.88:
        b.add(CONE, (x, y, z), (q * b.uniform(0.1, 0.8), q * b.uniform(0.8, 4.5), q * b.uniform(0, 0.8)), **common)
    else:
        b.add(
            BOARD,
            (x, y, z),
            (q, q * b.uniform(1, 3), 0.1),
            turn=b.rng.normal(0, 0.4),
            mask=b.mask("bush", "tree", "palm", "bare", "reeds"),
            **(common | {"texture": b.texture("leaves")}),
        )
