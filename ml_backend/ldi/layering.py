"""Photo and depth to layers: clusters of disparity by Ward's criterion (Sec. 3.3).

The authors merge greedily (agglomerative clustering). On an even slope, such as the ground, all merges cost the same
and rounding decides: the same photo got other layers at another size. In one dimension the criterion itself can be
minimised, by dynamic programming over a histogram, which is stable and costs the same for any image. Their distance
threshold grows with the number of samples; here counts are scaled to one reference size.
"""

import numpy as np
import torch
from torch import Tensor

from ml_backend.structures import DepthMap, LayeredDepthImage

MIN_LAYERS, MAX_LAYERS = 2, 6

_WARD_THRESHOLD = 5.0  # the authors' distance threshold ...
_REFERENCE_SAMPLES = 4004  # ... at 512 x 768, where every tenth row and column gives this many samples
_NUM_BINS = 512
_SMALLEST_RANGE = 1e-4  # relative disparity range below which the photo is one flat plane


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


def label_layers(depth: DepthMap, *, num_layers: int | None = None) -> Tensor:
    """Layer of each pixel (H, W) int64, 0 nearest."""
    disparity = 1 / depth.depth[0].double()
    low, high = float(disparity.min()), float(disparity.max())
    if high - low <= _SMALLEST_RANGE * high:
        return torch.zeros(disparity.shape, dtype=torch.int64)
    unit = (disparity - low) / (high - low)
    edges = cluster_disparity(unit.flatten().numpy(), num_layers=num_layers)
    # Ascending edges in disparity: the last interval is the nearest.
    interval = torch.bucketize(unit.contiguous(), torch.from_numpy(edges))
    return len(edges) - interval


def cluster_disparity(disparity: np.ndarray, *, num_layers: int | None = None) -> np.ndarray:
    """Edges between clusters of values (n,) in [0, 1], ascending, each halfway between two clusters."""
    counts, means = _histogram(disparity)
    weights = counts * (_REFERENCE_SAMPLES / counts.sum())
    most = min(num_layers or MAX_LAYERS, len(means))
    starts = _optimal_starts(means, weights, most)
    for count in range(most, 0, -1):
        cuts = _cuts(starts, count)
        if num_layers or count <= MIN_LAYERS or _are_distinct(means, weights, cuts):
            break
    return np.array([(means[cut - 1] + means[cut]) / 2 for cut in cuts])


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and mean values of the bins that hold something."""
    bins = np.minimum((values * _NUM_BINS).astype(np.int64), _NUM_BINS - 1)
    counts = np.bincount(bins, minlength=_NUM_BINS).astype(np.float64)
    sums = np.bincount(bins, weights=values, minlength=_NUM_BINS)
    filled = counts > 0
    return counts[filled], sums[filled] / counts[filled]


def _optimal_starts(means: np.ndarray, weights: np.ndarray, most: int) -> list[np.ndarray]:
    """First bin of the last of k + 1 clusters of bins 0..j, for k = 0..most - 1 and each j (Fisher 1958)."""
    spread = _spread_within(means, weights)  # [i, j]: of one cluster of bins i..j
    best, starts = spread[0], [np.zeros(len(means), np.int64)]
    for _ in range(1, most):
        totals = np.full_like(spread, np.inf)
        totals[1:] = best[:-1, None] + spread[1:]
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


def _cuts(starts: list[np.ndarray], count: int) -> list[int]:
    """First bins of the second to the last of `count` clusters of all bins."""
    cuts, last = [], len(starts[0]) - 1
    for k in range(count - 1, 0, -1):
        cuts.append(int(starts[k][last]))
        last = cuts[-1] - 1
    return cuts[::-1]


def _are_distinct(means: np.ndarray, weights: np.ndarray, cuts: list[int]) -> bool:
    """Whether Ward's rule would merge no two neighbours: sqrt(2 a b / (a + b)) |m_a - m_b| is above the threshold."""
    weight = np.add.reduceat(weights, [0, *cuts])
    mean = np.add.reduceat(weights * means, [0, *cuts]) / weight
    a, b = weight[:-1], weight[1:]
    return bool((np.sqrt(2 * a * b / (a + b)) * np.abs(np.diff(mean)) > _WARD_THRESHOLD).all())
