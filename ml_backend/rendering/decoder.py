"""The blended feature map to a picture (Sec. 3.4).

A `Decoder` is a function from BlendedMap to (3, H, W). The embedded one is the colour decoder: the features are the
colours, and what no point covers is filled from its surroundings.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ml_backend.filtering import push_pull
from ml_backend.structures import BlendedMap, FeatureMap

Decoder = Callable[[BlendedMap], Tensor]

COVERED = 0.5  # alpha from which a pixel counts as known: in the middle of four neighbouring points it is 0.85


def decode_mixed_colors(blended: BlendedMap) -> Tensor:
    """`decode_colors` of the blended map."""
    return decode_colors(blended.mixed)


def decode_colors(feature_map: FeatureMap) -> Tensor:
    """Colours in the first three features, holes filled by push-pull; (3, H, W) sRGB in [0, 1]."""
    colors = feature_map.features[:3].clamp(0, 1)
    known = (feature_map.alpha / COVERED).clamp(max=1)
    if bool((known == 1).all()):
        return colors
    # push_pull reads premultiplied sums, so a pixel that is half known mixes its own colour with its neighbours'.
    return push_pull(colors, known).clamp(0, 1)


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
