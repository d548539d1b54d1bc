"""Pictures of generated worlds made as various as photos: cut, mirrored, lit, blurred, and noisy in other ways.

All of it works on a whole batch on its device; random numbers come from torch's generator, which the loop seeds.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_SMALLEST_CUT = 0.55  # of the picture's sides
_GREY_SHARE = 0.1
_FILTERED_SHARE = 0.5
_KERNELS = (1, 3, 5)  # px
_BLUR_SHARE = 0.6
_LARGEST_NOISE = 0.06


def cut_and_mirror(color: Tensor, values: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The same random cut of colours (B, 3, H, W) and values (B, C, H, W), half of them mirrored, as `size` (h, w)."""
    batch = len(color)
    share = _uniform(color, _SMALLEST_CUT, 1.0)
    aspect = _uniform(color, 0.9, 1.1)
    wide, high = share * aspect.clamp(max=1), share / aspect.clamp(min=1)
    mirrored = torch.where(_uniform(color, 0, 1) < 0.5, -1.0, 1.0)
    grid = torch.zeros(batch, 2, 3, device=color.device)
    grid[:, 0, 0], grid[:, 0, 2] = wide * mirrored, (1 - wide) * _uniform(color, -1, 1)
    grid[:, 1, 1], grid[:, 1, 2] = high, (1 - high) * _uniform(color, -1, 1)
    places = F.affine_grid(grid, [batch, 1, *size], align_corners=False)
    return (
        F.grid_sample(color, places, mode="bilinear", padding_mode="reflection", align_corners=False),
        F.grid_sample(values, places, mode="nearest", padding_mode="border", align_corners=False),
    )


def relight(color: Tensor) -> Tensor:
    """Other exposure, contrast, white balance, and saturation; some pictures grey."""
    gamma, gain = _uniform(color, 0.6, 1.6, 1), _uniform(color, 0.85, 1.15, 3)
    lit = color.clamp(1e-4, 1) ** gamma * gain
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    lit = (lit - mean) * _uniform(color, 0.6, 1.3, 1) + mean + _uniform(color, -0.1, 0.1, 1)
    grey = lit.mean(dim=1, keepdim=True)
    is_grey = _uniform(color, 0, 1, 1) < _GREY_SHARE
    saturation = torch.where(is_grey, torch.zeros_like(gamma), _uniform(color, 0.6, 1.4, 1))
    return grey + (lit - grey) * saturation


def filter_at_random(color: Tensor) -> Tensor:
    """Half of the pictures seen through a random convolution, mixed with what they were; mean and spread stay.

    Shapes stay where they are and textures do not, so that a network learns the shapes (Xu et al. 2021, RandConv).
    """
    batch, channels = color.shape[:2]
    kernel = _KERNELS[int(torch.randint(len(_KERNELS), ()))]
    weight = torch.randn(batch * channels, channels, kernel, kernel, device=color.device)
    padded = F.pad(color, (kernel // 2,) * 4, mode="replicate")
    filtered = F.conv2d(padded.reshape(1, batch * channels, *padded.shape[-2:]), weight, groups=batch)
    mixed = torch.lerp(
        _standardized(filtered.view_as(color).to(color.dtype)), _standardized(color), _uniform(color, 0, 0.8, 1)
    )
    mean, spread = _moments(color)
    restored = (_standardized(mixed) * spread + mean).clamp(0, 1)
    return torch.where(_uniform(color, 0, 1, 1) < _FILTERED_SHARE, restored, color)


def blur_and_noise(color: Tensor) -> Tensor:
    """A little of what lenses and sensors do."""
    soft = F.avg_pool2d(F.pad(color, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    strength = _uniform(color, 0, 1, 1) * (_uniform(color, 0, 1, 1) < _BLUR_SHARE)
    noise = torch.randn_like(color) * _uniform(color, 0, 1, 1).square() * _LARGEST_NOISE
    return (torch.lerp(color, soft, strength.expand_as(color)) + noise).clamp(0, 1)


def _standardized(color: Tensor) -> Tensor:
    mean, spread = _moments(color)
    return (color - mean) / spread


def _moments(color: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each picture, all channels together."""
    dims = (1, 2, 3)
    return color.mean(dim=dims, keepdim=True), color.std(dim=dims, keepdim=True).clamp(min=1e-3)


def _uniform(like: Tensor, low: float, high: float, channels: int = 0) -> Tensor:
    """(B,) numbers, or (B, channels, 1, 1) of them."""
    shape = (len(like), channels, 1, 1) if channels else (len(like),)
    return torch.rand(shape, device=like.device) * (high - low) + low
