"""The block that our small networks are made of."""

from torch import nn

MOMENTUM = 0.02  # of the running statistics: batches on CPUs are small


class ConvBlock(nn.Sequential):
    """A dense 3 x 3 convolution, normalised, and SiLU: (B, in, H, W) -> (B, out, H / stride, W / stride)."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out_channels, momentum=MOMENTUM),
            nn.SiLU(inplace=True),
        )
