"""Textures made of noise, by what they look like. All tile, (S, S, 3) uint8."""

from collections.abc import Callable, Sequence

import numpy as np

from ml_backend.training.worlds.noise import fractal_stretched, fractal_tile
from ml_backend.training.worlds.sampling import TEXTURE_SIZE as SIZE

Maker = Callable[[np.random.Generator], np.ndarray]
Color = Sequence[float]


def _color(rng: np.random.Generator, *choices: Color, spread: float = 14.0) -> np.ndarray:
    """One of some colours, varied."""
    base = np.asarray(choices[rng.integers(len(choices))], float)
    return base * rng.uniform(0.8, 1.15) + rng.normal(0, spread, 3)


def _blend(weight: np.ndarray, first: np.ndarray, second: np.ndarray, grain: np.ndarray) -> np.ndarray:
    w = np.clip(weight, 0, 1)[..., None]
    return np.clip(first * (1 - w) + second * w + grain[..., None], 0, 255).astype(np.uint8)


def _mottled(rng: np.random.Generator, first: np.ndarray, second: np.ndarray, roughness: float) -> np.ndarray:
    base = fractal_tile(rng, SIZE, roughness)
    grain = fractal_tile(rng, SIZE, 0.3, lowest=2) * rng.uniform(3, 12)
    return _blend(0.5 + 0.35 * base, first, second, grain)


def rock(rng: np.random.Generator) -> np.ndarray:
    """Grey to ochre stone with cracks."""
    first, second = (
        _color(rng, (140, 132, 120), (110, 108, 105), (165, 140, 105)),
        _color(rng, (70, 66, 62), (95, 78, 60)),
    )
    ridges = 1 - np.abs(fractal_stretched(rng, SIZE, rng.uniform(0.9, 1.8), rng.uniform(0.4, 1.5)))
    return _blend(
        0.25 + 0.6 * (ridges > 0.75) * (ridges - 0.5) + 0.25 * fractal_tile(rng, SIZE, 1.2),
        first,
        second,
        fractal_tile(rng, SIZE, 0.4) * rng.uniform(4, 14),
    )


def grass(rng: np.random.Generator) -> np.ndarray:
    """Meadow, from green to dry."""
    first, second = (
        _color(rng, (92, 110, 48), (120, 118, 62), (70, 92, 45), (150, 135, 85)),
        _color(rng, (50, 66, 30), (82, 78, 42)),
    )
    return _blend(
        0.5 + 0.3 * fractal_tile(rng, SIZE, rng.uniform(0.2, 1.0), lowest=2),
        first,
        second,
        fractal_tile(rng, SIZE, 0.0) * rng.uniform(6, 18),
    )


def leaves(rng: np.random.Generator) -> np.ndarray:
    """Foliage with lit and dark clumps."""
    first = _color(rng, (84, 104, 46), (108, 122, 58), (60, 84, 50), (150, 110, 50), (140, 80, 45))
    clumps = fractal_tile(rng, SIZE, rng.uniform(0.2, 0.9), lowest=5)
    return _blend(0.55 - 0.4 * clumps, first, first * rng.uniform(0.2, 0.45), fractal_tile(rng, SIZE, 0.0) * 12)


def bark(rng: np.random.Generator) -> np.ndarray:
    """Wood with grain along y."""
    first, second = _color(rng, (105, 84, 62), (130, 118, 104), (150, 110, 70)), _color(rng, (48, 38, 30), (66, 56, 48))
    return _blend(
        0.5 + 0.35 * fractal_stretched(rng, SIZE, 0.8, rng.uniform(4, 14)),
        first,
        second,
        fractal_tile(rng, SIZE, 0.3) * 6,
    )


def sand(rng: np.random.Generator) -> np.ndarray:
    """Sand, gravel, earth, asphalt."""
    first = _color(rng, (190, 170, 135), (150, 132, 108), (110, 108, 106), (120, 95, 70))
    return _mottled(rng, first, first * rng.uniform(0.6, 0.85), rng.uniform(0.1, 1.4))


def plaster(rng: np.random.Generator) -> np.ndarray:
    """Painted walls, many of them white."""
    first = _color(
        rng, (238, 236, 230), (246, 246, 246), (225, 214, 190), (205, 170, 130), (190, 195, 200), (180, 110, 90)
    )
    return _mottled(rng, first, first * rng.uniform(0.82, 0.97), rng.uniform(1.0, 2.4))


def white(rng: np.random.Generator) -> np.ndarray:
    """Nearly white: snow, sails, hulls, clouds' brightness on solid things."""
    first = np.full(3, rng.uniform(232, 252)) + rng.normal(0, 3, 3)
    return _mottled(rng, first, first * rng.uniform(0.85, 0.96), rng.uniform(0.8, 2.2))


def cloth(rng: np.random.Generator) -> np.ndarray:
    """Clothes: plain, striped, or checked; dark and dull more often than bright."""
    first = _color(
        rng,
        (40, 44, 60),
        (70, 70, 72),
        (150, 60, 50),
        (60, 80, 110),
        (200, 195, 185),
        (90, 85, 60),
        (25, 25, 28),
        spread=22,
    )
    second = (
        first * rng.uniform(0.55, 0.9) if rng.random() < 0.7 else _color(rng, (220, 220, 215), (160, 40, 40), spread=30)
    )
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    n = rng.integers(2, 20)
    kind = rng.integers(3)
    weight = 0.5 + 0.3 * fractal_tile(rng, SIZE, 1.8)
    if kind > 0:
        weight = (np.sin(2 * np.pi * n * y) > 0.2) * (1.0 if kind == 1 else 0.5) + (kind == 2) * 0.5 * (
            np.sin(2 * np.pi * n * x) > 0.2
        )
    return _blend(weight, first, second, fractal_tile(rng, SIZE, 0.5) * 6)


def skin(rng: np.random.Generator) -> np.ndarray:
    """Skin."""
    first = _color(rng, (224, 172, 140), (198, 140, 105), (140, 94, 68), (92, 60, 44), spread=6)
    return _mottled(rng, first, first * 0.85, 2.2)


def masonry(rng: np.random.Generator) -> np.ndarray:
    """Bricks, ashlar, tiles, planks."""
    height = int(rng.choice([8, 16, 32, 64]))
    width = min(height * int(rng.choice([1, 2, 4])), 128)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    row = y // height
    x = (x + (row % 2) * (width // 2) * rng.integers(2)) % SIZE
    shade = rng.random((64, 64))[row % 64, (x // width) % 64]
    gap = max(1, height // int(rng.integers(8, 16)))
    first = _color(rng, (160, 88, 66), (182, 160, 130), (140, 138, 132), (120, 86, 56), (208, 202, 192))
    second = first * rng.uniform(0.5, 0.8)
    mortar = _color(rng, (190, 184, 174), (70, 66, 62))
    joint = ((y % height < gap) | (x % width < gap)).astype(np.float32)[..., None]
    picture = _blend(
        shade * rng.uniform(0.3, 1) + 0.15 * fractal_tile(rng, SIZE, 1.0),
        first,
        second,
        fractal_tile(rng, SIZE, 0.4) * 6,
    )
    return np.clip(picture * (1 - joint) + mortar * joint, 0, 255).astype(np.uint8)


def facade(rng: np.random.Generator) -> np.ndarray:
    """A house front: a grid of windows in a wall."""
    nx, ny = int(rng.choice([2, 4, 8])), int(rng.choice([2, 4, 8]))
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    u, v = x * nx % 1, y * ny % 1
    w, h = rng.uniform(0.15, 0.36), rng.uniform(0.2, 0.38)
    frame = (np.abs(u - 0.5) < w + 0.04) & (np.abs(v - 0.5) < h + 0.04)
    glass = (np.abs(u - 0.5) < w) & (np.abs(v - 0.5) < h) & (np.abs(u - 0.5) > 0.015)
    wall = masonry(rng) if rng.random() < 0.25 else plaster(rng)
    pane = (
        _color(rng, (40, 48, 58), (70, 84, 100), (25, 25, 28))
        * (0.7 + 0.5 * rng.random((16, 16)))[(y * ny).astype(int), (x * nx).astype(int)][..., None]
    )
    picture = np.where(frame[..., None], _color(rng, (235, 235, 230), (90, 70, 55), (60, 60, 60)), wall)
    return np.clip(np.where(glass[..., None], pane, picture), 0, 255).astype(np.uint8)


def water(rng: np.random.Generator) -> np.ndarray:
    """The body of water: dark greens, blues, and browns."""
    first = _color(rng, (60, 92, 98), (44, 70, 92), (80, 92, 70), (96, 84, 60), (70, 130, 140))
    return _mottled(rng, first, first * rng.uniform(0.5, 0.85), rng.uniform(0.6, 1.8))


def foam(rng: np.random.Generator) -> np.ndarray:
    """White lace; how white decides how early it appears."""
    cells = 1 - np.abs(fractal_stretched(rng, SIZE, rng.uniform(0.8, 1.6), rng.uniform(0.6, 1.6)))
    fine = fractal_tile(rng, SIZE, 0.5)
    value = np.clip(128 + 60 * cells + 30 * fine, 0, 255)
    return np.repeat(value[..., None], 3, 2).astype(np.uint8)


def fall(rng: np.random.Generator) -> np.ndarray:
    """Falling water: long streaks from white to the grey-blue of thin water."""
    streaks = fractal_stretched(rng, SIZE, rng.uniform(0.5, 1.2), rng.uniform(4, 12))
    broken = fractal_stretched(rng, SIZE, 0.4, rng.uniform(1.5, 4))
    thin = _color(rng, (150, 160, 165), (120, 128, 130), (170, 178, 180), spread=8)
    return _blend(
        0.45 - 0.35 * streaks - 0.15 * broken, np.array([250.0, 251.0, 253.0]), thin, fractal_tile(rng, SIZE, 0.2) * 5
    )


def roof(rng: np.random.Generator) -> np.ndarray:
    """Tiles, slate, thatch."""
    y = np.mgrid[0:SIZE, 0:SIZE][0]
    first = _color(rng, (150, 76, 54), (90, 88, 92), (120, 100, 70), (170, 100, 70))
    rows = int(rng.choice([8, 16, 32]))
    return _blend(
        0.5 * (y * rows / SIZE % 1) + 0.2 * fractal_tile(rng, SIZE, 0.8),
        first,
        first * 0.5,
        fractal_tile(rng, SIZE, 0.3) * 8,
    )


def marble(rng: np.random.Generator) -> np.ndarray:
    """Anything patterned: stripes bent by noise in any colours."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    wave = np.sin(
        2 * np.pi * (rng.integers(1, 14) * y + rng.integers(0, 5) * x)
        + fractal_tile(rng, SIZE, 1.8) * rng.uniform(0.3, 3)
    )
    first, second = rng.uniform(30, 225, 3) * 0.4 + rng.uniform(30, 225) * 0.6, rng.uniform(30, 225)
    return _blend(0.5 + 0.5 * wave, first, np.full(3, second), fractal_tile(rng, SIZE, 0.6) * rng.uniform(2, 14))


FAMILIES: dict[str, Maker] = {
    "rock": rock, "grass": grass, "leaves": leaves, "bark": bark, "sand": sand, "plaster": plaster, "white": white,
    "cloth": cloth, "skin": skin, "masonry": masonry, "facade": facade, "water": water, "foam": foam, "fall": fall,
    "roof": roof, "marble": marble,
}  # fmt: skip
