"""What stands in outdoor worlds, kind by kind."""

import numpy as np

from ml_backend.training.worlds.builder import Builder
from ml_backend.training.worlds.buildings import add_bridge, add_house, add_tower
from ml_backend.training.worlds.falls import add_falls
from ml_backend.training.worlds.figures import add_boat, add_person
from ml_backend.training.worlds.plants import add_fence, add_plant, add_pole, add_rocks, add_smoke
from ml_backend.training.worlds.records import BOARD, BOX, CONE, ELLIPSOID

_TREES = ("tree", "broad tree", "conifer", "bare", "bush", "palm")
# Up to how many of each stand there.
_PLANTS = {"land": 22, "lake": 24, "river": 26, "rapids": 20, "sea": 5, "falls": 18, "street": 10, "forest": 48}
_ROCKS = {"land": 8, "lake": 6, "river": 10, "rapids": 16, "sea": 8, "falls": 12, "street": 0, "forest": 6}
_BOATS = {"lake": 6, "river": 3, "sea": 8}


def furnish_outdoors(b: Builder, kind: str) -> None:
    """Fill a landscape."""
    if kind == "falls":
        add_falls(b)
    if kind == "street":
        _add_street(b)
    _add_rocks_and_plants(b, kind)
    for _ in range(b.rng.integers(0, _BOATS.get(kind, 0) + 1)):
        x, z = b.spot(4, 90)
        if b.is_wet(x, z):
            add_boat(b, x, b.ground(x, z), z, length=b.log_uniform(2.5, 9), turn=b.uniform(-1.3, 1.3))
    _add_buildings(b, kind)
    _add_people(b, kind)
    for _ in range(b.rng.integers(0, 7) if b.chance(0.6) else 0):
        add_pole(b, *b.spot(2.5, 50), height=b.log_uniform(1, 8))
    if b.chance(0.25):
        x, z = b.spot(3, 25)
        add_fence(b, x, z, length=b.log_uniform(1.5, 12), turn=b.rng.normal(0, 0.5))
    if b.chance(0.12):
        x, z = b.spot(6, 50)
        add_smoke(b, x, b.ground(x, z), z, height=b.log_uniform(2, 14), dark=b.chance(0.3))
    if b.chance(0.35):
        add_foreground(b)


def _add_rocks_and_plants(b: Builder, kind: str) -> None:
    stone = b.texture("rock", photo=0.35)
    for _ in range(b.rng.integers(0, _ROCKS[kind] + 1)):
        x, z = b.spot(max(1.3, b.eye_height * 0.8), 60)
        add_rocks(b, x, z, size=b.uniform(0.06, 0.35) * (0.6 + 0.12 * z), texture=stone)
    species, tint = b.texture("leaves", photo=0.25), b.tint()
    kinds = tuple(b.rng.choice(_TREES, 2)) if b.chance(0.6) else _TREES
    least = 18 if kind == "forest" else 0
    for _ in range(b.rng.integers(least, _PLANTS[kind] + 1)):
        x, z = b.spot(max(1.8, b.eye_height * 0.7), 45 if kind == "forest" else 90)
        if b.is_wet(x, z) and b.chance(0.9):
            continue
        other = b.chance(0.25)
        texture, color = (b.texture("leaves", "grass"), b.tint()) if other else (species, tint)
        near_water = b.water.exists > 0 and b.chance(0.2)
        add_plant(b, x, z, kinds=("reeds", "bush") if near_water else kinds, texture=texture, tint=color)


def _add_street(b: Builder) -> None:
    wide, first = b.uniform(3, 12), b.uniform(2, 12)
    for side in (-1, 1):
        z = first * b.uniform(0.5, 1.5)
        if b.chance(0.15):
            continue
        while z < 120 and len(b.rows) < 90:
            length, high, deep = b.uniform(3, 12), b.uniform(3, 16), b.uniform(4, 8)
            group, x = b.group(), side * (wide + deep + b.uniform(0, 1.5))
            front = b.texture("facade", "facade", "plaster", "masonry", photo=0.15)
            b.add(
                BOX,
                (x, b.ground(x, z) + high - 0.5, z + length),
                (deep, high, length * 0.97),
                group=group,
                texture=front,
                tint=b.tint(),
                turn=b.rng.normal(0, 0.02),
                scale=b.uniform(0.08, 0.3),
            )
            z += 2 * length + (b.uniform(0, 6) if b.chance(0.3) else 0)
    if b.chance(0.35):
        b.add(
            BOX,
            (0, 0, b.uniform(30, 90)),
            (30, b.uniform(4, 16), 4),
            group=b.group(),
            texture=b.texture("facade"),
            scale=0.12,
            tint=b.tint(),
        )


def _add_buildings(b: Builder, kind: str) -> None:
    for _ in range(b.rng.integers(1, 6) if b.chance(0.4) and kind != "street" else 0):
        x, z = b.spot(10, 90)
        if not b.is_wet(x, z):
            add_house(b, x, b.ground(x, z), z, size=b.uniform(2.5, 7), turn=b.uniform(0, 3.1))
    if b.chance(0.4 if kind == "sea" else 0.15):
        x, z = b.spot(12, 70)
        add_tower(b, x, b.ground(x, z), z, height=b.uniform(6, 22))
    if b.chance({"river": 0.3, "lake": 0.12, "rapids": 0.15, "street": 0.05}.get(kind, 0.0)):
        add_bridge(b, b.uniform(8, 45), height=b.uniform(2, 7))


def _add_people(b: Builder, kind: str) -> None:
    often = 0.7 if kind == "street" else 0.4
    for _ in range(b.rng.integers(1, 7) if b.chance(often) else 0):
        x, z = b.spot(2, 40)
        if b.is_wet(x, z):
            continue
        if z < 14:
            add_person(b, x, b.ground(x, z), z, height=b.uniform(1.5, 1.95), turn=b.uniform(-1.5, 1.5))
        else:
            b.add(
                BOARD,
                (x, b.ground(x, z), z),
                (0.9, 1.75, 0.1),
                group=b.group(),
                texture=b.texture("cloth"),
                mask=b.mask("person"),
                shadow=0.35,
                tint=b.tint(),
            )


def add_foreground(b: Builder) -> None:
    """One big near thing, as photographers frame their views."""
    kind = b.rng.integers(8)
    z = b.log_uniform(1.0, 3.5)
    x = z * b.half_view * b.uniform(-0.8, 0.8)
    y = b.ground(x, z)
    if kind <= 3:
        height = b.uniform(1.5, 1.95)
        # Their head is at the height of the eye or a little below, wherever the ground is.
        foot = b.eye_height - height + b.uniform(-0.15, 0.35) if b.eye_height > 0 else y
        add_person(b, x, max(y, foot), z, height=height, turn=b.uniform(-1.2, 1.2))
    elif kind == 4:
        b.add(
            CONE,
            (x, y - 0.5, z),
            (b.uniform(0.1, 0.4), 14, b.uniform(0.06, 0.25)),
            group=b.group(),
            texture=b.texture("bark", "masonry"),
            tint=b.tint(),
            scale=b.uniform(0.3, 1),
        )
    elif kind == 5:
        b.add(
            ELLIPSOID,
            (x, y + 0.1, z),
            np.array([b.uniform(0.3, 1), b.uniform(0.3, 0.8), b.uniform(0.3, 0.7)]),
            group=b.group(),
            texture=b.texture("rock"),
            tint=b.tint(),
            scale=b.uniform(0.4, 1.2),
            shadow=0.8,
        )
    elif kind == 6:
        top = b.eye_height - z * b.uniform(0.0, 0.5)
        b.add(
            BOARD,
            (x, top - 1.0, z),
            (b.uniform(0.5, 1.6), 1.4, 0.1),
            group=b.group(),
            texture=b.texture("leaves", "bark"),
            tint=b.tint() * 0.7,
            mask=b.mask("bush", "bare", "fence", "reeds", "tree"),
        )
    else:
        b.add(
            BOX,
            (np.sign(x) * (z * b.half_view + 0.3), y + 1, z),
            (b.uniform(0.3, 0.9), 3, b.uniform(0.1, 1.5)),
            group=b.group(),
            texture=b.texture("masonry", "plaster", "white", "bark"),
            tint=b.tint(),
            scale=0.4,
            turn=b.rng.normal(0, 0.2),
        )
