"""Our small depth network: photo to disparity, shaped for CPUs and for training on generated worlds.

A residual U-Net of dense 3 x 3 convolutions: on CPUs they run at twenty times the rate of depthwise ones. What a photo
shows at the same place of a slope or a sky is decided by the whole picture, so the coarse levels also see means over
the picture and over each row, and the first level sees where in the picture it is.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.conv_block import MOMENTUM, ConvBlock

MULTIPLE = 32  # five halvings
WIDTHS = (24, 48, 80, 128, 192)
BLOCKS = (0, 1, 2, 3, 2)

_MEAN, _SPREAD = 0.45, 0.25  # of photos in [0, 1]
_PLACES = 2  # row and distance to the middle column, both in [-1, 1]


class SmallDepthNet(nn.Module):
    """Photo (B, 3, H, W) sRGB in [0, 1], sides multiples of 32 -> disparity (B, 1, H, W): near about 1, sky about 0."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, blocks: tuple[int, ...] = BLOCKS) -> None:
        super().__init__()
        before = (4 * 3 + _PLACES, *widths[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(
                ConvBlock(i, o, stride=1 if level == 0 else 2),
                *(_Residual(o) for _ in range(n)),
                *(_Refinement(o) for _ in range(n)),
            )
            for level, (i, o, n) in enumerate(zip(before, widths, blocks, strict=True))
        )
        self.contexts = nn.ModuleDict({str(level): _Context(widths[level]) for level in (2, 3, 4)})
        self.decoder = nn.ModuleList(
            nn.Sequential(ConvBlock(coarse + fine, fine), _Refinement(fine))
            for coarse, fine in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Sequential(ConvBlock(widths[0] + 4 * 3, widths[0]), nn.Conv2d(widths[0], 4, 3, padding=1))

    def forward(self, photo: Tensor) -> Tensor:
        """Disparity, float32 whatever the autocast."""
        halves = F.pixel_unshuffle((photo - _MEAN) / _SPREAD, 2)
        features = torch.cat([halves, _places(halves)], dim=1)
        skips = []
        for level, stage in enumerate(self.encoder):
            features = stage(features)
            if str(level) in self.contexts:
                features = self.contexts[str(level)](features)
            skips.append(features)
        skips.pop()
        for stage in self.decoder:
            finer = F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
            features = stage(torch.cat([finer, skips.pop()], dim=1))
        return F.pixel_shuffle(self.head(torch.cat([features, halves], dim=1)), 2).float()


class _Residual(nn.Module):
    """Starts as its activation alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvBlock(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels, momentum=MOMENTUM)
        )
        nn.init.zeros_(self.second[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(x + self.second(self.first(x)))


class _Refinement(_Residual):
    """Starts as the identity, so that a trained network can be given more of them and goes on from where it was."""

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.first(x))


class _Context(nn.Module):
    """Adds what the means over the picture and over each row say; starts as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.picture = nn.Linear(channels, channels)
        self.rows = nn.Conv1d(channels, channels, 3, padding=1)
        for layer in (self.picture, self.rows):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.picture(x.mean(dim=(2, 3)))[..., None, None] + self.rows(x.mean(dim=3))[..., None]


def _places(like: Tensor) -> Tensor:
    """Row and distance to the middle column of each pixel (B, 2, h, w)."""
    batch, _, height, width = like.shape
    row = torch.linspace(-1, 1, height, device=like.device, dtype=like.dtype)
    column = torch.linspace(-1, 1, width, device=like.device, dtype=like.dtype).abs()
    rows = row[:, None].expand(height, width)
    return torch.stack([rows, column.expand(height, width)]).expand(batch, -1, -1, -1)
