"""Our decoder: a small U-Net that corrects the colours of the free chain, where there is something to correct.

It reads clues and the gate, (B, INPUTS, H, W) (see `gated_decoder.py`), and gives a correction (B, 3, H, W) of sRGB.
Before training it is zero. Sides of any length; dense convolutions with few channels at full size, which is what a CPU
is good at.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLUES = 20
INPUTS = CLUES + 1
_SLOPE = 0.1
_WIDTHS = (16, 24, 40, 64)


class GatedDecoderNet(nn.Module):
    """The correction; the gate is no part of it, since it is no matter of learning where nothing is wrong."""

    def __init__(self, in_channels: int = INPUTS, widths: tuple[int, ...] = _WIDTHS) -> None:
        super().__init__()
        self.first = nn.ModuleList(
            [_conv(in_channels, widths[0]), *(_conv(i, o, stride=2) for i, o in pairwise(widths))]
        )
        self.second = nn.ModuleList(_conv(width, width) for width in widths)
        self.up = nn.ModuleList(_conv(i + o, o) for o, i in reversed(list(pairwise(widths))))
        self.last = _conv(widths[0], 3)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor) -> Tensor:
        """What is to be added to the colours."""
        skips = []
        for first, second in zip(self.first, self.second, strict=True):
            x = F.leaky_relu(second(F.leaky_relu(first(x), _SLOPE)), _SLOPE)
            skips.append(x)
        for up, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            # Bilinear and then a convolution: transposed ones leave a checkerboard.
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = F.leaky_relu(up(torch.cat([x, skip], dim=1)), _SLOPE)
        return self.last(x)


def _conv(in_channels: int, out_channels: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1)
