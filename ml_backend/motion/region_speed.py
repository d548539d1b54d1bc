"""Speed as a knob: of everything that moves, and of single regions, told by a place inside each."""

from collections.abc import Sequence

import numpy as np

from ml_backend.motion.arrows import nearest_moving_place
from ml_backend.motion.regions import Regions
from ml_backend.structures import RegionSpeed


def speed_of_regions(regions: Regions, speed: float, places: Sequence[RegionSpeed]) -> np.ndarray:
    """What the motion of each region is multiplied with, (n,); the last of several places in a region counts."""
    factors = np.full(regions.count, float(speed))
    for region, place in zip(regions_at(regions, places), places, strict=True):
        if region is not None:
            factors[region] = speed * place.speed
    return factors


def regions_at(regions: Regions, places: Sequence[RegionSpeed]) -> list[int | None]:
    """The region that each place is in, or just beside; None where nothing moves there."""
    found = []
    for place in places:
        pixel = nearest_moving_place(np.array([place.x, place.y]), regions.labels)
        found.append(None if pixel is None else int(regions.labels[int(pixel[1]), int(pixel[0])]) - 1)
    return found


def apply_speed(flow: np.ndarray, regions: Regions, factors: np.ndarray) -> None:
    """Multiply a flow (H, W, 2) in place."""
    if (factors != 1.0).any():
        flow *= np.concatenate([[1.0], factors]).astype(flow.dtype)[regions.labels][..., None]
