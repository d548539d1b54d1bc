"""The frame that a scanner or a careless crop leaves around a photo, which must not go on beyond the photo's edge."""

import torch
from torch import Tensor

_WIDEST = 0.012  # of the long side; wider bars are meant
_SOFT_PX = 2  # the step from the frame to the picture
_ONE_COLOR = 0.03  # how far the colours of a line of the frame may be from its median
_MOST = 0.97  # share of its pixels for which that holds: other frames cross at the corners
_LEAST_STEP = 0.06  # mean difference to the picture behind it: a plain sky is no frame


def inside_scan_frame(photo: Tensor) -> Tensor:
    """Pixels (H, W) bool of a photo (3, H, W) that are not of a frame around it; all where it has none.

    A frame is what lies at a side in lines of one colour, with a step to the picture behind them.
    """
    height, width = photo.shape[1:]
    widest = round(_WIDEST * max(height, width)) + 1
    inside = torch.ones(height, width, dtype=torch.bool)
    if min(height, width) < 4 * (widest + _SOFT_PX):
        return inside
    lines = (photo, photo.flip(1), photo.mT, photo.mT.flip(1))  # (3, n, m), from each side inwards
    top, bottom, left, right = (_frame_px(side, widest) for side in lines)
    inside[:top] = inside[height - bottom :] = False
    inside[:, :left] = inside[:, width - right :] = False
    return inside


def _frame_px(lines: Tensor, widest: int) -> int:
    """How many of the first lines (3, n, m) are of a frame or too near to it."""
    first = lines[:, : widest + 1]
    medians = first.median(dim=2, keepdim=True).values
    plain = (((first - medians).abs() < _ONE_COLOR).all(dim=0).float().mean(dim=1) >= _MOST).tolist()
    count = plain.index(False) if False in plain else 0
    if count == 0:
        return 0
    step = (lines[:, 0] - lines[:, count + _SOFT_PX]).abs().mean()
    return count + _SOFT_PX if float(step) > _LEAST_STEP else 0
