"""The moving regions of a mask: connected white areas, each of which is solved on its own."""

from dataclasses import dataclass

import cv2
import numpy as np

_MOVES = 0.02  # darker than this is the noise of a painted or scaled black

_ALMOST = 0.9  # of the largest distance to the edge: a wide band has a whole ridge of most interior pixels
_MOST = 500  # a mask with more regions is noise, and its smallest regions stand still


@dataclass(frozen=True, slots=True)
class Regions:
    """n regions of a mask, 8-connected; the specks of a mask with more than 500 regions are in none of them.

    labels (H, W) int32: 0 outside, i + 1 in region i; boxes (n, 4) as x0, y0, x1, y1, ends excluded; areas (n,) and
    centres (n, 2) in pixels, image coordinates.
    """

    labels: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray
    centres: np.ndarray

    @property
    def count(self) -> int:
        """Number of regions."""
        return len(self.areas)

    def inside(self, chosen: np.ndarray) -> np.ndarray:
        """Pixels (H, W) bool of the regions with these numbers."""
        is_chosen = np.zeros(self.count + 1, dtype=bool)
        is_chosen[chosen + 1] = True
        return is_chosen[self.labels]


def find_regions(mask: np.ndarray) -> Regions:
    """Regions of a mask (H, W) in [0, 1]."""
    moving = (mask > _MOVES).astype(np.uint8)
    _, labels, stats, centroids = cv2.connectedComponentsWithStats(moving, connectivity=8, ltype=cv2.CV_32S)
    kept = np.sort(np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:_MOST]) + 1
    new_label = np.zeros(len(stats), dtype=np.int32)
    new_label[kept] = np.arange(1, len(kept) + 1)
    left, top, width, height, areas = stats[kept].T
    boxes = np.stack([left, top, left + width, top + height], axis=1)
    return Regions(new_label[labels], boxes, areas, centroids[kept] + 0.5)


def split_into_sheets(regions: Regions, gap_px: float) -> list[np.ndarray]:
    """Groups of regions (their numbers) whose boxes are more than `gap_px` apart, so that a group shares a grid."""
    group = np.full(regions.count, -1)
    for i in np.argsort(-regions.areas, kind="stable"):
        apart = regions.boxes[:, :2] - regions.boxes[i, 2:], regions.boxes[i, :2] - regions.boxes[:, 2:]
        near = (np.maximum(*apart) <= gap_px).all(axis=1)
        taken = np.unique(group[near & (group >= 0)])
        free = np.flatnonzero(~np.isin(np.arange(len(taken) + 1), taken))
        group[i] = free[0]
    return [np.flatnonzero(group == g) for g in range(group.max(initial=-1) + 1)]


def most_interior_pixel(inside: np.ndarray) -> tuple[int, int]:
    """(x, y) of the pixel of a shape (H, W) bool that is farthest from its edge; of many such, the most central one."""
    distance = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.nonzero(distance >= _ALMOST * distance.max())
    rows, columns = np.nonzero(inside)
    nearest = np.hypot(x - columns.mean(), y - rows.mean()).argmin()
    return int(x[nearest]), int(y[nearest])
