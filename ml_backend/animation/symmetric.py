"""3D symmetric animation: one cloud moved forward, one moved backward, blended so that the loop closes (Sec. 3.4).

Frame t of N shows F(0 -> t) and F(0 -> t - N). At t = 0 only the first counts and nothing has moved; at t = N only the
second counts and nothing has moved: the two ends are the same picture.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ml_backend.filtering import gaussian_blur
from ml_backend.structures import FeatureMap

Nearness = Callable[[Tensor], Tensor]
"""depth -> exponent of Eq. (4)."""

Fade = Callable[[float], float]
"""time t / N in [0, 1] -> share of the backward cloud, 0 at 0 and 1 at 1."""

# Measured best on scenes with known motion: the forward cloud alone is a real video, not a double exposure.
LATE_FADE_START = 0.65
_LEAST_SHARE = 1e-3  # of either cloud while it may be needed to close the other's holes
# Trust in an inpainted point. With less, the other cloud's photo shows behind a moving wave at once and goes away at
# once when the loop closes: a seam of 1.3 steps. With more, what was invented lasts longer than it must.
_INVENTED = 0.05
_SAME = 0.02  # difference of two colours that no one sees
_MAX_CONTRAST_GAIN = 1.5  # keeps noise in nearly cancelled texture from being blown up
_TINY = 1e-12


def linear_fade(time: float) -> float:
    """The paper's schedule: alpha = t / N (Eq. 4)."""
    return time


def late_fade(time: float) -> float:
    """The forward cloud alone for two thirds of the loop, then a smooth step to the backward cloud.

    Only the two ends are asked for by the loop; between them one cloud alone is sharper than two mixed. The step is
    flat at its ends (Perlin's), so that nothing of the forward cloud is left to vanish at the seam.
    """
    if time <= 0.0:
        return 0.0
    x = max(0.0, (time - LATE_FADE_START) / (1 - LATE_FADE_START))
    return max(_LEAST_SHARE, x * x * x * (x * (6 * x - 15) + 10))


def normalised_nearness(near: float, steepness: float = 4.0) -> Nearness:
    """`steepness * near / z`, clamped to [0, steepness].

    Eq. (4) as printed, exp(-depth), depends on the unit of depth and underflows for the sky; 4 times a disparity in
    [0, 1] is what the authors' code uses.
    """

    def exponent(depth: Tensor) -> Tensor:
        return steepness * (near / depth).clamp(0, 1)

    return exponent


def blend_weight(
    forward: FeatureMap,
    backward: FeatureMap,
    time: float,
    nearness: Nearness,
    fade: Fade = late_fade,
    *,
    known_channel: int | None = None,
) -> Tensor:
    """Weight of the forward map, (1, H, W) in [0, 1]: Eq. (4) with the alpha of each side; 1 where neither covers.

    `known_channel` is the feature that is 1 for the photo's own points and 0 for inpainted ones: where water has moved
    away and one side shows what was invented behind it, the other side's photo counts.
    """
    share = fade(time)
    of_forward = (1 - share) * forward.alpha * torch.exp(nearness(forward.depth))
    of_backward = share * backward.alpha * torch.exp(nearness(backward.depth))
    if known_channel is not None:
        of_forward = of_forward * (forward.features[known_channel] + _INVENTED)
        of_backward = of_backward * (backward.features[known_channel] + _INVENTED)
    return torch.where(of_forward + of_backward > _TINY, of_forward / (of_forward + of_backward).clamp(min=_TINY), 1.0)


def blend(forward: FeatureMap, backward: FeatureMap, weight: Tensor) -> FeatureMap:
    """Weighted mean of features, alpha, and depth (as disparity) of the two maps: Eq. (5) and (6)."""
    return FeatureMap(
        features=torch.lerp(backward.features, forward.features, weight),
        depth=1 / torch.lerp(1 / backward.depth, 1 / forward.depth, weight),
        alpha=torch.lerp(backward.alpha, forward.alpha, weight),
    )


def blend_preserving_variance(forward: FeatureMap, backward: FeatureMap, weight: Tensor, sigma_px: float) -> FeatureMap:
    """`blend`, with the local contrast that mixing two different textures takes away given back.

    After Heitz and Neyret 2018, with the covariance of the two maps measured: what both show alike (still parts) is
    left as it is, to the bit: a window that reaches from still pixels into the fluid changes with it. Statistics are
    taken in Gaussian windows of `sigma_px` pixels.
    """
    mixed = blend(forward, backward, weight)
    if bool(((weight == 0) | (weight == 1)).all()):
        return mixed
    # A hole of one map has no texture of its own; there the other one counts alone.
    first = torch.where(forward.alpha > 0, forward.features, backward.features)
    second = torch.where(backward.alpha > 0, backward.features, forward.features)
    detail_1, detail_2 = first - gaussian_blur(first, sigma_px), second - gaussian_blur(second, sigma_px)
    products = [
        (a * b).sum(dim=0, keepdim=True) for a, b in ((detail_1, detail_1), (detail_2, detail_2), (detail_1, detail_2))
    ]
    var_1, var_2, covariance = gaussian_blur(torch.cat(products), sigma_px).split(1)
    w, v = weight, 1 - weight
    wanted = w * var_1 + v * var_2
    found = w**2 * var_1 + v**2 * var_2 + 2 * w * v * covariance
    gain = torch.sqrt((wanted + 1e-6) / (found.clamp(min=0) + 1e-6)).clamp(1, _MAX_CONTRAST_GAIN)
    detail = w * detail_1 + v * detail_2
    differs = ((first - second).abs().amax(dim=0, keepdim=True) / _SAME).clamp(max=1)
    return replace(mixed, features=mixed.features + (gain - 1) * differs * detail)


def double_exposure(forward: FeatureMap, backward: FeatureMap, weight: Tensor) -> float:
    """How much the maps show through each other: their mean difference where both count, 0 where one counts alone."""
    both = 4 * weight * (1 - weight)  # (1, H, W), 1 where each has half
    return float(((forward.features[:3] - backward.features[:3]).abs().mean(dim=0, keepdim=True) * both).mean())
