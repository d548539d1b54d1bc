"""The blended feature map to a picture (Sec. 3.4).

A `Decoder` is a function from BlendedMap to (3, H, W). The embedded one is the colour decoder: the features are the
colours, and what no point covers is filled from its surroundings.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.filtering import push_pull
from ml_backend.structures import BlendedMap, FeatureMap

Decoder = Callable[[BlendedMap], Tensor]

COVERED = 0.5  # alpha from which a pixel counts as known: in the middle of four neighbouring points it is 0.85

_STEEPNESS = 8.0  # of nearness: what is nearer than the farthest around by an eighth counts a third
_BLOCK, _AROUND = 8, 1  # px, and blocks to each side, in which the farthest is looked for


def decode_mixed_colors(blended: BlendedMap) -> Tensor:
    """`decode_colors` of the blended map."""
    return decode_colors(blended.mixed, blended.near)


def decode_colors(feature_map: FeatureMap, near: float) -> Tensor:
    """Colours in the first three features, holes filled from what is far around them; (3, H, W) sRGB in [0, 1].

    A hole opens where something near has moved away from what is behind it.

    Args:
        near: depth at which nearness is 1.
    """
    colors = feature_map.features[:3].clamp(0, 1)
    known = (feature_map.alpha / COVERED).clamp(max=1)
    if bool((known == 1).all()):
        return colors
    filled = push_pull(colors, known * _farness(feature_map, near))
    return torch.lerp(filled, colors, known).clamp(0, 1)


def _farness(feature_map: FeatureMap, near: float) -> Tensor:
    """How much each pixel counts where a hole beside it is filled, (1, H, W) in [0, 1]; 1 for the farthest around."""
    height, width = feature_map.alpha.shape[1:]
    nearness = torch.where(feature_map.alpha >= COVERED, near / feature_map.depth, torch.full((), torch.inf))[None]
    farthest = -F.max_pool2d(-nearness, _BLOCK, ceil_mode=True)
    farthest = -F.max_pool2d(-farthest, 2 * _AROUND + 1, stride=1, padding=_AROUND)
    smooth = F.interpolate(farthest.clamp(max=1), scale_factor=_BLOCK, mode="bilinear", align_corners=False)
    return torch.exp(-_STEEPNESS * (nearness - smooth[..., :height, :width])[0]).clamp(max=1)


def hole_fraction(feature_map: FeatureMap) -> float:
    """Share of pixels that no point covers by at least half."""
    return float((feature_map.alpha < COVERED).to(torch.float32).mean())


def fill_depth(feature_map: FeatureMap) -> Tensor:
    """Depth (1, H, W) with holes filled in disparity."""
    known = feature_map.alpha >= COVERED
    if bool(known.all()):
        return feature_map.depth
    disparity = torch.where(known, 1 / feature_map.depth, torch.zeros(()))
    return 1 / push_pull(disparity, known.to(disparity.dtype)).clamp(min=1e-6)
