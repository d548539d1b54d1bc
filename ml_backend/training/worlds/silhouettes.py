"""Silhouettes of flat things: trees, people far away, fences, poles, sails, arches. (m, m) uint8, row 0 on top."""

import math
from collections.abc import Callable

import cv2
import numpy as np

from ml_backend.training.worlds.noise import fractal_tile

SIZE = 128
_COPIES = 8  # of each family
Maker = Callable[[np.random.Generator], np.ndarray]


def make_silhouettes(rng: np.random.Generator) -> tuple[np.ndarray, dict[str, range]]:
    """All silhouettes (M, m, m), and which of them show what."""
    pictures = [maker(rng) for maker in FAMILIES.values() for _ in range(_COPIES)]
    ranges = {name: range(i * _COPIES, (i + 1) * _COPIES) for i, name in enumerate(FAMILIES)}
    return np.ascontiguousarray(np.stack(pictures)), ranges


def _grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    return x, y


def _filled(inside: np.ndarray) -> np.ndarray:
    return inside.astype(np.uint8) * 255


def _tree(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    c, noise = rng.uniform(0.3, 0.45), fractal_tile(rng, SIZE, rng.uniform(0.8, 1.8))
    crown = ((x - 0.5) / rng.uniform(0.3, 0.48)) ** 2 + ((y - c) / (c * 0.95)) ** 2
    trunk = (np.abs(x - 0.5) < rng.uniform(0.01, 0.05)) & (y > c)
    return _filled((crown + noise * rng.uniform(0.15, 0.5) < 1) | trunk)


def _conifer(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    width = y * rng.uniform(0.2, 0.4) * (1 + 0.35 * ((y * rng.integers(5, 10)) % 1))
    noise = fractal_tile(rng, SIZE, 0.8)
    return _filled(np.abs(x - 0.5) + noise * 0.03 < width * (y < 0.95) + 0.012)


def _bare(rng: np.random.Generator) -> np.ndarray:
    picture = np.zeros((SIZE, SIZE), np.uint8)

    def branch(x: float, y: float, angle: float, length: float, width: float, left: int) -> None:
        x2, y2 = x + length * math.cos(angle), y - length * math.sin(angle)
        ends = [(int(a * 16), int(b * 16)) for a, b in ((x, y), (x2, y2))]
        cv2.line(picture, ends[0], ends[1], 255, max(1, int(width)), cv2.LINE_AA, 4)
        for _ in range(rng.integers(2, 4) if left else 0):
            branch(x2, y2, angle + rng.normal(0, 0.5), length * rng.uniform(0.6, 0.85), width * 0.65, left - 1)

    branch(SIZE / 2, SIZE - 1, math.pi / 2 + rng.normal(0, 0.1), SIZE * rng.uniform(0.2, 0.3), rng.uniform(3, 7), 5)
    return picture


def _palm(rng: np.random.Generator) -> np.ndarray:
    picture = np.zeros((SIZE, SIZE), np.uint8)
    top = np.array([SIZE * rng.uniform(0.4, 0.6), SIZE * 0.3])
    cv2.line(picture, (SIZE // 2, SIZE - 1), (int(top[0]), int(top[1])), 255, 3, cv2.LINE_AA)
    for angle in np.linspace(-0.4, math.pi + 0.4, rng.integers(7, 12)) + rng.normal(0, 0.1):
        t = np.linspace(0, 1, 12)
        droop = 0.3 * t**2 * SIZE
        x = top[0] + np.cos(angle) * t * SIZE * 0.42
        y = top[1] - np.sin(angle) * t * SIZE * 0.25 + droop
        cv2.polylines(picture, [np.stack([x, y], 1).astype(np.int32)], False, 255, 2, cv2.LINE_AA)
    return picture


def _person(rng: np.random.Generator) -> np.ndarray:
    picture = np.zeros((SIZE, SIZE), np.uint8)
    w = rng.uniform(0.09, 0.15)

    def ellipse(x: float, y: float, a: float, b: float, turn: float = 0.0) -> None:
        axes = (max(1, int(a * SIZE)), max(1, int(b * SIZE)))
        cv2.ellipse(picture, (int(x * SIZE), int(y * SIZE)), axes, turn, 0, 360, 255, -1, cv2.LINE_AA)

    ellipse(0.5, 0.1, 0.06, 0.08)
    ellipse(0.5, 0.36, w, 0.22)
    for side in (-1, 1):
        ellipse(0.5 + side * w * 0.5, 0.75, w * 0.45, 0.27, rng.normal(0, 5))
        ellipse(0.5 + side * w * 1.1, 0.4, 0.035, 0.2, rng.normal(0, 15))
    return picture


def _fence(rng: np.random.Generator) -> np.ndarray:
    picture = np.zeros((SIZE, SIZE), np.uint8)
    step, width = rng.integers(6, 24), rng.integers(1, 4)
    for offset in range(width):
        picture[:, offset::step] = 255
    for y in rng.integers(0, SIZE - 4, rng.integers(1, 4)):
        picture[y : y + rng.integers(2, 6)] = 255
    return picture


def _bush(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    noise = fractal_tile(rng, SIZE, rng.uniform(0.8, 1.8))
    dome = np.clip(0.9 - ((x - 0.5) / 0.5) ** 2, 0, 1)
    return _filled(1 - y < dome * (0.7 + 0.3 * noise[5][None, :].clip(-1, 1)) + 0.05 * noise)


def _reeds(rng: np.random.Generator) -> np.ndarray:
    picture = np.zeros((SIZE, SIZE), np.uint8)
    for _ in range(rng.integers(15, 60)):
        x, lean = rng.uniform(0.05, 0.95) * SIZE, rng.normal(0, 0.12) * SIZE
        y = SIZE * rng.uniform(0.05, 0.6)
        points = [(x, SIZE - 1), (x + 0.3 * lean, (SIZE + y) / 2), (x + lean, y)]
        cv2.polylines(picture, [np.array(points, np.int32)], False, 255, rng.integers(1, 3), cv2.LINE_AA)
    return picture


def _pole(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    w = rng.uniform(0.01, 0.03)
    inside = np.abs(x - 0.5) < w
    for _ in range(rng.integers(0, 4)):
        inside |= (np.abs(y - rng.uniform(0.02, 0.5)) < w * 0.8) & (np.abs(x - 0.5) < rng.uniform(0.1, 0.45))
    return _filled(inside)


def _blob(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    noise = fractal_tile(rng, SIZE, rng.uniform(0.8, 1.8))
    return _filled(((x - 0.5) / 0.48) ** 2 + ((y - 0.55) / 0.44) ** 2 + 0.35 * noise < 1)


def _sail(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    mast = rng.uniform(0.35, 0.6)
    main = (x > mast) & ((x - mast) / (0.98 - mast) < y * (0.9 + 0.1 * np.sin(3 * y))) & (y < 0.97)
    jib = (x < mast - 0.02) & ((mast - x) / mast < (y - 0.15) * 1.1) & (y < 0.95) & (rng.random() < 0.7)
    return _filled(main | jib | (np.abs(x - mast) < 0.01))


def _arches(rng: np.random.Generator) -> np.ndarray:
    x, y = _grid()
    n, top = rng.integers(1, 5), rng.uniform(0.2, 0.45)
    u = (x * n) % 1
    hole = (y > 1 - (1 - top) * np.sqrt(np.clip(1 - ((u - 0.5) / rng.uniform(0.34, 0.46)) ** 2, 0, 1))) & (
        np.abs(u - 0.5) < 0.46
    )
    return _filled(~hole)


def _ragged(rng: np.random.Generator) -> np.ndarray:
    """The outline of a sheet of falling water."""
    x, y = _grid()
    edge = fractal_tile(rng, SIZE, 1.8)
    left, right = 0.1 + 0.04 * edge[:, 3:4], 0.9 + 0.04 * edge[:, 60:61]
    spread = rng.uniform(0.0, 0.1) * (y - 1)
    holes = fractal_tile(rng, SIZE, 1.6) > rng.uniform(1.8, 3.5)
    return _filled((x > left - spread) & (x < right + spread) & ~(holes & (y > 0.2)))


FAMILIES: dict[str, Maker] = {
    "tree": _tree, "broad tree": _tree, "conifer": _conifer, "bare": _bare, "palm": _palm, "person": _person,
    "fence": _fence, "bush": _bush, "reeds": _reeds, "pole": _pole, "blob": _blob, "sail": _sail,
    "arches": _arches, "ragged": _ragged,
}  # fmt: skip
