"""Our small inpainting network: what a layer hides, as a correction of the smooth continuation of what it shows.

It sees the layer's own pixels only, continued smoothly, and the fine texture mirrored at their edge. It adds what the
continuation lacks (an edge that goes on, a gradient that does not), and says how much of the mirrored texture fits.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.conv_block import ConvBlock

MULTIPLE = 32  # five halvings
WIDTHS = (32, 48, 72, 112, 160)

_SMOOTH_COLOR, _DETAIL, _DISPARITY, _MASKS = 3, 3, 1, 2
IN_CHANNELS = _SMOOTH_COLOR + _DETAIL + _DISPARITY + _MASKS


class SmallInpaintingNet(nn.Module):
    """Layers (B, 9, H, W), sides multiples of 32, to corrections (B, 5, H, W).

    Input: smoothly continued colour (3) in [0, 1], mirrored detail (3), smoothly continued disparity with mean 0 and
    deviation 1 where it is known, known (1), nearness to what is known (1) in [0, 1].
    Output: what is to be added to the colour (3), share of the detail that is to be added (1) in [0, 1], what is to be
    added to the disparity (1).
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        before = (4 * IN_CHANNELS, *widths[:-1])
        self.encoder = nn.ModuleList(
            nn.Sequential(ConvBlock(i, o, stride=1 if level == 0 else 2), ConvBlock(o, o))
            for level, (i, o) in enumerate(zip(before, widths, strict=True))
        )
        self.decoder = nn.ModuleList(
            ConvBlock(coarse + fine, fine) for coarse, fine in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 4 * 5, 3, padding=1)
        nn.init.zeros_(self.head.weight)  # starts as the smooth continuation with half of the detail
        nn.init.zeros_(self.head.bias)

    def forward(self, layers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Colour (B, 3, H, W), detail (B, 1, H, W), and disparity (B, 1, H, W), float32 whatever the autocast."""
        features, skips = F.pixel_unshuffle(layers, 2), []
        for stage in self.encoder:
            features = stage(features)
            skips.append(features)
        skips.pop()
        for stage in self.decoder:
            finer = F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
            features = stage(torch.cat([finer, skips.pop()], dim=1))
        color, detail, disparity = F.pixel_shuffle(self.head(features), 2).float().split((3, 1, 1), dim=1)
        return color, torch.sigmoid(detail), disparity
