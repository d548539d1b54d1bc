"""Photo, mask, and arrows -> flow by the authors' motion network, as it was trained (Sec. 3.2, 4.3).

The numbers are in `weights/official.py`.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.errors import WeightsMismatch
from ml_backend.layer_filters import box_blur
from ml_backend.motion.hint_field import dense_hint_field, resize_hint_field
from ml_backend.motion.region_speed import apply_speed, speed_of_regions
from ml_backend.motion.regions import find_regions
from ml_backend.structures import MotionField, MotionHints
from ml_backend.weights import official


def estimate_as_trained(image: Tensor, hints: MotionHints, network: nn.Module) -> MotionField:
    """Flow of the photo (3, H, W), zero where the mask is 0; at least one arrow is needed.

    Grey of the mask and the speeds of `hints` count afterwards; its smoothing does not count.

    Raises:
        WeightsMismatch: the network gave values that are no numbers.
    """
    height, width = image.shape[1:]
    side = official.MOTION_SIDE
    small = F.interpolate(image[None], size=(side, side), mode="bicubic", align_corners=False, antialias=True)
    moving = (hints.mask > 0).to(image.dtype)
    mask = F.interpolate(moving[None], size=(side, side), mode="area")
    field = dense_hint_field(hints.starts, hints.vectors, hints.mask, _hint_width(height, len(hints.starts)))
    field = resize_hint_field(field, height=side, width=side)[None]
    flow = network(torch.cat([2 * small.clamp(0, 1) - 1, mask, field], dim=1))[0]
    if not bool(torch.isfinite(flow).all()):
        raise WeightsMismatch("The motion network gave values that are no numbers.", hint="Import its weights again.")
    flow = box_blur(flow * mask[0], official.FLOW_BLUR_PX) * mask[0]
    return MotionField(_with_speeds(resize_hint_field(flow, height=height, width=width) * hints.mask, hints))


def _hint_width(height: int, count: int) -> float:
    return official.HINT_WIDTH * height / count


def _with_speeds(flow: Tensor, hints: MotionHints) -> Tensor:
    values = np.ascontiguousarray(flow.permute(1, 2, 0).numpy())
    regions = find_regions(hints.mask[0].numpy().astype(np.float32))
    apply_speed(values, regions, speed_of_regions(regions, hints.speed, hints.region_speeds))
    return torch.from_numpy(values).permute(2, 0, 1).contiguous()
