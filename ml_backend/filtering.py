"""Scale-space filters that several stages share: filling by pyramids, and wide Gaussian blurs."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_MIN_WEIGHT = 1e-6
_RELAXED_SIDE = 1024  # px; at levels finer than that a fill is smooth already, and a step takes longest
_LEVELNESS = 4  # times farther sideways; three to six are alike on the bench


def push_pull(values: Tensor, weight: Tensor, *, relaxations: int = 0) -> Tensor:
    """Fill what is not known from what is near, by a pyramid of weighted means (Gortler et al. 1996, Sec. 3.6).

    Args:
        values: (C, H, W), read only where weight > 0.
        weight: (1, H, W) in [0, 1]; 1 keeps the value as it is.
        relaxations: steps of diffusion at each level of the pyramid; some make the fill join its surroundings without
            a seam (a multigrid solution of Laplace's equation), none is quicker. Some need values on the CPU.
            Levels of more than 1024 pixels do without.

    Returns:
        (C, H, W), smooth where weight is 0; zero everywhere if nothing is known.
    """
    sums, weights = [(values * weight)[None]], [weight[None]]
    while max(sums[-1].shape[-2:]) > 1:  # to one pixel: else a thin picture stays half empty
        sums.append(F.avg_pool2d(sums[-1], 2, ceil_mode=True, count_include_pad=False))
        weights.append(F.avg_pool2d(weights[-1], 2, ceil_mode=True, count_include_pad=False))
    filled = sums[-1] / weights[-1].clamp(min=_MIN_WEIGHT)
    for total, known in zip(reversed(sums[:-1]), reversed(weights[:-1]), strict=True):
        filled = F.interpolate(filled, size=total.shape[-2:], mode="bilinear", align_corners=False)
        # A quarter of the pixels known is enough to trust a level: else fills would leak far across small gaps.
        trust = (4 * known).clamp(max=1) if total is not sums[0] else known.clamp(max=1)
        mean = total / known.clamp(min=_MIN_WEIGHT)
        filled = torch.lerp(filled, mean, trust)
        for _ in range(relaxations if max(total.shape[-2:]) <= _RELAXED_SIDE else 0):
            filled = torch.lerp(_mean_around(filled[0])[None], mean, trust)
    return filled[0]


def push_pull_level(values: Tensor, weight: Tensor, *, relaxations: int = 0) -> Tensor:
    """`push_pull` that fills from `_LEVELNESS` times as far sideways as from above and below.

    What is hidden in a photo lies level more often than not: shores, horizons, shelves, on the ground all that is
    equally far. So a squeezed picture is filled first; what it leaves is filled from all sides alike.
    """
    height, width = weight.shape[-2:]
    squeezed = (height, -(-width // _LEVELNESS))
    share = F.interpolate(weight[None], size=squeezed, mode="area")[0]
    mean = F.interpolate((values * weight)[None], size=squeezed, mode="area")[0] / share.clamp(min=_MIN_WEIGHT)
    level = push_pull(mean, share, relaxations=relaxations)
    level = F.interpolate(level[None], size=(height, width), mode="bilinear", align_corners=False)[0]
    return level + push_pull(values - level, weight, relaxations=relaxations)


def _mean_around(values: Tensor) -> Tensor:
    """Mean of each pixel (C, H, W) and its eight neighbours, on the CPU; OpenCV takes an eighth of torch's time."""
    channels = values.contiguous().numpy()
    return torch.from_numpy(np.stack([cv2.blur(v, (3, 3), borderType=cv2.BORDER_REPLICATE) for v in channels]))


def gaussian_blur(values: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of (C, H, W) with standard deviation `sigma` pixels, borders repeated.

    Wide blurs are computed on a reduced image: their result has no detail that would need all pixels.
    """
    height, width = values.shape[-2:]
    step = max(1, int(sigma / 2))
    small = values[None]
    if step > 1:
        size = (max(1, -(-height // step)), max(1, -(-width // step)))
        small = F.interpolate(small, size=size, mode="area")
    small = _blur_axis(_blur_axis(small, sigma / step, 2), sigma / step, 3)
    if step > 1:
        small = F.interpolate(small, size=(height, width), mode="bilinear", align_corners=False)
    return small[0]


def blur_narrow(values: Tensor, sigma_px: float) -> Tensor:
    """Gaussian blur of (C, H, W) on the CPU, borders repeated; narrow ones take OpenCV a tenth of torch's time."""
    kernel = cv2.getGaussianKernel(2 * narrow_reach(sigma_px) + 1, sigma_px, cv2.CV_32F)
    blurred = [
        cv2.sepFilter2D(channel, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
        for channel in values.contiguous().numpy()
    ]
    return torch.from_numpy(np.stack(blurred))


def narrow_reach(sigma_px: float) -> int:
    """How many pixels away `blur_narrow` looks."""
    return max(1, round(3 * sigma_px))


def _blur_axis(values: Tensor, sigma: float, axis: int) -> Tensor:
    reach = max(1, int(3 * sigma + 0.5))
    offsets = torch.arange(-reach, reach + 1, dtype=values.dtype, device=values.device)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    shape = [1, 1, 1, 1]
    shape[axis] = len(kernel)
    pad = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
    channels = values.shape[1]
    weights = (kernel / kernel.sum()).view(shape).expand(channels, 1, *shape[2:])
    return F.conv2d(F.pad(values, pad, mode="replicate"), weights, groups=channels)
