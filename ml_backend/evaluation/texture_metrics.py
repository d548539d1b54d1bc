"""Whether a fluid looks like the fluid of the photo, whatever its waves are doing: contrast, and statistics of patches.

PSNR rewards a blur and a double exposure; these do not. Convention: pictures are (H, W, 3) float32 sRGB in [0, 1], a
region is (H, W) bool.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml_backend.evaluation.image_metrics import LUMA, gradient_energy

_SIDE = 5  # of a patch
_MOST_PATCHES = 4096
_LEAST_PATCHES = 64
_DIRECTIONS = 64
_QUANTILES = 256
_LEAST_ENERGY = 1e-8
_COMPARED_FRAMES = 12  # of a strip, whose patches are compared


@dataclass(frozen=True, slots=True)
class TextureMeasures:
    """Of the fluid in one strip; None where there is none.

    least_sharpness, most_sharpness: over the frames, with the photo's as 1. patch_distance: mean over the frames.
    """

    least_sharpness: float | None
    most_sharpness: float | None
    patch_distance: float | None


def measure_texture(strip: Mapping[int, np.ndarray], photo: np.ndarray, fluid: np.ndarray) -> TextureMeasures:
    """Measures of a strip: frames of a loop by number, seen by the photo's own camera. `fluid` is (H, W) bool."""
    times = sorted(strip)
    sharpness = [s for t in times if (s := relative_sharpness(strip[t], photo, fluid)) is not None]
    compared = times[:: max(1, len(times) // _COMPARED_FRAMES)]
    distances = [d for t in compared if (d := patch_distance(strip[t], fluid, photo, fluid)) is not None]
    return TextureMeasures(
        least_sharpness=min(sharpness, default=None),
        most_sharpness=max(sharpness, default=None),
        patch_distance=float(np.mean(distances)) if distances else None,
    )


def relative_sharpness(picture: np.ndarray, photo: np.ndarray, region: np.ndarray) -> float | None:
    """Root mean square gradient of a region over the photo's there: below 1 is blurred or a double exposure."""
    found, wanted = gradient_energy(picture, region), gradient_energy(photo, region)
    if found is None or wanted is None or wanted < _LEAST_ENERGY:
        return None
    return float(np.sqrt(found / wanted))


def patch_distance(
    picture: np.ndarray, region: np.ndarray, photo: np.ndarray, photo_region: np.ndarray
) -> float | None:
    """Sliced Wasserstein distance of the patches of gradients of two regions, over the photo's mean gradient there.

    Patches are 5 x 5 of both derivatives of luma. Each of 64 fixed directions in their space gives two distributions of
    numbers; the distance is the mean difference of their quantiles (Rabin et al. 2011). 0 is the same texture. None
    where a region holds no more than a few whole patches, or the photo has no texture.
    """
    own, wanted = _patches(picture, region), _patches(photo, photo_region)
    if min(len(own), len(wanted)) < _LEAST_PATCHES:
        return None
    scale = float(np.abs(wanted).mean())
    if scale**2 < _LEAST_ENERGY:
        return None
    directions = np.random.default_rng(0).normal(size=(own.shape[1], _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    shares = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    first, second = (np.quantile(patches @ directions, shares, axis=0) for patches in (own, wanted))
    return float(np.abs(first - second).mean()) / scale


def _patches(picture: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Patches (N, 2 * 25) that lie in the region, at most 4096 of them at even distances."""
    down, right = np.gradient((picture @ LUMA).astype(np.float64))
    windows = np.lib.stride_tricks.sliding_window_view
    inside = windows(region, (_SIDE, _SIDE)).all(axis=(-2, -1))
    rows, cols = np.nonzero(inside)
    step = max(1, -(-len(rows) // _MOST_PATCHES))
    rows, cols = rows[::step], cols[::step]
    parts = [windows(slope, (_SIDE, _SIDE))[rows, cols].reshape(len(rows), _SIDE**2) for slope in (down, right)]
    return np.concatenate(parts, axis=1)
