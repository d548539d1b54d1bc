"""Quality of a flow field inside the fluid, and the arrows that stand for an artist when it is estimated."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ml_backend.structures import MotionHints

_STILL_PX = 1e-3  # per frame; slower has no direction
_EDGE_PX = 4.0  # an artist does not start an arrow on the shore


@dataclass(frozen=True, slots=True)
class MotionMeasures:
    """endpoint_error: mean |f - f*| in pixels per frame; relative_error: that over the mean |f*|; angle in degrees."""

    endpoint_error: float | None
    relative_error: float | None
    angle: float | None


def measure_motion(found: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> MotionMeasures:
    """Compare flows (H, W, 2) inside a mask (H, W) bool; the angle where the truth moves. Standing still is 90."""
    if not mask.any():
        return MotionMeasures(None, None, None)
    ours, theirs = found[mask].astype(np.float64), truth[mask].astype(np.float64)
    error = float(np.linalg.norm(ours - theirs, axis=1).mean())
    speed = np.linalg.norm(theirs, axis=1)
    moves = speed > _STILL_PX
    if not moves.any():
        return MotionMeasures(error, None, None)
    lengths = np.linalg.norm(ours[moves], axis=1) * speed[moves]
    cosine = np.divide((ours * theirs).sum(axis=1)[moves], lengths, out=np.zeros_like(lengths), where=lengths > 0)
    angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())
    return MotionMeasures(error, error / float(speed.mean()), angle)


def sample_arrows(flow: np.ndarray, mask: np.ndarray, count: int) -> MotionHints:
    """Hints with a mask (H, W) bool and `count` arrows read from the flow (H, W, 2), spread over the fluid.

    The first arrow starts deepest inside the mask, each next one farthest from those before, ties at the upper left:
    no random numbers. Fewer arrows where the fluid has fewer moving pixels.
    """
    starts = _spread_points(mask & (np.linalg.norm(flow, axis=-1) > _STILL_PX), count)
    vectors = [flow[row, col] for row, col in starts]
    positions = torch.tensor([(col + 0.5, row + 0.5) for row, col in starts], dtype=torch.float32).reshape(-1, 2)
    velocities = torch.from_numpy(np.array(vectors, dtype=np.float32).reshape(-1, 2))
    return MotionHints(torch.from_numpy(mask.astype(np.float32))[None], positions, velocities)


def _spread_points(region: np.ndarray, count: int) -> list[tuple[int, int]]:
    depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    allowed = depth >= min(_EDGE_PX, float(depth.max()))
    distance = depth.copy()
    rows, cols = np.mgrid[: region.shape[0], : region.shape[1]]
    points: list[tuple[int, int]] = []
    while len(points) < count:
        row, col = np.unravel_index(np.where(allowed & region, distance, -1.0).argmax(), region.shape)
        if not region[row, col] or (int(row), int(col)) in points:
            break
        points.append((int(row), int(col)))
        from_this = np.hypot(rows - row, cols - col)
        distance = from_this if len(points) == 1 else np.minimum(distance, from_this)
    return points
