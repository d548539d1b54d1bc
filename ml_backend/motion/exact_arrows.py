"""The last fraction of a pixel: a smooth field from a coarse grid, mended so that it meets its arrows exactly."""

import numpy as np

from ml_backend.motion.arrows import Arrows
from ml_backend.motion.regions import Regions


def meet_arrows(flow: np.ndarray, regions: Regions, arrows: Arrows, *, radius_px: float) -> None:
    """Add a smooth bump around each arrow's start, inside its region, so that the flow read there is the arrow's.

    Args:
        flow: (H, W, 2), changed in place.
        regions: of the mask.
        arrows: no two at the same place of a region.
        radius_px: where the bumps end.
    """
    for region in np.unique(arrows.regions):
        own = arrows.select(arrows.regions == region)
        found = np.stack([_read(flow, regions, int(region), start) for start in own.starts])
        apart = np.linalg.norm(own.starts[:, None] - own.starts[None], axis=2)
        heights = np.linalg.solve(_bump(apart / radius_px), own.vectors - found)  # (K, 2)
        for start, height in zip(own.starts, heights, strict=True):
            _add_bump(flow, regions, int(region), start, height=height, radius_px=radius_px)


def _add_bump(
    flow: np.ndarray, regions: Regions, region: int, start: np.ndarray, *, height: np.ndarray, radius_px: float
) -> None:
    rows, columns = _window(start, radius_px, flow.shape)
    y, x = np.mgrid[rows, columns] + 0.5
    bump = _bump(np.hypot(x - start[0], y - start[1]) / radius_px)
    inside = regions.labels[rows, columns] == region + 1
    flow[rows, columns] += (bump * inside)[..., None] * height


def _read(flow: np.ndarray, regions: Regions, region: int, start: np.ndarray) -> np.ndarray:
    """Bilinear among the pixels of a region."""
    rows, columns = _window(start, 1.0, flow.shape)
    y, x = np.mgrid[rows, columns] + 0.5
    near = (1 - np.abs(x - start[0])).clip(0) * (1 - np.abs(y - start[1])).clip(0)
    weight = near * (regions.labels[rows, columns] == region + 1)
    return (flow[rows, columns] * weight[..., None]).sum(axis=(0, 1)) / max(weight.sum(), 1e-9)


def _window(centre: np.ndarray, radius: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    low = np.floor(centre - radius - 0.5).astype(int).clip(0)
    high = np.ceil(centre + radius + 0.5).astype(int)
    return slice(low[1], min(high[1], shape[0])), slice(low[0], min(high[0], shape[1]))


def _bump(distance: np.ndarray) -> np.ndarray:
    """Wendland's C2 function: 1 at 0, smoothly 0 from 1 on, and any set of distinct places can be met with it."""
    return (1 - distance).clip(0) ** 4 * (4 * distance + 1)
