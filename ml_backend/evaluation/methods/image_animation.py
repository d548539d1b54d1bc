"""Animating a picture in its own plane: symmetric splatting of Holynski et al. 2021 (Sec. 5), colours for features."""

import torch
from torch import Tensor

from ml_backend.filtering import push_pull
from ml_backend.motion.euler import integrate
from ml_backend.structures import MotionField

_COVERED = 0.5  # of a pixel: what bilinear splatting of neighbours that drift apart may leave
_TINY = 1e-6


def animate_image(image: Tensor, motion: MotionField, time: int, num_frames: int) -> Tensor:
    """Frame `time` of the loop, (3, H, W): both displaced pictures, summed with weights 1 - t/N and t/N.

    Their learned weight per pixel is left out (all pixels count alike); holes are filled from around.
    """
    share = time / num_frames
    sums, weights = torch.zeros_like(image), torch.zeros_like(image[:1])
    coverage = torch.zeros_like(weights)
    for steps, weight in ((time, 1 - share), (time - num_frames, share)):
        if weight > 0:
            moved, arrived = splat_bilinear(image, integrate(motion, steps).offset)
            sums, weights, coverage = sums + weight * moved, weights + weight * arrived, coverage + arrived
    colors = sums / weights.clamp(min=_TINY)
    known = (coverage / _COVERED).clamp(max=1)
    if bool((known == 1).all()):
        return colors
    return push_pull(colors, known).clamp(0, 1)


def splat_bilinear(image: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
    """Add each pixel to the four around its aim, `offset` (2, H, W) away; sums (C, H, W) and weights (1, H, W)."""
    channels, height, width = image.shape
    rows, cols = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    x, y = cols + offset[0], rows + offset[1]
    values = torch.cat([image, torch.ones_like(image[:1])]).reshape(channels + 1, -1)
    total = torch.zeros_like(values)
    for right in (0, 1):
        for below in (0, 1):
            col, row = x.floor() + right, y.floor() + below
            weight = (1 - (x - col).abs()) * (1 - (y - row).abs())
            inside = (col >= 0) & (col < width) & (row >= 0) & (row < height)
            index = torch.where(inside, row * width + col, torch.zeros(())).long().reshape(-1)
            total.index_add_(1, index, values * (weight * inside).reshape(-1))
    total = total.reshape(channels + 1, height, width)
    return total[:-1], total[-1:]
