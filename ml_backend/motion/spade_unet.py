"""The motion network: a U-Net of 16 spectrally normalised convolutions with SPADE (Sec. 3.2 and 4.1).

It reads photo, mask, and hints, (B, 6, H, W), and gives flow, (B, 2, H, W), in pixels per frame of its own size.
Sides are multiples of 256.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MULTIPLE = 256  # eight halvings

_SLOPE = 0.2
_SPADE_WIDTH = 128
_TINY = 1e-12


class SpadeUNet(nn.Module):
    """`widths` are the channels of the eight halvings.

    Args:
        nearest_channels: of the input, where it is reduced, and of every map that is enlarged: those that are resized
            by the nearest pixel, not bilinearly.
        power_iterations: steps of spectral normalisation at each call, always from the stored vectors, so that equal
            calls give equal flow.
    """

    def __init__(
        self,
        in_channels: int = 6,
        widths: Sequence[int] = (32, 64, 128, 256, 256, 256, 256, 256),
        *,
        nearest_channels: tuple[int, ...] = (),
        power_iterations: int = 0,
    ) -> None:
        super().__init__()
        self._nearest_channels = nearest_channels
        inputs = [in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            SpectralConv2d(i, o, 4, stride=2, power_iterations=power_iterations)
            for i, o in zip(inputs, widths, strict=True)
        )
        outputs = [*reversed(widths[:-1]), 2]
        joined = [widths[-1], *(2 * width for width in outputs[:-1])]
        self.decoder = nn.ModuleList(
            SpectralConv2d(i, o, 3, stride=1, power_iterations=power_iterations)
            for i, o in zip(joined, outputs, strict=True)
        )
        self.encoder_norms = nn.ModuleList(Spade(width, in_channels, nearest_channels) for width in widths[1:-1])
        self.decoder_norms = nn.ModuleList(Spade(width, in_channels, nearest_channels) for width in outputs[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Flow (B, 2, H, W) of an input (B, C, H, W)."""
        height, width = x.shape[-2:]
        if height % MULTIPLE or width % MULTIPLE:
            raise ValueError(f"expected sides that are multiples of {MULTIPLE}, found {height} x {width}")
        maps = [self.encoder[0](x)]
        for conv, norm in zip(self.encoder[1:-1], self.encoder_norms, strict=True):
            maps.append(norm(conv(F.leaky_relu(maps[-1], _SLOPE)), x))
        deep = [F.relu(self.encoder[-1](F.leaky_relu(maps[-1], _SLOPE)))]  # before it is enlarged, unlike the others
        for conv, norm, skip in zip(self.decoder[:-1], self.decoder_norms, reversed(maps), strict=True):
            deep = [norm(conv(self._enlarge(deep)), x), skip]
        return self.decoder[-1](self._enlarge(deep))

    def _enlarge(self, maps: Sequence[Tensor]) -> Tensor:
        """What is positive of maps (B, C, h, w), at twice the size, joined."""
        height, width = maps[0].shape[-2:]
        size = (2 * height, 2 * width)
        return F.relu(torch.cat([_resize(x, size, self._nearest_channels) for x in maps], dim=1))


class Spade(nn.Module):
    """Normalisation whose scale and shift are read from a map at every place (Park et al. 2019)."""

    def __init__(self, channels: int, map_channels: int, nearest_channels: tuple[int, ...]) -> None:
        super().__init__()
        self._nearest_channels = nearest_channels
        self.shared = nn.Conv2d(map_channels, _SPADE_WIDTH, 3, padding=1)
        self.gamma = nn.Conv2d(_SPADE_WIDTH, channels, 3, padding=1)
        self.beta = nn.Conv2d(_SPADE_WIDTH, channels, 3, padding=1)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        """`x` normalised over each picture, scaled and shifted by what `guide` (B, C, H, W) shows there."""
        shared = F.relu(self.shared(_resize(guide, x.shape[-2:], self._nearest_channels)))
        return F.instance_norm(x) * (1 + self.gamma(shared)) + self.beta(shared)


class SpectralConv2d(nn.Module):
    """A convolution whose weight is divided by its largest singular value, estimated from two stored vectors."""

    weight_u: Tensor
    weight_v: Tensor

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, *, stride: int, power_iterations: int = 0
    ) -> None:
        super().__init__()
        self._stride, self._power_iterations = stride, power_iterations
        plain = nn.Conv2d(in_channels, out_channels, kernel)
        self.weight_orig = nn.Parameter(plain.weight.detach())
        self.bias = nn.Parameter(plain.bias.detach())  # type: ignore[union-attr]
        self.register_buffer("weight_u", F.normalize(torch.ones(out_channels), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.ones(in_channels * kernel**2), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """The convolution, padded by one pixel."""
        matrix = self.weight_orig.flatten(1)
        u, v = self.weight_u, self.weight_v
        for _ in range(self._power_iterations):
            v = F.normalize(matrix.T @ u, dim=0, eps=_TINY)
            u = F.normalize(matrix @ v, dim=0, eps=_TINY)
        return F.conv2d(x, self.weight_orig / (u @ matrix @ v), self.bias, self._stride, padding=1)


@torch.no_grad()
def follow_weights(network: nn.Module, steps: int) -> None:
    """Bring the stored vectors of all spectral normalisations nearer to their weights, as training must."""
    for module in network.modules():
        if isinstance(module, SpectralConv2d):
            matrix = module.weight_orig.flatten(1)
            for _ in range(steps):
                module.weight_v.copy_(F.normalize(matrix.T @ module.weight_u, dim=0, eps=_TINY))
                module.weight_u.copy_(F.normalize(matrix @ module.weight_v, dim=0, eps=_TINY))


def _resize(x: Tensor, size: Sequence[int], nearest_channels: tuple[int, ...]) -> Tensor:
    smooth = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
    if nearest_channels:
        channels = list(nearest_channels)
        smooth[:, channels] = F.interpolate(x[:, channels], size=size, mode="nearest")
    return smooth
