"""What a layer hides, filled by our small network: how the network is fed, and how its answer is put together."""

from dataclasses import dataclass

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.ldi.continuation import DETAIL_SIZE, continue_parts
from ml_backend.ldi.inpainting import LayerFill
from ml_backend.ldi.small_nets import MULTIPLE

_WORKING_SIDE = 512  # px; the network corrects what is coarse, the fine part is the layer's own
_REACH = 40.0  # px at which nearness is down by 1 / e
_LEAST_SPREAD = 1e-4


@dataclass(frozen=True, slots=True)
class LayerInput:
    """What the network is given (9, h, w), and what brings its disparity back: mean and spread of the known part."""

    channels: Tensor
    disparity_mean: float
    disparity_spread: float

    @property
    def smooth_color(self) -> Tensor:
        """(3, h, w)."""
        return self.channels[:3]

    @property
    def detail(self) -> Tensor:
        """(3, h, w)."""
        return self.channels[3:6]


def layer_input(color: Tensor, disparity: Tensor, known: Tensor, detail_sigma: float) -> LayerInput:
    """The network's input for a layer: color (3, h, w), disparity (1, h, w), known (h, w) bool with a pixel at least.

    Args:
        detail_sigma: px; what is finer is mirrored at the edge of the known part.
    """
    smooth, detail = continue_parts(torch.cat([color, disparity]), known, detail_sigma)
    values = disparity[0][known]
    mean = float(values.mean())
    spread = max(float(values.std(correction=0)), _LEAST_SPREAD * max(abs(mean), _LEAST_SPREAD))
    away = torch.from_numpy(cv2.distanceTransform((~known).to(torch.uint8).numpy(), cv2.DIST_L2, 5))
    masks = torch.stack([known.float(), torch.exp(-away / _REACH)])
    channels = torch.cat([smooth[:3], detail[:3], (smooth[3:] - mean) / spread, masks])
    return LayerInput(channels, mean, spread)


def layer_fill(network: nn.Module) -> LayerFill:
    """A `SmallInpaintingNet` as a function of one layer of any size."""

    @torch.inference_mode()
    def fill(color: Tensor, disparity: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        smooth, detail = continue_parts(torch.cat([color, disparity]), known, DETAIL_SIZE * max(known.shape))
        size = _working_size(known.shape)
        small_known = _resize(known[None].float(), size)
        small = _resize(torch.cat([color, disparity]) * known, size) / small_known.clamp(min=1e-3)
        is_known = small_known[0] > 0.5
        if not bool(is_known.any()):
            return smooth[:3] + detail[:3], smooth[3:]
        given = layer_input(small[:3], small[3:], is_known, max(1.0, DETAIL_SIZE * max(size)))
        added, share, deeper = (_resize(part[0], known.shape) for part in network(given.channels[None]))
        filled = smooth[:3] + added + share * detail[:3]
        return filled.clamp(0, 1), smooth[3:] + deeper * given.disparity_spread

    return fill


def _working_size(shape: tuple[int, ...]) -> tuple[int, int]:
    scale = min(1.0, _WORKING_SIDE / max(shape))
    height, width = (max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in shape)
    return height, width


def _resize(values: Tensor, size: tuple[int, ...]) -> Tensor:
    """Values (C, h, w) at another size: means where it gets smaller."""
    if values.shape[-2:] == tuple(size):
        return values
    if size[0] < values.shape[-2]:
        return F.interpolate(values[None], size=size, mode="area")[0]
    return F.interpolate(values[None], size=size, mode="bilinear", align_corners=False)[0]
