"""Quality of a depth map up to scale and shift of its disparity, as all relative depth is compared."""

from dataclasses import dataclass

import cv2
import numpy as np

_FAR = 30.0  # in near depths: beyond, an error in depth is no error in the picture, and rounding of disparity rules
_STEP = 1.1  # ratio of neighbouring depths that is an edge, as the smallest of Depth Pro's boundary thresholds
_TOLERANCE_PX = 2
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class DepthMeasures:
    """abs_rel: mean |z - z*| / z*; delta_1: share of max(z / z*, z* / z) < 1.25; edge_f1: of depth edges."""

    abs_rel: float | None
    delta_1: float | None
    edge_f1: float | None


def measure_depth(found: np.ndarray, truth: np.ndarray) -> DepthMeasures:
    """Compare depth maps (H, W), > 0; where the truth is not finite it is unknown and left out.

    Scale and shift of disparity are fitted by least squares over the pixels that are nearer than 30 near depths.
    """
    known = np.isfinite(truth) & (truth > 0)
    if not known.any():
        return DepthMeasures(None, None, None)
    near = float(np.quantile(truth[known], 0.02))
    judged = known & (truth < _FAR * near)
    if not judged.any():
        return DepthMeasures(None, None, None)
    aligned = align_disparity(1 / found.astype(np.float64), 1 / np.where(known, truth, 1.0).astype(np.float64), judged)
    depth = 1 / np.maximum(aligned, 1 / (10 * _FAR * near))
    ratio = depth[judged] / truth[judged]
    return DepthMeasures(
        abs_rel=float(np.abs(ratio - 1).mean()),
        delta_1=float((np.maximum(ratio, 1 / ratio) < 1.25).mean()),
        edge_f1=edge_f1(depth, np.where(known, truth, np.nan)),
    )


def align_disparity(found: np.ndarray, truth: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """`a found + b` that is nearest to the truth over the judged pixels; a constant where `found` is flat there."""
    scale, shift = fit_disparity(found[judged], truth[judged])
    return scale * found + shift


def fit_disparity(values: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    """Scale and shift that bring values (n,) nearest to the wanted ones (n,); scale 0 where all values are equal."""
    spread = float(values.var())
    centred = values - values.mean()
    scale = float((centred * (wanted - wanted.mean())).mean()) / spread if spread > _TINY**2 else 0.0
    return scale, float(wanted.mean() - scale * values.mean())


def edge_f1(depth: np.ndarray, truth: np.ndarray) -> float | None:
    """F1, within 2 pixels, of where depth jumps by a tenth to a neighbour. NaN is unknown; None if no edge."""
    found, wanted = _edges(depth), _edges(truth)
    if not wanted.any():
        return None
    if not found.any():
        return 0.0
    kernel = np.ones((2 * _TOLERANCE_PX + 1,) * 2, np.uint8)
    precision = float(cv2.dilate(wanted.astype(np.uint8), kernel)[found].mean())
    recall = float(cv2.dilate(found.astype(np.uint8), kernel)[wanted].mean())
    return 2 * precision * recall / max(precision + recall, _TINY)


def _edges(depth: np.ndarray) -> np.ndarray:
    edges = np.zeros(depth.shape, bool)
    with np.errstate(invalid="ignore"):
        across = np.maximum(depth[:, 1:] / depth[:, :-1], depth[:, :-1] / depth[:, 1:]) > _STEP
        down = np.maximum(depth[1:] / depth[:-1], depth[:-1] / depth[1:]) > _STEP
    edges[:, :-1] |= across
    edges[:-1] |= down
    return edges
