"""Things of many shapes and looks that are set into views of worlds: whatever breaks the ground stands up from it.

Worlds have boats and people, but few of each; photos have everything. So heaps of simple shapes, filled with pieces of
photos or plain colours, stand somewhere on the ground or the water, at the depth of the place where they stand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from ml_backend.training.stage import Batch
from ml_backend.training.worlds.pixels import SURFACE_WATER
from ml_backend.training.worlds.textures import read_reduced

_PHOTO_SIDE = 256  # px; pieces of photos are seen small
_STREAM = 11  # apart from the random numbers that choose the view
_FEW, _MANY = 3, 12  # things at most; photos of rooms and tables are full of them
_CLUTTERED = 0.3  # share of views with many
_HEIGHT = (0.06, 0.8)  # of the picture's
_SMALL_HEIGHT = (0.05, 0.4)  # where there are many
_WIDTH = (0.15, 3.0)  # of their height: from poles to boats
_MOST_PARTS = 6
_FINE = 2  # drawn so many times larger, for smooth edges
_PLAIN = 0.4  # share of parts without a piece of a photo
_HIDDEN = 0.4  # share of things of the colour of what is behind them: white hulls on bright seas, roofs before the sky
_LIKENESS = (0.6, 1.0)  # how far their mean colour is that of what they hide
_SHADE = 0.5  # of a reflection in water, at most


class ViewsWithThings(Dataset[Batch]):
    """Views as `datasets.views` gives them, a share of them with things set into them.

    Args:
        photos: files; read when the first view is asked for.

    Raises:
        BadInput: a photo cannot be read.
    """

    def __init__(self, views: Dataset[Batch], photos: Sequence[Path], *, seed: int, share: float) -> None:
        self._views, self._paths, self._seed, self._share = views, photos, seed, share
        self._photos: list[np.ndarray] | None = None

    def __getitem__(self, index: int) -> Batch:
        view = self._views[index]
        rng = np.random.default_rng((self._seed, index, _STREAM))
        if rng.random() >= self._share:
            return view
        if self._photos is None:
            self._photos = [read_reduced(path, _PHOTO_SIDE) for path in self._paths]
        color = view["color"].permute(1, 2, 0).numpy()
        depth, sky, surface = (view[name][0].numpy() for name in ("depth", "sky", "surface"))
        made = paste_things(Ground(color, depth, sky, surface), self._photos, rng)
        pasted = {
            "color": torch.from_numpy(made.color).permute(2, 0, 1).contiguous(),
            "depth": torch.from_numpy(made.depth)[None],
            "sky": torch.from_numpy(made.sky)[None],
        }
        return view | pasted


@dataclass(frozen=True, slots=True)
class Ground:
    """A view of a world: color (H, W, 3) in [0, 1], depth (H, W), sky (H, W) bool, surface (H, W) int."""

    color: np.ndarray
    depth: np.ndarray
    sky: np.ndarray
    surface: np.ndarray


def paste_things(view: Ground, photos: Sequence[np.ndarray], rng: np.random.Generator) -> Ground:
    """The view with some things in it, behind what is nearer.

    Args:
        photos: (h, w, 3) uint8, whose pieces are what the things show; none gives plain colours.
    """
    color, depth, sky = view.color.copy(), view.depth.copy(), view.sky.copy()
    height, width = depth.shape
    feet = np.argwhere(~view.sky)
    most, heights = (_MANY, _SMALL_HEIGHT) if rng.random() < _CLUTTERED else (_FEW, _HEIGHT)
    for _ in range(rng.integers(1, most + 1) if len(feet) else 0):
        row, column = feet[rng.integers(len(feet))]
        high = round(height * math.exp(rng.uniform(*np.log(heights))))
        wide = max(2, round(high * math.exp(rng.uniform(*np.log(_WIDTH)))))
        look, cover = _thing(max(3, high), wide, photos, rng)
        top, left = row - len(cover) + 1, column - wide // 2
        place, part = _overlap(top, left, cover.shape, (height, width))
        alpha = cover[part] * (depth[row, column] < 1.02 * depth[place])
        if rng.random() < _HIDDEN:
            look = _tinted(look, part, color[place], alpha, rng.uniform(*_LIKENESS))
        if view.surface[row, column] == SURFACE_WATER:
            _mirror(color, view.surface, look, cover, corner=(row + 1, left), strength=float(rng.uniform(0.1, _SHADE)))
        color[place] += alpha[..., None] * (look[part] - color[place])
        stands = alpha > 0.5
        depth[place] = np.where(stands, depth[row, column], depth[place])
        sky[place] &= ~stands
    return Ground(color, depth, sky, view.surface)


def _thing(
    high: int, wide: int, photos: Sequence[np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Colours (high, wide, 3) and coverage (high, wide) of a heap of shapes; its lowest one reaches the bottom."""
    look, cover = np.zeros((high, wide, 3), np.float32), np.zeros((high, wide), np.float32)
    for number in range(rng.integers(1, _MOST_PARTS + 1)):
        shape = np.zeros((high * _FINE, wide * _FINE), np.uint8)
        tall, broad = rng.uniform(0.15, 1.0), rng.uniform(0.1, 1.0)
        foot = 1.0 if number == 0 else rng.uniform(tall, 1.0)
        middle = 0.5 if number == 0 else rng.uniform(0.2, 0.8)
        _draw(shape, (middle - broad / 2, foot - tall, middle + broad / 2, foot), rng)
        alpha = cv2.resize(shape, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        look += alpha[..., None] * (_fill(high, wide, photos, rng) - look)
        cover = np.maximum(cover, alpha)
    return look, cover


def _draw(shape: np.ndarray, box: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """One simple shape in a box given in shares of the picture."""
    height, width = shape.shape
    left, top, right, bottom = (round(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
    kind = rng.integers(5)
    if kind == 0:
        cv2.rectangle(shape, (left, top), (right, bottom), 255, -1)
    elif kind == 1:
        axes = (max(1, (right - left) // 2), max(1, (bottom - top) // 2))
        cv2.ellipse(shape, ((left + right) // 2, (top + bottom) // 2), axes, 0, 0, 360, 255, -1)
    elif kind == 2:
        tip = left + round((right - left) * rng.uniform(0, 1))
        cv2.fillPoly(shape, [np.array([(left, bottom), (right, bottom), (tip, top)], np.int32)], 255)
    elif kind == 3:
        corners = rng.uniform(0, 1, (rng.integers(4, 8), 2)) * (right - left, bottom - top) + (left, top)
        cv2.fillPoly(shape, [cv2.convexHull(corners.astype(np.int32))], 255)
    else:
        x = round((left + right) / 2)
        cv2.line(shape, (x, bottom), (x + round(0.1 * rng.normal() * width), top), 255, int(rng.integers(1, 5)))


def _fill(high: int, wide: int, photos: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Colours (high, wide, 3): a piece of a photo or one colour, a little lighter on one side."""
    if len(photos) == 0 or rng.random() < _PLAIN:
        grey = rng.uniform(0.02, 1.0)
        plain = grey + rng.normal(0, 0.12, 3) + rng.normal(0, 0.02, (high, wide, 1))
        filled = plain.astype(np.float32)
    else:
        photo = photos[rng.integers(len(photos))]
        size = rng.uniform(0.15, 0.9)
        h, w = max(2, round(photo.shape[0] * size)), max(2, round(photo.shape[1] * size))
        top, left = rng.integers(0, photo.shape[0] - h + 1), rng.integers(0, photo.shape[1] - w + 1)
        piece = cv2.resize(photo[top : top + h, left : left + w], (wide, high), interpolation=cv2.INTER_AREA)
        filled = piece.astype(np.float32) * (rng.uniform(0.6, 1.3) / 255)
    side = np.linspace(-1, 1, wide, dtype=np.float32)[:, None] * rng.uniform(-0.25, 0.25)
    return (filled * (1 + side)).clip(0, 1).astype(np.float32)


def _tinted(
    look: np.ndarray, part: tuple[slice, slice], behind: np.ndarray, alpha: np.ndarray, likeness: float
) -> np.ndarray:
    """The look moved so far towards the mean colour of what it hides, behind, that only texture and edges tell them."""
    weight = alpha[..., None] / max(float(alpha.sum()), 1e-6)
    missing = ((behind - look[part]) * weight).sum(axis=(0, 1))
    return (look + likeness * missing).clip(0, 1).astype(np.float32)


def _mirror(
    color: np.ndarray,
    surface: np.ndarray,
    look: np.ndarray,
    cover: np.ndarray,
    *,
    corner: tuple[int, int],
    strength: float,
) -> None:
    """What water shows of a thing that stands in it, into color; corner: row and column of its top left."""
    place, part = _overlap(*corner, cover.shape, color.shape[:2])
    fade = np.linspace(strength, 0, len(cover), dtype=np.float32)[:, None] * cover[::-1]
    alpha = fade[part] * (surface[place] == SURFACE_WATER)
    color[place] += alpha[..., None] * (look[::-1][part] - color[place])


def _overlap(
    top: int, left: int, size: tuple[int, ...], picture: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a thing lies in the picture, and which part of the thing that is."""
    first = [max(0, top), max(0, left)]
    last = [max(f, min(p, o + s)) for f, p, o, s in zip(first, picture, (top, left), size, strict=True)]
    place = tuple(slice(f, e) for f, e in zip(first, last, strict=True))
    part = tuple(slice(f - o, e - o) for f, e, o in zip(first, last, (top, left), strict=True))
    return (place[0], place[1]), (part[0], part[1])
