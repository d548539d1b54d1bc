"""The colour and depth networks of 3D Photo Inpainting (Shih et al. 2020), the paper's reference 52.

U-Nets of partial convolutions (Liu et al. 2018): what is neither context nor hole counts as unknown and is left out of
every sum. Known at once for all channels, the mask needs no convolution of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MULTIPLE = 128  # seven halvings
_WIDTHS = (64, 128, 256, 512, 512, 512, 512)
_KERNELS = (7, 5, 5, 3, 3, 3, 3)
_SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class InpaintingNets:
    """What fills a layer: colour (1, 6, h, w) -> (1, 3, h, w) in [0, 1], log depth (1, 4, h, w) -> (1, 1, h, w)."""

    color: Callable[[Tensor], Tensor]
    depth: Callable[[Tensor], Tensor]


class PartialConvUNet(nn.Module):
    """Seven halvings and back. The last two input channels are context and hole.

    Args:
        biased: how many of the first convolutions have a bias.
    """

    def __init__(self, in_channels: int, out_channels: int, *, biased: int, squashes: bool) -> None:
        super().__init__()
        self._squashes = squashes
        inputs = (in_channels, *_WIDTHS[:-1])
        self.encoder = nn.ModuleList(
            _PartialConv(i, o, k, stride=2, norm=n > 0, bias=n < biased)
            for n, (i, o, k) in enumerate(zip(inputs, _WIDTHS, _KERNELS, strict=True))
        )
        outputs = [*reversed(_WIDTHS[:-1]), out_channels]
        skips = [*reversed(inputs)]
        before = [_WIDTHS[-1], *outputs[:-1]]
        self.decoder = nn.ModuleList(
            _PartialConv(b + s, o, 3, stride=1, norm=n < len(skips) - 1, bias=n == len(skips) - 1)
            for n, (b, s, o) in enumerate(zip(before, skips, outputs, strict=True))
        )

    def forward(self, x: Tensor) -> Tensor:
        """The filled map (B, C, h, w), of any size."""
        height, width = x.shape[-2:]
        down, right = (-side % _MULTIPLE for side in (height, width))
        top, left = down // 2, right // 2
        filled = self._run(F.pad(x, (left, right - left, top, down - top)))
        return filled[..., top : top + height, left : left + width]

    def _run(self, x: Tensor) -> Tensor:
        known = ((x[:, -2:-1] + x[:, -1:]) > 0).to(x.dtype).expand_as(x)
        maps = [(x, known)]
        for conv in self.encoder:
            x, known = conv(x, known)
            x = F.relu(x)
            maps.append((x, known))
        x, known = maps.pop()
        for conv in self.decoder:
            skip, skip_known = maps.pop()
            x = torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skip], dim=1)
            known = torch.cat([F.interpolate(known, scale_factor=2, mode="nearest"), skip_known], dim=1)
            x, known = conv(x, known)
            x = F.leaky_relu(x, _SLOPE) if maps else x
        return torch.sigmoid(x) if self._squashes else x


def color_net() -> PartialConvUNet:
    """Input: colour of the context (3), edges, context, hole. Output: colour in [0, 1]."""
    return PartialConvUNet(6, 3, biased=0, squashes=True)


def depth_net() -> PartialConvUNet:
    """Input: log depth of the context, its mean 0, edges, context, hole. Output: log depth."""
    return PartialConvUNet(4, 1, biased=2, squashes=False)


class _PartialConv(nn.Module):
    """A convolution of known values, divided by the share of them that it found."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, *, stride: int, norm: bool, bias: bool
    ) -> None:
        super().__init__()
        self._kernel, self._stride, self._window = kernel, stride, in_channels * kernel**2
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=bias)
        self.bn = nn.BatchNorm2d(out_channels) if norm else None

    def forward(self, x: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        found = F.avg_pool2d(
            known.sum(dim=1, keepdim=True), self._kernel, self._stride, self._kernel // 2, divisor_override=1
        )  # (B, 1, h, w)
        summed = F.conv2d(x * known, self.conv.weight, None, self._stride, self._kernel // 2)
        mean = summed * (self._window / found.clamp(min=1))
        if self.conv.bias is not None:
            mean = mean + self.conv.bias.view(1, -1, 1, 1)
        is_known = (found > 0).to(x.dtype)
        mean = mean * is_known
        return (mean if self.bn is None else self.bn(mean)), is_known.expand_as(mean)
