"""Fluid that comes into the picture: the photo's own in the other cloud rather than what was invented in this one.

A cloud that has flowed away from the photo's edge, or from behind a rock, has nothing of the photo left there; what was
invented is smooth, and after a while there is none. The other cloud has flowed the other way, and often shows the
photo's own fluid at the same place, which moves alike. A soft cut that flows along is hardly seen in water, as long
as the colours are: foam is not mended with the dark sea before it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ml_backend.filtering import blur_narrow

FEATHER_PX = 2.5  # of the photo: Gaussian that softens the cut
# Share of the loop in which the forward cloud gives way, so that nothing is there at once; and in which the backward
# one takes its own back, so that nothing of the forward cloud is left to vanish at the seam.
_GIVING_WAY, _TAKING_BACK = 0.25, 0.1
_COLOR_SPREAD = 2.5  # of the feather: Gaussian in which colours are compared, wider than what is texture
_LIKE, _UNLIKE = 0.16, 0.32  # difference of mean colours up to which fluid is borrowed, and from which it is not
_LEAST_COVERED = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """What a drawn cloud shows: colors (C, H, W), and each (1, H, W) in [0, 1], how much of a pixel it covers, how much
    of that is the photo's own, and how much is fluid that has moved.
    """

    colors: Tensor
    covered: Tensor
    known: Tensor
    moved: Tensor


def borrow_fluid(weight: Tensor, forward: Seen, backward: Seen, time: float, sigma_px: float) -> Tensor:
    """The weight of the forward cloud (1, H, W), less where its moved fluid is invented and the other's is the photo's.

    And more where it is the other way round. What has not moved is left, to the bit.

    Args:
        time: t / N in [0, 1]. sigma_px: of the Gaussian that softens the cut, in pixels of the picture.
    """
    missing, missing_in_backward = (_invented_fluid(side, sigma_px) for side in (forward, backward))
    if not bool((missing + missing_in_backward > 0).any()):
        return weight
    alike = _alike(forward, backward, _COLOR_SPREAD * sigma_px)
    to_backward = _smooth_step(time / _GIVING_WAY) * missing * _photo(backward) * alike
    taken = _smooth_step((1 - time) / _TAKING_BACK)
    to_forward = taken * missing_in_backward * _photo(forward) * alike * (1 - missing)
    weight = weight * (1 - to_backward)
    return weight + (1 - weight) * to_forward


def _invented_fluid(seen: Seen, sigma_px: float) -> Tensor:
    """(1, H, W) in [0, 1]: 1 there, falling to 0 in the photo's own fluid beside it; little in a crack.

    What was invented in a crack is the mean of its sides, and fits better than fluid from elsewhere.
    """
    moved = seen.moved.clamp(0, 1)
    invented = ((1 - seen.known) * moved * seen.covered).clamp(0, 1)
    if not bool((invented > 0).any()):
        return invented
    return moved * (3 * blur_narrow(invented, sigma_px) - 0.5).clamp(0, 1)  # 1 at a straight edge, 0 a sigma beyond it


def _alike(first: Seen, second: Seen, sigma_px: float) -> Tensor:
    """(1, H, W) in [0, 1]: 1 where the mean colours of two clouds are about the same."""
    means = []
    for seen in (first, second):
        sums = blur_narrow(torch.cat([seen.colors * seen.covered, seen.covered]), sigma_px)
        means.append(sums[:-1] / sums[-1:].clamp(min=_LEAST_COVERED))
    difference = (means[0] - means[1]).abs().amax(dim=0, keepdim=True)
    return ((_UNLIKE - difference) / (_UNLIKE - _LIKE)).clamp(0, 1)


def _photo(seen: Seen) -> Tensor:
    return (seen.known * seen.covered).clamp(0, 1)


def _smooth_step(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
