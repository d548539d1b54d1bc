"""Gives moved fluid the photo's local contrast back: points drawn between pixels are a blur of the photo.

Contrast is the standard deviation of detail, which is a picture less its local mean. Both are taken inside the fluid
alone, so that a shore is no detail of the water beside it, and in the picture as in the photo.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ml_backend.filtering import blur_narrow, narrow_reach, push_pull
from ml_backend.rendering.decoder import COVERED
from ml_backend.structures import FeatureMap

WINDOW_PX = 2.0  # of the photo: Gaussian of the local mean, wider than what is blurred and narrower than a wave
_SPREAD = 2.0  # of the window in which detail is averaged
_MOST_GAIN = 1.7  # more is noise, or a double exposure that no gain makes one picture
_LEAST_INSIDE = 0.02  # share of a window from which it says something
_LEAST_VARIANCE = 1e-7  # far below one level of 255


def photo_contrast(photo: Tensor, fluid: Tensor) -> Tensor:
    """Local contrast (1, H, W) of a photo's fluid, continued beyond it.

    Args:
        photo: (3, H, W). fluid: (1, H, W) in [0, 1].
    """
    return push_pull(_measure(photo, fluid, fluid, WINDOW_PX).contrast, fluid)


def restore_contrast(picture: FeatureMap, moved: Tensor, wanted: Tensor, known: Tensor, scale: float) -> FeatureMap:
    """Detail of moved fluid amplified to the contrast `wanted`, never weakened; the rest is left, to the bit.

    The gain fades towards the fluid's rim and to where what was invented joins the photo: that seam is no detail.

    Args:
        moved: (1, H, W) in [0, 1], how much of a pixel is fluid that has moved.
        wanted: (1, H, W), contrast times `moved`. known: (1, H, W), share of the photo's own points.
        scale: pixels of the picture per pixel of the photo.
    """
    inside = moved.clamp(0, 1) * (picture.alpha / COVERED).clamp(max=1)
    if not bool((inside > 0).any()):
        return picture
    sigma_px = WINDOW_PX * scale
    top, bottom, left, right = _bounds(inside, narrow_reach(_SPREAD * sigma_px))
    part = (slice(None), slice(top, bottom), slice(left, right))
    inside = inside[part]
    found = _measure(picture.features[part], inside, known[part], sigma_px)
    target = wanted[part] / moved[part].clamp(min=_LEAST_INSIDE)
    gain = (target / found.contrast).clamp(1, _MOST_GAIN)
    at_rim = (2 * found.share - 1).clamp(0, 1)  # 0 where half of a window is outside
    at_seam = (2 * found.known - 1).abs().clamp(0, 1)  # 0 where half of it was invented
    features = picture.features.clone()
    features[part] += (gain - 1) * inside * at_rim * at_seam * found.detail
    return replace(picture, features=features)


@dataclass(frozen=True, slots=True)
class _Measured:
    """contrast (1, H, W) of all channels together; detail (C, H, W).

    share (1, H, W): of a window that is inside. known (1, H, W): of what is inside, the photo's own.
    """

    contrast: Tensor
    detail: Tensor
    share: Tensor
    known: Tensor


def _measure(colors: Tensor, inside: Tensor, known: Tensor, sigma_px: float) -> _Measured:
    sums = blur_narrow(torch.cat([colors * inside, known * inside, inside]), sigma_px)
    means = sums[:-1] / sums[-1:].clamp(min=_LEAST_INSIDE)
    detail = colors - means[:-1]
    energy = (detail * detail).sum(dim=0, keepdim=True) * inside
    energy, share = blur_narrow(torch.cat([energy, inside]), _SPREAD * sigma_px).split(1)
    contrast = torch.sqrt(energy / share.clamp(min=_LEAST_INSIDE) + _LEAST_VARIANCE)
    return _Measured(contrast, detail, share=sums[-1:], known=means[-1:])


def _bounds(inside: Tensor, reach_px: int) -> tuple[int, int, int, int]:
    """Rows and columns, first and beyond the last, that hold `inside` and what is near it. Not for an empty one."""
    bounds = []
    for dim, size in ((1, inside.shape[1]), (0, inside.shape[2])):
        places = torch.nonzero((inside[0] > 0).any(dim=dim)).squeeze(1)
        bounds += [max(0, int(places[0]) - reach_px), min(size, int(places[-1]) + 1 + reach_px)]
    top, bottom, left, right = bounds
    return top, bottom, left, right
