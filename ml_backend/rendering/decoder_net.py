"""The image decoder: a U-Net from blended features to a picture (Sec. 3.4), with two skips at each size.

It reads colours, alpha, features, and disparity, (B, C, H, W), and gives sRGB (B, 3, H, W) in [0, 1]. Sides are even
and at least 32.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTHS = (64, 128, 256, 512)
_GROUP = 32  # channels normalised together


class DecoderNet(nn.Module):
    """U-Net; `alpha` is the scale of disparity in the blend's exponent (Eq. 4), learned together with it."""

    def __init__(self, in_channels: int = 37) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(1.0))
        self.stem = nn.Sequential(nn.Conv2d(in_channels, 32, 7, padding=3, bias=False), nn.PReLU())
        self.down = nn.ModuleList(_TwoConvs(i, o, o, o) for i, o in zip((32, *_WIDTHS[:-1]), _WIDTHS, strict=True))
        deepest = _WIDTHS[-1]
        self.bottleneck = _TwoConvs(deepest, deepest, deepest, deepest)
        ups = zip(reversed(_WIDTHS), (*reversed(_WIDTHS[:-1]), 32), strict=True)
        self.up = nn.ModuleList(_TwoConvs(2 * i, i, 2 * i, o) for i, o in ups)
        self.last = nn.Conv2d(64, 3, 3, padding=1, padding_mode="reflect")

    def forward(self, x: Tensor) -> Tensor:
        """The picture."""
        height, width = x.shape[-2:]
        if height % 2 or width % 2 or min(height, width) < 32:
            raise ValueError(f"expected even sides of at least 32 pixels, found {height} x {width}")
        full = self.stem(x)
        skips, deep = [], full
        for block in self.down:
            first = block.first(F.max_pool2d(deep, 2))
            deep = block.second(first)
            skips.append((first, deep))
        deep = self.bottleneck.second(self.bottleneck.first(deep))
        for block, (first, second) in zip(self.up, reversed(skips), strict=True):
            deep = block.first(torch.cat([second, fit_doubled(deep, second)], dim=1))
            deep = block.second(torch.cat([first, deep], dim=1))
        return torch.sigmoid(self.last(torch.cat([full, _double(deep)], dim=1)))


class _TwoConvs(nn.Module):
    """Two normalised convolutions; the caller joins a skip to the second one's input where there is one."""

    def __init__(self, first_in: int, first_out: int, second_in: int, second_out: int) -> None:
        super().__init__()
        self.first, self.second = _conv(first_in, first_out), _conv(second_in, second_out)


def fit_doubled(deep: Tensor, skip: Tensor) -> Tensor:
    """Enlarged twice, then mirrored or cut about its centre to the size of `skip`.

    Where both have one size already, that magnifies the deep map: so it was trained.
    """
    doubled = _double(deep)
    down, right = (s - d for s, d in zip(skip.shape[-2:], doubled.shape[-2:], strict=True))
    pad = (right // 2, right - right // 2, down // 2, down - down // 2)
    return F.pad(doubled, pad, mode="reflect")


def _conv(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, padding_mode="reflect"),
        nn.GroupNorm(max(1, out_channels // _GROUP), out_channels),
        nn.PReLU(),
    )


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
