"""The 2D feature extractor: a ResNet-34 to its third stage and two steps back up (Sec. 3.3).

It reads all layers of a photo as one batch, RGBA (L, 4, H, W), and gives features at a quarter of the size. Its
normalisation takes mean and variance over that batch, so that each layer's features depend on the others.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2))  # channels, blocks, stride


class FeatureNet(nn.Module):
    """RGBA layers (L, 4, H, W) in [0, 1] -> features (L, C, about H / 4, about W / 4)."""

    def __init__(self, in_channels: int = 4, out_channels: int = 32) -> None:
        super().__init__()
        self.conv1 = _conv(in_channels, 64, 7, stride=2)
        self.bn1 = _norm(64)
        before = 64
        stages = []
        for channels, count, stride in _STAGES:
            blocks = [_Block(before, channels, stride), *(_Block(channels, channels, 1) for _ in range(count - 1))]
            stages.append(nn.Sequential(*blocks))
            before = channels
        self.layer1, self.layer2, self.layer3 = stages
        self.up3, self.merge3 = _ConvNormElu(256, 128), _ConvNormElu(256, 128)
        self.up2, self.merge2 = _ConvNormElu(128, 64), _ConvNormElu(128, out_channels)
        self.last = nn.Conv2d(out_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Features of all layers at once."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, stride=2, padding=1)
        x1 = self.layer1(x)
        x2 = self.layer2(x1)
        x = self.up3(_double(self.layer3(x2)))
        x = self.merge3(_join(x2, x))
        x = self.up2(_double(x))
        return self.last(self.merge2(_join(x1, x)))


class _Block(nn.Module):
    """Two convolutions beside the identity (He et al. 2016)."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(in_channels, channels, 3, stride=stride), _norm(channels)
        self.conv2, self.bn2 = _conv(channels, channels, 3), _norm(channels)
        changes = stride != 1 or in_channels != channels
        self.downsample = (
            nn.Sequential(nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False), _norm(channels))
            if changes
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        same = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + same)


class _ConvNormElu(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, padding_mode="reflect")
        self.bn = _norm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.elu(self.bn(self.conv(x)))


def _conv(in_channels: int, out_channels: int, kernel: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False, padding_mode="reflect")


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, track_running_stats=False)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


def _join(skip: Tensor, deep: Tensor) -> Tensor:
    """Both as channels of one map, the skip brought to the other's size by zeros or by a cut."""
    down, right = (d - s for d, s in zip(deep.shape[-2:], skip.shape[-2:], strict=True))
    return torch.cat([deep, F.pad(skip, (right // 2, right - right // 2, down // 2, down - down // 2))], dim=1)
