"""Views of worlds made into layers with something hidden, so that what is hidden is known.

A layer is what lies behind a random depth. A shape that is not there is put before it, as if it hid it: what the shape
covers near its edge is to be found from the rest of the layer. What truly lies in front hides things that nobody knows
and is neither seen nor asked for, as when a photo is filled.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.ldi.small_fill import LayerInput, layer_input

_LEAST_KNOWN, _LEAST_ASKED = 0.08, 40  # share of the picture, pixels
_REACH = (4, 28)  # px beyond the edge that are asked for


@dataclass(frozen=True, slots=True)
class LayerSample:
    """What the network sees, and the truth: color (3, H, W), disparity (1, H, W), asked (1, H, W) bool."""

    given: LayerInput
    color: Tensor
    disparity: Tensor
    asked: Tensor


def hide_parts(
    color: Tensor, disparity: Tensor, shape: Tensor, generator: torch.Generator, *, most_tries: int = 4
) -> LayerSample:
    """A random layer of a view (3, H, W), (1, H, W), partly hidden by a shape (H, W) bool of any size."""
    for _ in range(most_tries):
        layer = _pick_layer(disparity[0], generator)
        hidden = _place(shape, layer.shape, generator)
        known, asked = _split(layer, hidden, generator)
        if bool(known.float().mean() > _LEAST_KNOWN) and int(asked.sum()) > _LEAST_ASKED:
            break
    else:
        layer = torch.ones_like(layer)
        hidden = torch.zeros_like(layer)
        height, width = layer.shape
        hidden[height // 4 : height // 2, width // 3 : width // 2] = True
        known, asked = _split(layer, hidden, generator)
    detail_sigma = float(_between(generator, 1.0, 3.5))
    return LayerSample(layer_input(color, disparity, known, detail_sigma), color, disparity, asked[None])


def _pick_layer(disparity: Tensor, generator: torch.Generator) -> Tensor:
    """Pixels (H, W) bool farther than a random depth, in a third of the cases also nearer than another one."""
    cut = torch.quantile(disparity.flatten(), _between(generator, 0.35, 1.0))
    layer = disparity <= cut
    if float(_between(generator, 0, 1)) < 1 / 3:
        far = torch.quantile(disparity.flatten(), _between(generator, 0.0, 0.3))
        layer = layer & (disparity >= far)
    return layer


def _place(shape: Tensor, size: tuple[int, int], generator: torch.Generator) -> Tensor:
    """The shape (h, w) bool at a random size and place in a picture, mirrored or not."""
    height, width = size
    picture = shape.to(torch.uint8).numpy()
    if float(_between(generator, 0, 1)) < 0.5:
        picture = picture[:, ::-1]
    scale = float(_between(generator, 0.6, 1.6))
    left, top = (float(_between(generator, -0.4, 0.4)) * side for side in (width, height))
    middle_x, middle_y = width / 2, height / 2
    matrix = np.array(
        [
            [scale * width / shape.shape[1], 0, middle_x * (1 - scale) + left],
            [0, scale * height / shape.shape[0], middle_y * (1 - scale) + top],
        ]
    )
    moved = cv2.warpAffine(np.ascontiguousarray(picture), matrix, (width, height), flags=cv2.INTER_NEAREST)
    return torch.from_numpy(moved > 0)


def _split(layer: Tensor, hidden: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """What of the layer is known, and what is asked for: hidden, and no farther than a random reach from the known."""
    grown = cv2.dilate(hidden.to(torch.uint8).numpy(), np.ones((3, 3), np.uint8))
    known = layer & ~torch.from_numpy(grown > 0)
    if not bool(known.any()):
        return known, torch.zeros_like(known)
    away = cv2.distanceTransform((~known).to(torch.uint8).numpy(), cv2.DIST_L2, 5)
    reach = float(_between(generator, *_REACH))
    return known, layer & ~known & torch.from_numpy(away <= reach)


def _between(generator: torch.Generator, low: float, high: float) -> Tensor:
    return torch.rand((), generator=generator) * (high - low) + low
