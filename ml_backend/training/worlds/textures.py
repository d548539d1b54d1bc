"""The material of worlds: textures with mip levels from photographs and from noise, silhouettes, and noise tiles."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from ml_backend.errors import BadInput
from ml_backend.training.worlds.noise import RELIEF_SIZE, fractal_tile
from ml_backend.training.worlds.procedural import FAMILIES
from ml_backend.training.worlds.sampling import TEXTURE_LEVELS, TEXTURE_SIZE
from ml_backend.training.worlds.silhouettes import make_silhouettes

PHOTO = "photo"
# Licences under which weights trained on a photo may be given away; "Unsplash licence" and the like are not among them.
STRICT_LICENCES = ("CC0", "Public domain", "Unrestricted usage (Kodak", "BSD-3", "CC-BY-")
_IMAGES = {".jpg", ".jpeg", ".png"}
_LONGEST_PX = 1600  # of a photo that patches are cut from
_ROUGHNESS = (1.6, 2.0, 2.4, 2.8)  # of the noise tiles


@dataclass(frozen=True, slots=True)
class Textures:
    """What all worlds of a process share; worlds of a seed are equal only with equal textures.

    texels (T, P, 3) uint8, all mip levels in a row; families: which textures show what, PHOTO for patches of photos;
    masks (M, m, m) uint8 and silhouettes: which masks show what; tiles (4, n, n) float32 noise.
    """

    texels: np.ndarray
    families: dict[str, range]
    masks: np.ndarray
    silhouettes: dict[str, range]
    tiles: np.ndarray


def load_textures(photos: Sequence[Path] = (), *, seed: int = 0, patches: int = 160, copies: int = 6) -> Textures:
    """Textures from photographs and from noise.

    Args:
        photos: image files; none is fine, then all is noise.
        patches: how many patches to cut from the photos.
        copies: how many textures of noise per family.

    Raises:
        BadInput: a photo cannot be read.
    """
    rng = np.random.default_rng(seed)
    pictures = [maker(rng) for maker in FAMILIES.values() for _ in range(copies)]
    families = {name: range(i * copies, (i + 1) * copies) for i, name in enumerate(FAMILIES)}
    families[PHOTO] = range(len(pictures), len(pictures) + (patches if photos else 0))
    pictures += _photo_patches(photos, patches, rng)
    masks, silhouettes = make_silhouettes(rng)
    tiles = np.stack([fractal_tile(rng, RELIEF_SIZE, roughness, lowest=2) for roughness in _ROUGHNESS]).copy("C")
    return Textures(_mip_levels(np.stack(pictures)), families, masks, silhouettes, tiles)


@lru_cache(maxsize=1)
def procedural_textures() -> Textures:
    """Textures that need no photo, the same in every process."""
    return load_textures()


def photos_in(folder: Path) -> list[Path]:
    """The images of a folder; of one with a MANIFEST.csv those whose licence lets weights be given away."""
    manifest = folder / "MANIFEST.csv"
    if manifest.is_file():
        return licensed_photos(manifest)
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _IMAGES)


def licensed_photos(manifest: Path, licences: Sequence[str] = STRICT_LICENCES) -> list[Path]:
    """The images that a MANIFEST.csv (columns file, licence) lists under one of these licences, by their beginning.

    Raises:
        BadInput: the file is missing or has no such columns.
    """
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        chosen = [row["file"] for row in rows if row["licence"].startswith(tuple(licences))]
    except (OSError, KeyError) as error:
        raise BadInput(
            f"{manifest} is not a list of photos.", hint="It needs the columns 'file' and 'licence'."
        ) from error
    return sorted(manifest.parent / name for name in chosen if Path(name).suffix.lower() in _IMAGES)


def _photo_patches(photos: Sequence[Path], patches: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Square patches; every photo gives its share, the image is opened once."""
    if not photos:
        return []
    counts = np.bincount(np.arange(patches) % len(photos), minlength=len(photos))
    found = []
    for path, count in zip(photos, counts, strict=True):
        if count:
            photo = read_reduced(path, _LONGEST_PX)
            found += [_patch(photo, rng) for _ in range(count)]
    return found


def read_reduced(path: Path, longest_px: int) -> np.ndarray:
    """A photo (H, W, 3) uint8 RGB whose long side has so many pixels at most. Raises BadInput."""
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if photo is None:
        raise BadInput(f"{path} cannot be read.", hint="Choose JPEG or PNG files.")
    scale = longest_px / max(photo.shape[:2])
    if scale < 1:
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return photo[..., ::-1]


def _patch(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    short = min(photo.shape[:2])
    side = min(max(int(short * rng.uniform(0.12, 0.6)), 96), short)
    y, x = rng.integers(0, photo.shape[0] - side + 1), rng.integers(0, photo.shape[1] - side + 1)
    mode = cv2.INTER_AREA if side > TEXTURE_SIZE else cv2.INTER_CUBIC
    patch = cv2.resize(photo[y : y + side, x : x + side], (TEXTURE_SIZE, TEXTURE_SIZE), interpolation=mode)
    patch = patch.astype(np.float32)
    if rng.random() < 0.6:  # without its large shapes it is a material and no picture
        low = cv2.GaussianBlur(patch, (0, 0), 40)
        patch += 0.85 * (low.mean((0, 1)) - low)
    return _tileable(patch)


def _tileable(patch: np.ndarray) -> np.ndarray:
    """Hide the patch's borders under its own middle, keeping the contrast where the two mix."""
    ramp = np.abs(np.linspace(-1, 1, TEXTURE_SIZE))
    distance = np.maximum(ramp[:, None], ramp[None, :])
    w = np.clip((1 - distance) / 0.25, 0, 1)[..., None]
    mean = patch.mean((0, 1))
    other = np.roll(patch, (TEXTURE_SIZE // 2, TEXTURE_SIZE // 2), (0, 1))
    mixed = mean + (w * (patch - mean) + (1 - w) * (other - mean)) / np.sqrt(w**2 + (1 - w) ** 2)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _mip_levels(base: np.ndarray) -> np.ndarray:
    """(T, S, S, 3) -> (T, P, 3): each level half the size of the one before."""
    levels = [base.reshape(len(base), -1, 3)]
    for _ in range(TEXTURE_LEVELS - 1):
        n = base.shape[1] // 2
        base = base.reshape(len(base), n, 2, n, 2, 3).mean((2, 4)).round().astype(np.uint8)
        levels.append(base.reshape(len(base), -1, 3))
    return np.ascontiguousarray(np.concatenate(levels, axis=1))
