"""The critic of both stages: PatchGANs that look at a picture at several sizes (pix2pixHD, Wang et al. 2018).

Each layer's output is given, since feature matching compares them all (Sec. 3.5). Spectral normalisation of the
convolutions and instance normalisation of the maps, as in the authors' configuration.
"""

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_SLOPE = 0.2
_KERNEL = 4
_WIDEST = 512
_LEAST_SIDE = 2  # a map of one pixel has no variance to be divided by


class MultiScaleDiscriminator(nn.Module):
    """Pictures or flows (B, C, H, W) -> for each scale, full size first, its layers' outputs; the last is the score.

    Args:
        width: channels of the first layer. layers: strided ones and one more; the score comes after them.
        scales: how many sizes, each half of the one before.
    """

    def __init__(self, in_channels: int, *, width: int = 64, layers: int = 4, scales: int = 2) -> None:
        super().__init__()
        self.patches = nn.ModuleList(_PatchDiscriminator(in_channels, width, layers) for _ in range(scales))

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """The outputs of all layers."""
        found = []
        for patch in self.patches:
            found.append(patch(x))
            x = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
        return found


class _PatchDiscriminator(nn.Module):
    def __init__(self, in_channels: int, width: int, layers: int) -> None:
        super().__init__()
        widths = [min(width * 2**i, _WIDEST) for i in range(layers)]
        self.first = nn.Conv2d(in_channels, widths[0], _KERNEL, stride=2, padding=2)
        self.deeper = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, _KERNEL, stride=1 if o_index == layers - 1 else 2, padding=2, bias=False))
            for o_index, (i, o) in enumerate(pairwise(widths), start=1)
        )
        self.score = nn.Conv2d(widths[-1], 1, _KERNEL, padding=2)

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs = [F.leaky_relu(self.first(x), _SLOPE)]
        for conv in self.deeper:
            outputs.append(F.leaky_relu(_normalise(conv(outputs[-1])), _SLOPE))
        return [*outputs, self.score(outputs[-1])]


def _normalise(x: Tensor) -> Tensor:
    return F.instance_norm(x) if min(x.shape[-2:]) >= _LEAST_SIDE else x
