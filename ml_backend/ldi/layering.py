"""Photo and depth to layers: clusters of disparity by Ward's criterion (Sec. 3.3), cut where surfaces are.

The authors merge greedily (agglomerative clustering). On an even slope, such as the ground, all merges cost the same
and rounding decides: the same photo got other layers at another size. In one dimension the criterion itself can be
minimised, by dynamic programming over a histogram, which is stable and costs the same for any image. Their distance
threshold grows with the number of samples; here counts are scaled to one reference size.

A layer holds one depth for each pixel: where one surface stands before another of the same layer, nothing can be hidden
behind it, and a moved camera looks through the gap at what is behind both, a roof with the sky in it. So a step in
depth within a layer costs too; and so does a cut through a surface, as long as it is, for the strip of a roof that is
in the sky's layer is continued as sky.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.structures import DepthMap, LayeredDepthImage

MIN_LAYERS, MAX_LAYERS = 2, 6

_WARD_THRESHOLD = 5.0  # the authors' distance threshold ...
_REFERENCE_SAMPLES = 4004  # ... at 512 x 768, where every tenth row and column gives this many samples
_STEP_COST = 8.0  # of a step as high as the whole range, in the unit of Ward's squared distances
_CUT_COST = 5.0  # of a cut as long as the long side, through surfaces, in that unit
_LEAST_STEP = 0.04  # of the range: what is less may be a slope
_STEP_SIZE = 0.005  # of the long side: over which a step may be smeared
_NUM_BINS = 512
_SMALLEST_RANGE = 1e-4  # relative disparity range below which the photo is one flat plane


@dataclass(frozen=True, slots=True)
class Relief:
    """Where surfaces are in a map of disparity.

    steps: (m, 2), values on both sides of a step, the lower one first, for each pixel beside one.
    contours: (512,), of the contour line at the lower edge of each bin: its length within surfaces, in long sides.
    """

    steps: np.ndarray
    contours: np.ndarray


def split_layers(image: Tensor, depth: DepthMap, *, num_layers: int | None = None) -> LayeredDepthImage:
    """Cut the photo into 2 to 6 layers by depth; each pixel belongs to exactly one, no layer is empty.

    Args:
        image: (3, H, W) sRGB.
        num_layers: that many (fewer if the depth has fewer different values); None lets the clustering decide.

    Returns:
        Layers without border and without anything inpainted; a photo of constant depth gives one.
    """
    labels = label_layers(depth, num_layers=num_layers)
    count = int(labels.max()) + 1
    alphas = torch.stack([labels == layer for layer in range(count)])[:, None].to(image.dtype)  # (L, 1, H, W)
    return LayeredDepthImage(
        colors=image.expand(count, -1, -1, -1) * alphas,
        alphas=alphas,
        depths=depth.depth.expand(count, -1, -1, -1) * alphas,
        inpainted=torch.zeros_like(alphas, dtype=torch.bool),
        border=0,
    )


def label_layers(depth: DepthMap, *, num_layers: int | None = None, minds_surfaces: bool = True) -> Tensor:
    """Layer of each pixel (H, W) int64, 0 nearest.

    Args:
        minds_surfaces: False cuts by the values alone, as the authors do.
    """
    disparity = 1 / depth.depth[0].double()
    low, high = float(disparity.min()), float(disparity.max())
    if high - low <= _SMALLEST_RANGE * high:
        return torch.zeros(disparity.shape, dtype=torch.int64)
    unit = (disparity - low) / (high - low)
    relief = find_relief(unit.numpy()) if minds_surfaces else None
    edges = cluster_disparity(unit.flatten().numpy(), relief=relief, num_layers=num_layers)
    # Ascending edges in disparity: the last interval is the nearest.
    interval = torch.bucketize(unit.contiguous(), torch.from_numpy(edges))
    return len(edges) - interval


def cluster_disparity(
    disparity: np.ndarray, *, relief: Relief | None = None, num_layers: int | None = None
) -> np.ndarray:
    """Edges between clusters of values (n,) in [0, 1], ascending, each halfway between two clusters.

    Args:
        relief: of the map that the values are from; None clusters them wherever they are.
    """
    bins = _bins_of(disparity)
    counts = np.bincount(bins, minlength=_NUM_BINS).astype(np.float64)
    filled = counts > 0
    means = np.bincount(bins, weights=disparity, minlength=_NUM_BINS)[filled] / counts[filled]
    scale = _REFERENCE_SAMPLES / len(disparity)
    cost, cut_cost = _spread_within(means, counts[filled] * scale), np.zeros_like(means)
    if relief is not None:
        cost += _STEP_COST * scale * _steps_within(relief.steps, filled)
        cut_cost = _CUT_COST * relief.contours[filled]
    most = min(num_layers or MAX_LAYERS, len(means))
    starts = _optimal_starts(cost, cut_cost, most)
    for count in range(most, 0, -1):
        cuts = _cuts(starts, count)
        if num_layers or count <= MIN_LAYERS or _are_distinct(cost, cuts):
            break
    return np.array([(means[cut - 1] + means[cut]) / 2 for cut in cuts])


def find_relief(disparity: np.ndarray) -> Relief:
    """Steps and contour lines of a map (H, W) in [0, 1]."""
    radius = max(1, round(_STEP_SIZE * max(disparity.shape)))
    upper = cv2.dilate(disparity, np.ones((2 * radius + 1,) * 2, np.uint8))
    beside = upper - disparity > _LEAST_STEP
    steps = np.stack([disparity[beside], upper[beside]], axis=1)
    crossings = np.zeros(_NUM_BINS + 1)
    for one, next_one in ((disparity[1:], disparity[:-1]), (disparity[:, 1:], disparity[:, :-1])):
        low, high = np.minimum(one, next_one), np.maximum(one, next_one)
        is_surface = high - low <= _LEAST_STEP
        for values, sign in ((low, 1), (high, -1)):
            crossings += sign * np.bincount(_bins_of(values[is_surface]) + 1, minlength=_NUM_BINS + 1)
    return Relief(steps, np.cumsum(crossings)[:_NUM_BINS] / max(disparity.shape))


def _bins_of(values: np.ndarray) -> np.ndarray:
    return np.minimum((values * _NUM_BINS).astype(np.int64), _NUM_BINS - 1)


def _optimal_starts(cost: np.ndarray, cut_cost: np.ndarray, most: int) -> list[np.ndarray]:
    """First bin of the last of k + 1 clusters of bins 0..j, for k = 0..most - 1 and each j (Fisher 1958).

    Args:
        cost: [i, j], of one cluster of bins i..j.
        cut_cost: of a cut before each bin.
    """
    best, starts = cost[0], [np.zeros(len(cost), np.int64)]
    for _ in range(1, most):
        totals = np.full_like(cost, np.inf)
        totals[1:] = (best[:-1] + cut_cost[1:])[:, None] + cost[1:]
        starts.append(totals.argmin(axis=0))
        best = totals.min(axis=0)
    return starts


def _spread_within(means: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of squared distances to the mean of bins i..j, (n, n); inf where j < i."""
    w, s, q = (np.concatenate([[0], np.cumsum(weights * means**power)]) for power in (0, 1, 2))
    weight, first, second = (v[None, 1:] - v[:-1, None] for v in (w, s, q))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = second - first**2 / weight
    return np.where(np.tri(len(means), k=-1, dtype=bool), np.inf, spread)


def _steps_within(steps: np.ndarray, filled: np.ndarray) -> np.ndarray:
    """Sum of the heights of the steps that lie within bins i..j, (n, n), of the bins that hold something."""
    size = int(filled.sum())
    lower, upper = (np.cumsum(filled) - 1)[_bins_of(steps)].T
    heights = np.bincount(lower * size + upper, weights=np.diff(steps)[:, 0], minlength=size * size)
    from_lower = np.cumsum(heights.reshape(size, size)[::-1], axis=0)[::-1]
    return np.cumsum(from_lower, axis=1)


def _cuts(starts: list[np.ndarray], count: int) -> list[int]:
    """First bins of the second to the last of `count` clusters of all bins."""
    cuts, last = [], len(starts[0]) - 1
    for k in range(count - 1, 0, -1):
        cuts.append(int(starts[k][last]))
        last = cuts[-1] - 1
    return cuts[::-1]


def _are_distinct(cost: np.ndarray, cuts: list[int]) -> bool:
    """Whether no two neighbours would be merged by Ward's rule, whose distance is the root of twice what that costs."""
    bounds = [0, *cuts, len(cost)]
    merges = zip(bounds, bounds[1:], bounds[2:], strict=False)
    return all(
        cost[low, high - 1] - cost[low, cut - 1] - cost[cut, high - 1] > _WARD_THRESHOLD**2 / 2
        for low, cut, high in merges
    )
