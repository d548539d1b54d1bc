"""Pictures drawn at another size: larger and averaged, so that no point is left out, or smaller and enlarged."""

import math
from dataclasses import replace

import torch.nn.functional as F
from torch import Tensor

from ml_backend.structures import Frame

_TOLERANCE = 0.3  # a camera that zooms out a little, as in a dolly zoom, must not change its sharpness on the way


def samples_per_side(scale: float) -> int:
    """How many times larger to draw where a pixel of the picture is 1 / `scale` pixels of the photo."""
    return max(1, math.ceil(1 / scale - _TOLERANCE))


def reduce_frame(frame: Frame, factor: int) -> Frame:
    """Average blocks of factor x factor pixels; depth is averaged as disparity."""
    return replace(
        frame,
        rgb=_mean(frame.rgb, factor),
        depth=1 / _mean(1 / frame.depth, factor),
        alpha=_mean(frame.alpha, factor),
    )


def enlarge_frame(frame: Frame, height: int, width: int) -> Frame:
    """A draft at a larger size: colours smooth, depth and alpha by the nearest pixel."""
    size = (height, width)
    return replace(
        frame,
        rgb=F.interpolate(frame.rgb[None], size, mode="bilinear", align_corners=False)[0],
        depth=F.interpolate(frame.depth[None], size, mode="nearest-exact")[0],
        alpha=F.interpolate(frame.alpha[None], size, mode="nearest-exact")[0],
    )


def _mean(values: Tensor, factor: int) -> Tensor:
    return F.avg_pool2d(values[None], factor)[0]
