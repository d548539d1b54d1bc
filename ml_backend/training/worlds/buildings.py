"""Houses, towers, and bridges."""

import numpy as np

from ml_backend.training.worlds.builder import Builder, yaw
from ml_backend.training.worlds.plants import add_smoke
from ml_backend.training.worlds.records import BOARD, BOX, CONE, ROOF


def add_house(b: Builder, x: float, y: float, z: float, *, size: float, turn: float) -> None:
    """Walls, a gabled or flat roof, sometimes a chimney that smokes."""
    group, axes = b.group(), yaw(turn)
    w, h, d = size * b.uniform(0.4, 0.9), size * b.uniform(0.3, 0.7), size * b.uniform(0.35, 0.7)
    front = b.texture("facade", "facade", "plaster", "masonry", "white", photo=0.15)
    b.add(
        BOX,
        (x, y + h * 0.9, z),
        (w, h * 1.1, d),
        group=group,
        texture=front,
        turn=axes,
        scale=0.5 / h,
        tint=b.tint(),
        shadow=0.8 * w,
    )
    if b.chance(0.75):
        top = h * b.uniform(0.5, 1.3)
        b.add(
            ROOF,
            (x, y + 2 * h, z),
            (w * 1.08, top, d * 1.12),
            group=group,
            texture=b.texture("roof", photo=0.1),
            turn=axes,
            scale=0.4 / h,
            tint=b.tint(),
        )
        if b.chance(0.4):
            place = np.array([w * b.uniform(-0.6, 0.6), 2 * h + top * 0.7, 0]) @ axes + (x, y, z)
            b.add(
                BOX,
                place,
                (0.07 * w, 0.5 * top, 0.07 * w),
                group=group,
                texture=b.texture("masonry", photo=0),
                turn=axes,
            )
            if b.chance(0.4):
                add_smoke(b, place[0], place[1] + 0.5 * top, place[2], height=4 * h, dark=b.chance(0.3))


def add_tower(b: Builder, x: float, y: float, z: float, *, height: float) -> None:
    """A lighthouse, a church tower, or a chimney."""
    group, r = b.group(), height * b.uniform(0.06, 0.13)
    wall, tint = b.texture("white", "masonry", "plaster", "cloth", photo=0.1), b.tint()
    if b.chance(0.65):
        b.add(
            CONE,
            (x, y - 0.1 * height, z),
            (r, height * 1.1, r * 0.65),
            group=group,
            texture=wall,
            scale=1.2 / height,
            tint=tint,
            shadow=1.5 * r,
        )
        b.add(CONE, (x, y + height, z), (r * 0.95, height * 0.03, r * 0.95), group=group, texture=wall, tint=tint * 0.6)
        b.add(
            CONE,
            (x, y + height * 1.03, z),
            (r * 0.45, height * 0.1, r * 0.45),
            group=group,
            texture=b.texture("cloth"),
            tint=tint,
        )
        b.add(
            CONE,
            (x, y + height * 1.13, z),
            (r * 0.6, height * 0.08, 0.001),
            group=group,
            texture=b.texture("roof"),
            tint=b.tint(),
        )
        return
    turn = b.uniform(0, 1.5)
    b.add(
        BOX,
        (x, y + height / 2, z),
        (r, height / 2, r),
        group=group,
        texture=wall,
        turn=turn,
        scale=1.5 / height,
        tint=tint,
        shadow=1.5 * r,
    )
    b.add(
        ROOF,
        (x, y + height, z),
        (r, height * b.uniform(0.1, 0.5), r),
        group=group,
        texture=b.texture("roof"),
        turn=turn,
        tint=b.tint(),
    )


def add_bridge(b: Builder, z: float, *, height: float) -> None:
    """A bridge across the view: arches of stone, or a deck on piers, with a parapet."""
    group, turn = b.group(), b.rng.normal(0, 0.25)
    texture, tint, half = (
        b.texture("masonry", "rock", "bark", "plaster", photo=0.15),
        b.tint(),
        z * b.half_view * b.uniform(0.8, 2),
    )
    base = b.ground(0.0, z) - 0.5
    thick = height * b.uniform(0.06, 0.15)
    b.add(
        BOX,
        (0, base + height, z),
        (half, thick, b.uniform(0.6, 2.5)),
        group=group,
        texture=texture,
        turn=turn,
        tint=tint,
        scale=0.3,
    )
    if b.chance(0.5):
        b.add(
            BOARD,
            (0, base, z - 0.3),
            (half, height, 0.1),
            group=group,
            texture=texture,
            mask=b.mask("arches"),
            turn=turn,
            tint=tint * 0.9,
            scale=0.3,
        )
    else:
        for x in np.linspace(-half, half, b.rng.integers(3, 8)):
            place = np.array([x, 0, 0]) @ yaw(turn) + (0, base - 1, z)
            b.add(
                CONE,
                place,
                (0.04 * height + 0.1, height + 1, 0.04 * height + 0.1),
                group=group,
                texture=texture,
                tint=tint,
            )
    if b.chance(0.7):
        b.add(
            BOARD,
            (0, base + height + thick, z - 0.3),
            (half, 1.0, 0.1),
            group=group,
            texture=b.texture("bark", "white", "cloth"),
            mask=b.mask("fence"),
            turn=turn,
            tint=tint,
            scale=0.3,
        )
