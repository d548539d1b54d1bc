"""What a still picture cannot show: flicker, the seam of the loop, and texture that does not travel with the flow.

All are measured on a strip: frames of one loop seen by the photo's own camera, (H, W, 3) float32 in [0, 1], by frame
number. A step is a pair of neighbouring frames of the strip; the one from N - 1 to 0 is the seam.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from ml_backend.evaluation.image_metrics import flip_map, mean_inside

Strip = Mapping[int, np.ndarray]

_RIM_PX = 3  # a point is drawn as a disc of up to 2.3 px, and the truth's edges are smoothed as well
_LEAST_STEP = 1e-6  # mean change of a picture below which it stands still


@dataclass(frozen=True, slots=True)
class LoopMeasures:
    """Of one strip; None where a region is empty, a frame is missing, or nothing moves.

    flicker: mean change per step of the pixels that should stand still, in [0, 1].
    warping_error: mean difference between a fluid pixel and itself one step later, where the flow has carried it.
    seam_l1, seam_flip: the seam over the median step. worst_l1: the largest step over the median one.
    """

    flicker: float | None
    warping_error: float | None
    seam_l1: float | None
    seam_flip: float | None
    worst_l1: float | None


def measure_loop(strip: Strip, num_frames: int, flow: np.ndarray, still: np.ndarray) -> LoopMeasures:
    """All measures of a strip. `flow` (H, W, 2) in pixels per frame; `still` (H, W) bool."""
    pairs = [(t, (t + 1) % num_frames) for t in sorted(strip) if (t + 1) % num_frames in strip]
    l1 = {t: float(np.abs(strip[t] - strip[after]).mean()) for t, after in pairs}
    changes = [mean_inside(np.abs(strip[t] - strip[after]).mean(axis=-1), still) for t, after in pairs]
    within = [t for t, after in pairs if after]
    return LoopMeasures(
        flicker=_mean([c for c in changes if c is not None]),
        warping_error=_mean([e for t in within if (e := warping_error(strip[t], strip[t + 1], flow)) is not None]),
        seam_l1=seam_ratio(l1, num_frames),
        seam_flip=_flip_seam(strip, l1, num_frames),
        worst_l1=_over_median(max(l1.values()), list(l1.values())) if l1 else None,
    )


def still_pixels(moving: np.ndarray) -> np.ndarray:
    """What should stand still: (H, W) bool, all but the moving pixels and a rim around them, which shows both."""
    kernel = np.ones((2 * _RIM_PX + 1,) * 2, np.uint8)
    return cv2.dilate(moving.astype(np.uint8), kernel) == 0


def seam_ratio(steps: Mapping[int, float], num_frames: int) -> float | None:
    """Step N - 1 over the median of the others; `steps` by the number of their first frame."""
    others = [value for t, value in steps.items() if t != num_frames - 1]
    return _over_median(steps[num_frames - 1], others) if num_frames - 1 in steps and others else None


def warping_error(frame: np.ndarray, following: np.ndarray, flow: np.ndarray) -> float | None:
    """Mean absolute difference of the moving pixels and where they are one step later (Lai et al. 2018, with L1).

    Pixels whose aim is outside the picture or does not move are left out; they are hidden or leave the fluid there.
    """
    height, width = flow.shape[:2]
    moving = (flow != 0).any(axis=-1)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    aim_x, aim_y = x + flow[..., 0], y + flow[..., 1]
    inside = (aim_x >= 0) & (aim_x <= width - 1) & (aim_y >= 0) & (aim_y <= height - 1)
    arrives = cv2.remap(moving.astype(np.float32), aim_x, aim_y, cv2.INTER_LINEAR) > 1 - 1e-3
    carried = cv2.remap(following, aim_x, aim_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return mean_inside(np.abs(carried - frame).mean(axis=-1), moving & inside & arrives)


def _flip_seam(strip: Strip, steps: Mapping[int, float], num_frames: int) -> float | None:
    """FLIP is slow: the step whose L1 is the median and its neighbours in rank stand for all."""
    within = sorted((t for t in steps if t != num_frames - 1), key=lambda t: steps[t])
    if num_frames - 1 not in steps or not within:
        return None
    middle = len(within) // 2
    chosen = [num_frames - 1, *within[max(0, middle - 2) : middle + 3]]
    flips = {t: float(flip_map(strip[(t + 1) % num_frames], strip[t]).mean()) for t in chosen}
    return seam_ratio(flips, num_frames)


def _over_median(value: float, others: list[float]) -> float | None:
    median = float(np.median(others))
    return value / median if median > _LEAST_STEP else None


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
