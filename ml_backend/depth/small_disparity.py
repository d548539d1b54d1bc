"""Our small depth network as a function from a photo to its disparity: at the network's size, sharp as the photo."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.depth.small_net import MULTIPLE

_AREA = 192 * 128  # px, as in training: with larger pictures the network sees less of the whole
_SMALLEST_SIDE = 64  # px
_LONGEST_ASPECT = 3.0  # what is longer is squeezed: the network knows nothing of it
_GUIDE_SIDE = 1280  # px; the photo as a guide, no finer
_WINDOW = 0.012  # of the long side: radius in which disparity follows the photo's edges
_SMOOTH = 1e-3  # variance of colour below which it is no edge


def small_disparity(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """A `SmallDepthNet` as a function: photo (3, H, W) sRGB in [0, 1] -> disparity (H, W), 0 for the sky."""

    @torch.inference_mode()
    def estimate(image: Tensor) -> Tensor:
        small = F.interpolate(image[None], size=_network_size(*image.shape[-2:]), mode="area")
        # The mean over the photo and its mirror image: errors of the two differ.
        both = network(torch.cat([small, small.flip(3)]))
        mean = (both[0, 0] + both[1, 0].flip(1)) / 2
        return torch.from_numpy(_follow_edges(mean.numpy(), image.permute(1, 2, 0).numpy())).clamp(min=0)

    return estimate


def mix_with_horizon(disparity: Tensor, horizon: float) -> Tensor:
    """Correct a disparity (H, W) by a horizon that the artist knows, as a share of the height from the top.

    Half a part of a flat ground with that horizon, both measured in their own spread, is mixed in.
    """
    height = disparity.shape[0]
    rows = (torch.arange(height, dtype=disparity.dtype) + 0.5) / height
    ground = ((rows - horizon) / max(1 - horizon, 1e-3)).clamp(0, 1)[:, None].expand_as(disparity)
    own, other = 1 / disparity.std().clamp(min=1e-6), 0.5 / ground.std().clamp(min=1e-6)
    return (own * disparity + other * ground) / (own + other)


def _network_size(height: int, width: int) -> tuple[int, int]:
    """Sides in the photo's proportions, whole multiples of what the network halves, with the area of training."""
    aspect = min(max(width / height, 1 / _LONGEST_ASPECT), _LONGEST_ASPECT)
    sides = ((_AREA / aspect) ** 0.5, (_AREA * aspect) ** 0.5)
    high, wide = (max(_SMALLEST_SIDE, round(side / MULTIPLE) * MULTIPLE) for side in sides)
    return high, wide


def _follow_edges(disparity: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The disparity at the photo's size (H, W), its edges moved to the photo's by a guided filter (He et al. 2013)."""
    height, width = photo.shape[:2]
    scale = min(1.0, _GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    guide = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    values = cv2.resize(disparity, size, interpolation=cv2.INTER_CUBIC)
    radius = max(1, round(_WINDOW * max(size)))
    followed = guided_filter(values, guide, radius, _SMOOTH)
    return cv2.resize(followed, (width, height), interpolation=cv2.INTER_LINEAR)


def guided_filter(values: np.ndarray, guide: np.ndarray, radius: int, smooth: float) -> np.ndarray:
    """Values (H, W) as local affine functions of the guide's three colours (H, W, 3); `smooth` is a variance."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(x: np.ndarray) -> np.ndarray:
        return cv2.blur(x, window)

    guide = guide.astype(np.float32)
    guide_mean, value_mean = mean(guide), mean(values)
    products = mean(np.stack([guide[..., i] * guide[..., j] for i, j in _PAIRS[:3]], axis=-1))
    others = mean(np.stack([guide[..., i] * guide[..., j] for i, j in _PAIRS[3:]], axis=-1))
    products = np.concatenate([products, others], axis=-1)
    covariance = np.empty((*values.shape, 3, 3), np.float32)
    for n, (i, j) in enumerate(_PAIRS):
        shared = products[..., n] - guide_mean[..., i] * guide_mean[..., j]
        covariance[..., i, j] = covariance[..., j, i] = shared + (smooth if i == j else 0)
    with_value = mean(guide * values[..., None]) - guide_mean * value_mean[..., None]
    slope = np.linalg.solve(covariance, with_value[..., None])[..., 0]
    offset = value_mean - (slope * guide_mean).sum(axis=-1)
    return (mean(slope) * guide).sum(axis=-1) + mean(offset)


_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
