"""Photo and depth to layers: agglomerative clustering of disparity (Sec. 3.3).

Ward linkage, as in the authors' code, but on a histogram: in one dimension the cheapest merge is always between
neighbours, so the whole tree costs the same for any image. Their distance threshold grows with the number of samples,
hence with the resolution; here counts are scaled to one reference size, and a photo has the same layers at 384 px and
at 3840 px.
"""

import numpy as np
import torch
from torch import Tensor

from ml_backend.structures import DepthMap, LayeredDepthImage

MIN_LAYERS, MAX_LAYERS = 2, 6

_WARD_THRESHOLD = 5.0  # the authors' distance threshold ...
_REFERENCE_SAMPLES = 4004  # ... at 512 x 768, where every tenth row and column gives this many samples
_NUM_BINS = 1024
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
    """Edges between Ward clusters of values (n,) in [0, 1], ascending, each halfway between two clusters."""
    counts, means = _histogram(disparity)
    weights = counts * (_REFERENCE_SAMPLES / counts.sum())
    firsts, lasts = list(means), list(means)
    means, weights = list(means), list(weights)
    while len(means) > 1:
        cost = _ward_distances(np.array(means), np.array(weights))
        cheapest = int(cost.argmin())
        if _is_done(len(means), float(cost[cheapest]), num_layers):
            break
        _merge(cheapest, means, weights)
        lasts[cheapest] = lasts.pop(cheapest + 1)
        firsts.pop(cheapest + 1)
    return np.array([(lasts[i] + firsts[i + 1]) / 2 for i in range(len(means) - 1)])


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts and mean values of the bins that hold something."""
    bins = np.minimum((values * _NUM_BINS).astype(np.int64), _NUM_BINS - 1)
    counts = np.bincount(bins, minlength=_NUM_BINS).astype(np.float64)
    sums = np.bincount(bins, weights=values, minlength=_NUM_BINS)
    filled = counts > 0
    return counts[filled], sums[filled] / counts[filled]


def _ward_distances(means: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ward distance of each cluster to the next: sqrt(2 a b / (a + b)) |m_a - m_b|."""
    a, b = weights[:-1], weights[1:]
    return np.sqrt(2 * a * b / (a + b)) * np.abs(np.diff(means))


def _is_done(count: int, distance: float, num_layers: int | None) -> bool:
    if num_layers is not None:
        return count <= num_layers
    return count <= MIN_LAYERS or (count <= MAX_LAYERS and distance > _WARD_THRESHOLD)


def _merge(at: int, means: list[float], weights: list[float]) -> None:
    total = weights[at] + weights[at + 1]
    means[at] = (means[at] * weights[at] + means[at + 1] * weights[at + 1]) / total
    weights[at] = total
    del means[at + 1], weights[at + 1]
