"""People and boats, made of a few solid shapes each."""

import math

import numpy as np

from ml_backend.training.worlds.builder import Builder, pitched, yaw
from ml_backend.training.worlds.records import BOARD, BOX, CONE, ELLIPSOID


def add_person(b: Builder, x: float, y: float, z: float, *, height: float, turn: float) -> None:
    """Someone who stands, made of rounded parts: seen from near, a body has depth."""
    group, axes, h = b.group(), yaw(turn), height / 1.75
    shirt, trousers, skin, hair = (b.texture(*names, photo=p) for names, p in _CLOTHES)
    tint, legs = b.tint(), b.tint()
    wide = b.uniform(0.19, 0.27)

    def part(
        px: float, py: float, pz: float, size: tuple[float, float, float], texture: int, lean: float, color: np.ndarray
    ) -> None:
        offset = np.array([px, py, pz]) * h @ axes
        local = pitched(0.0, lean) @ axes
        look = {"texture": texture, "tint": color, "scale": 1.5 / h, "shadow": 0.35 if texture == shirt else 0.0}
        b.add(ELLIPSOID, np.array([x, y, z]) + offset, np.array(size) * h, group=group, turn=local, **look)

    part(0, 1.6, 0, (0.085, 0.115, 0.1), skin, 0, np.ones(3))
    part(0, 1.655, 0.025, (0.093, 0.085, 0.1), hair, 0, b.tint() * 0.6)
    part(0, 1.2, 0, (wide, 0.33, 0.14), shirt, 0, tint)
    part(0, 0.93, 0, (wide * 0.85, 0.2, 0.14), trousers, 0, legs)
    swing = b.uniform(0.0, 0.25)
    for side in (-1, 1):
        part(side * 0.1, 0.48, side * swing * 0.3, (0.09, 0.5, 0.1), trousers, side * 0.03, legs)
        arm = b.uniform(0.05, 0.5) if b.chance(0.8) else b.uniform(0.5, 2.2)
        reach = 0.3 * math.sin(arm)
        part(side * (wide + 0.03 + reach), 1.4 - 0.3 * math.cos(arm), 0, (0.06, 0.33, 0.065), shirt, side * arm, tint)


_CLOTHES = ((("cloth", "white"), 0.2), (("cloth",), 0.1), (("skin",), 0.0), (("bark", "cloth"), 0.0))


def add_boat(b: Builder, x: float, y: float, z: float, *, length: float, turn: float) -> None:
    """A hull half under water, with a cabin, a mast, or sails."""
    group, axes = b.group(), yaw(turn)
    hull, tint = b.texture("white", "bark", "cloth", "plaster", photo=0.1), b.tint()
    high = length * b.uniform(0.07, 0.12)
    b.add(
        ELLIPSOID,
        (x, y + 0.2 * high, z),
        (length / 2, high, length * b.uniform(0.1, 0.17)),
        group=group,
        texture=hull,
        turn=axes,
        tint=tint,
        scale=2 / length,
    )
    b.add(
        BOX,
        (x, y + 0.75 * high, z),
        (length * 0.4, high * 0.35, length * 0.07),
        group=group,
        texture=hull,
        turn=axes,
        tint=tint * 0.8,
        scale=2 / length,
    )
    if b.chance(0.5):
        place = np.array([b.uniform(-0.15, 0.1) * length, 1.6 * high, 0]) @ axes + (x, y, z)
        b.add(
            BOX,
            place,
            (length * 0.15, high * 0.8, length * 0.06),
            group=group,
            texture=b.texture("white", "facade"),
            turn=axes,
            scale=2 / length,
        )
    if b.chance(0.6):
        tall = length * b.uniform(0.7, 1.4)
        b.add(
            CONE,
            (x, y, z),
            (length * 0.01 + 0.01, tall, 0.005 * length),
            group=group,
            texture=b.texture("bark", "white"),
        )
        if b.chance(0.6):
            b.add(
                BOARD,
                (x, y + 1.4 * high, z + 0.02),
                (length * 0.38, tall * 0.85, 0.1),
                group=group,
                texture=b.texture("white", "cloth", photo=0),
                mask=b.mask("sail"),
                turn=axes,
                scale=1 / length,
            )
