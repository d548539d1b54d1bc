"""A picture of our own to tour with: a lake before hills, and the mask of its water."""

from pathlib import Path

import bpy
import numpy as np

_WIDTH, _HEIGHT = 480, 320


def paint_lake(folder: Path) -> tuple[Path, Path]:
    """Write `lake.png` and `lake_mask.png`; their paths."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH] / np.array([_HEIGHT, _WIDTH]).reshape(2, 1, 1)
    rng = np.random.default_rng(1)
    hills = 0.42 - 0.1 * np.sin(3 * x + 0.5) ** 2 - 0.05 * np.sin(11 * x)
    sky = np.stack([0.55 + 0.4 * y, 0.65 + 0.2 * y, 0.9 - 0.3 * y], -1)
    hill = np.array([0.2, 0.3, 0.22]) * (0.8 + 0.4 * rng.random((_HEIGHT, _WIDTH, 1)))
    waves = np.sin(60 * np.sqrt(np.maximum(y - 0.45, 0)) + 3 * np.sin(9 * x)) * np.sin(40 * x + 7 * np.sin(23 * y))
    water = np.array([0.3, 0.45, 0.6]) + 0.14 * waves[..., None] + 0.05 * rng.random((_HEIGHT, _WIDTH, 1))
    is_water = y > 0.5
    picture = np.where(is_water[..., None], water, np.where((y > hills)[..., None], hill, sky))
    photo, mask = folder / "lake.png", folder / "lake_mask.png"
    _save(np.clip(picture, 0, 1), photo)
    _save(np.repeat(is_water[..., None], 3, axis=-1).astype(np.float64), mask)
    return photo, mask


def _save(pixels: np.ndarray, path: Path) -> None:
    image = bpy.data.images.new(path.stem, pixels.shape[1], pixels.shape[0])
    rgba = np.ones((*pixels.shape[:2], 4), np.float32)
    rgba[..., :3] = pixels[::-1]
    image.pixels.foreach_set(rgba.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
