"""Rocks, plants, poles, fences, and smoke: what landscapes are strewn with."""

import numpy as np

from ml_backend.training.worlds.builder import Builder, pitched, yaw
from ml_backend.training.worlds.records import BOARD, BOX, CONE, ELLIPSOID, SMOKE


def add_rocks(b: Builder, x: float, z: float, *, size: float, texture: int) -> None:
    """A few boulders that lean on each other."""
    group = b.group()
    for _ in range(b.rng.integers(1, 4)):
        px, pz = x + b.rng.normal(0, size), z + b.rng.normal(0, size)
        half = size * np.array([b.uniform(0.6, 1.5), b.uniform(0.4, 1), b.uniform(0.6, 1.5)])
        turn = pitched(b.rng.normal(0, 0.3), b.rng.normal(0, 0.3)) @ yaw(b.uniform(0, 3))
        b.add(
            ELLIPSOID,
            (px, b.ground(px, pz) + size * b.uniform(-0.3, 0.3), pz),
            half,
            group=group,
            texture=texture,
            turn=turn,
            tint=b.tint(),
            scale=b.log_uniform(0.3, 1.5) / size,
            shadow=1.2 * size,
        )


def add_plant(b: Builder, x: float, z: float, *, kinds: tuple[str, ...], texture: int, tint: np.ndarray) -> None:
    """A tree, bush, or reeds: a silhouette, trees with a round trunk before it."""
    name = kinds[b.rng.integers(len(kinds))]
    y, group = b.ground(x, z), b.group()
    low = name in ("bush", "reeds", "blob")
    height = b.uniform(0.3, 1.6) if low else b.log_uniform(2.5, 16)
    width = height * (b.uniform(0.5, 1.0) if low else b.uniform(0.25, 0.55))
    b.add(
        BOARD,
        (x, y - 0.05 * height, z),
        (width, height, 0.1),
        group=group,
        texture=texture,
        mask=b.mask(name),
        turn=b.rng.normal(0, 0.4),
        tint=tint * b.uniform(0.8, 1.15),
        scale=b.log_uniform(0.3, 1.2) * 2 / width,
        shadow=0.7 * width,
    )
    if not low and b.chance(0.5):
        r = height * b.uniform(0.012, 0.035)
        lean = pitched(0.0, b.rng.normal(0, 0.06))
        b.add(
            CONE,
            (x, y - 0.3, z - 0.05),
            (r, height * 0.6, 0.5 * r),
            group=group,
            texture=b.texture("bark", photo=0.1),
            turn=lean,
            scale=1.0,
        )


def add_pole(b: Builder, x: float, z: float, *, height: float) -> None:
    """A lamp post, a mast, a sign, a post."""
    group, y, r = b.group(), b.ground(x, z), height * b.uniform(0.006, 0.025)
    texture, tint = b.texture("bark", "cloth", "white", photo=0.1), b.tint()
    lean = pitched(b.rng.normal(0, 0.02), b.rng.normal(0, 0.03))
    b.add(
        CONE,
        (x, y - 0.2, z),
        (r, height + 0.2, 0.7 * r),
        group=group,
        texture=texture,
        tint=tint,
        turn=lean,
        shadow=4 * r,
    )
    kind = b.rng.integers(4)
    if kind == 0:
        b.add(
            ELLIPSOID,
            (x, y + height, z),
            (4 * r, 4 * r, 4 * r),
            group=group,
            texture=b.texture("white"),
            scale=1 / (8 * r),
        )
    elif kind == 1:
        b.add(
            BOX,
            (x, y + height * b.uniform(0.8, 1.0), z),
            (height * b.uniform(0.05, 0.3), 0.7 * r, 0.7 * r),
            group=group,
            texture=texture,
            tint=tint,
            turn=b.uniform(-0.6, 0.6),
        )
    elif kind == 2:
        b.add(
            BOX,
            (x, y + height * 0.85, z - r),
            (height * 0.12, height * 0.12, 0.01),
            group=group,
            texture=b.texture("cloth", "white", "marble"),
            scale=3 / height,
            turn=b.uniform(-0.6, 0.6),
        )


def add_fence(b: Builder, x: float, z: float, *, length: float, turn: float) -> None:
    """A fence or railing of the height of a hip."""
    height = b.uniform(0.7, 1.4)
    b.add(
        BOARD,
        (x, b.ground(x, z) - 0.05, z),
        (length, height, 0.1),
        group=b.group(),
        texture=b.texture("bark", "white", "cloth", photo=0.1),
        mask=b.mask("fence"),
        turn=turn,
        tint=b.tint(),
        scale=0.5,
    )


def add_smoke(b: Builder, x: float, y: float, z: float, *, height: float, dark: bool) -> None:
    """Smoke or steam that rises."""
    tone = b.uniform(0.2, 0.5) if dark else b.uniform(0.85, 1.1)
    sideways, up = b.rng.normal(0, 0.004) * height, b.uniform(0.003, 0.012) * height
    b.add(
        SMOKE,
        (x, y, z),
        (height * b.uniform(0.2, 0.45), height, 0.1),
        group=b.group(),
        texture=0,
        tint=np.full(3, tone),
        velocity=(sideways, up),
        opacity=b.uniform(0.6, 1.0),
        turn=b.rng.normal(0, 0.3),
    )
