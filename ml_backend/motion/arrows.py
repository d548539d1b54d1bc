"""Arrows as the solver uses them: each tied to one region of the mask, none at the same place as another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from ml_backend.motion.regions import Regions
from ml_backend.structures import MotionHints

_REACH = 0.02  # of the long side: an arrow may start so far beside the region that it means
_SAME_PLACE_PX = 2.0  # closer arrows of a region cannot both be met by a smooth field: their mean is


@dataclass(frozen=True, slots=True)
class Arrows:
    """K arrows: starts (K, 2) image coordinates inside their regions, vectors (K, 2) px per frame, regions (K,)."""

    starts: np.ndarray
    vectors: np.ndarray
    regions: np.ndarray

    def select(self, kept: np.ndarray) -> "Arrows":
        """The arrows of a bool mask or of numbers (K',)."""
        return Arrows(self.starts[kept], self.vectors[kept], self.regions[kept])


def join(arrows: Sequence[Arrows]) -> Arrows:
    """One after the other."""
    return Arrows(
        np.concatenate([a.starts for a in arrows]),
        np.concatenate([a.vectors for a in arrows]),
        np.concatenate([a.regions for a in arrows]),
    )


def tie_to_regions(hints: MotionHints, regions: Regions) -> tuple[Arrows, list[int]]:
    """The hints' arrows, each with the region it starts in or just beside, and the numbers of those with none."""
    vectors = hints.vectors.detach().cpu().numpy().astype(np.float64)
    starts = hints.starts.detach().cpu().numpy().astype(np.float64)
    found = [nearest_moving_place(start, regions.labels) for start in starts]
    tied = [i for i, place in enumerate(found) if place is not None]
    ignored = [i for i, place in enumerate(found) if place is None]
    places = np.array([found[i] for i in tied], dtype=np.float64).reshape(-1, 2)
    pixels = places.astype(int)
    labels = regions.labels[pixels[:, 1], pixels[:, 0]] - 1
    return _merge_close(Arrows(places, vectors[tied], labels)), ignored


def nearest_moving_place(start: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    """The start itself if its pixel moves, else the centre of the nearest moving pixel in reach."""
    height, width = labels.shape
    limit = np.nextafter([width, height], 0)  # a start on the right or lower edge is in the last pixel
    x, y = np.clip(start, 0, limit).astype(int)
    if labels[y, x] > 0:
        return np.clip(start, 0, limit)
    reach = max(2, round(_REACH * max(height, width)))
    top, left = max(0, y - reach), max(0, x - reach)
    rows, columns = np.nonzero(labels[top : y + reach + 1, left : x + reach + 1])
    if len(rows) == 0:
        return None
    centres = np.stack([columns + left, rows + top], axis=1) + 0.5
    distance = np.hypot(*(centres - start).T)
    return centres[distance.argmin()] if distance.min() <= reach else None


def _merge_close(arrows: Arrows) -> Arrows:
    """Arrows of one region at the same place become one, at their mean place with their mean velocity."""
    count = len(arrows.regions)
    if count < 2:
        return arrows
    apart = np.linalg.norm(arrows.starts[:, None] - arrows.starts[None], axis=2)
    together = (apart < _SAME_PLACE_PX) & (arrows.regions[:, None] == arrows.regions[None])
    number, cluster = csgraph.connected_components(sparse.csr_matrix(together), directed=False)
    share = np.bincount(cluster, minlength=number)[:, None]
    starts, vectors = np.zeros((number, 2)), np.zeros((number, 2))
    np.add.at(starts, cluster, arrows.starts)
    np.add.at(vectors, cluster, arrows.vectors)
    regions = np.zeros(number, dtype=arrows.regions.dtype)
    regions[cluster] = arrows.regions
    return Arrows(starts / share, vectors / share, regions)
