"""Slow, obvious twin of rendering/splatting.py: one pixel after the other, lists instead of buffers, float64."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SURFACE_GAIN = 1.25


@dataclass(frozen=True)
class Hit:
    """One point over one pixel, sorted by z, then by index."""

    z: float
    index: int
    alpha: float


def splat_slowly(
    pixels: np.ndarray,
    z: np.ndarray,
    radii: np.ndarray,
    features: np.ndarray,
    *,
    size: tuple[int, int],
    nearest: int,
    surface_gap: float,
    sheet_gap: float = 0.0,
    trust: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied features (H, W, C) and alpha (H, W) of points (N, 2) in pixels; `size` is (H, W)."""
    height, width = size
    out = np.zeros((height, width, features.shape[1]))
    alpha = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            hits = _hits(column + 0.5, row + 0.5, pixels, z, radii)[:nearest]
            weights = _weights(hits, surface_gap)
            if trust is not None:
                weights = _shared(hits, weights, (surface_gap, sheet_gap), trust)
            for hit, weight in zip(hits, weights, strict=True):
                out[row, column] += weight * features[hit.index]
                alpha[row, column] += weight
    return out, alpha


def _hits(x: float, y: float, pixels: np.ndarray, z: np.ndarray, radii: np.ndarray) -> list[Hit]:
    found = []
    for i in range(len(z)):
        distance2 = (pixels[i, 0] - x) ** 2 + (pixels[i, 1] - y) ** 2
        if z[i] > 0 and distance2 < radii[i] ** 2:
            found.append(Hit(float(np.float32(z[i])), i, 1 - distance2 / radii[i] ** 2))
    return sorted(found, key=lambda hit: (hit.z, hit.index))


def _weights(hits: Sequence[Hit], surface_gap: float) -> list[float]:
    """Surface by surface: 'over' inside a surface; what lies behind sees it with a little more than its coverage."""
    weights: list[float] = []
    seen_through = 1.0
    surfaces = _surfaces(hits, surface_gap)
    for number, surface in enumerate(surfaces):
        own, through = [], 1.0
        for hit in surface:
            own.append(through * hit.alpha)
            through *= 1 - hit.alpha
        coverage = sum(own)
        is_last = number == len(surfaces) - 1
        gain = 1.0 if is_last else min(SURFACE_GAIN, 1 / coverage)
        weights += [seen_through * gain * w for w in own]
        seen_through *= 1 - gain * coverage
    return weights


def _shared(hits: Sequence[Hit], weights: list[float], gaps: tuple[float, float], trust: np.ndarray) -> list[float]:
    """Sheet by sheet: the weight of the whole sheet, by alpha times trust; no sheet leaves its surface."""
    shared: list[float] = []
    for sheet in [sheet for surface in _surfaces(hits, gaps[0]) for sheet in _surfaces(surface, gaps[1])]:
        mass = sum(weights[len(shared) : len(shared) + len(sheet)])
        parts = [hit.alpha * trust[hit.index] for hit in sheet]
        shared += [mass * part / sum(parts) for part in parts]
    return shared


def _surfaces(hits: Sequence[Hit], surface_gap: float) -> list[list[Hit]]:
    surfaces: list[list[Hit]] = []
    for hit in hits:
        if surfaces and hit.z <= surfaces[-1][0].z * surface_gap:
            surfaces[-1].append(hit)
        else:
            surfaces.append([hit])
    return surfaces
