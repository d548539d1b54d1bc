"""Our small depth network as a function from a photo to its disparity: at the network's size, sharp as the photo."""

from collections.abc import Callable
from itertools import combinations_with_replacement

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.depth.small_net import MULTIPLE

_AREA = 192 * 128  # px, as in training: with larger pictures the network sees less of the whole
_AREAS = (_AREA, 1.4 * _AREA, 2 * _AREA)  # whose mean is better than each
_FINE_AREA = 4 * _AREA  # in which it sees thin things
_LARGE = 0.1  # of the long side: radius in which one look's disparity follows the other's
_FLAT = 0.01  # variance of near disparity below which the other look says little
_TINY = 1e-6
_SMALLEST_SIDE = 64  # px
_LONGEST_ASPECT = 3.0  # what is longer is squeezed: the network knows nothing of it
_FILTER_SIDE = 480  # px; where the edges' local rules are found
_WINDOW = 0.012  # of the long side: radius in which disparity follows the photo's edges
_NEAR_QUANTILE = 0.98
_SKY = (0.005, 0.02)  # of near disparity: what lies between may be either
_MOVED = 0.005  # of the long side: how far an edge can be from the photo's
_SMOOTH = 1e-3  # variance of colour below which it is no edge


def small_disparity(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """A `SmallDepthNet` as a function: photo (3, H, W) sRGB in [0, 1] -> disparity (H, W), 0 for the sky."""

    @torch.inference_mode()
    def estimate(image: Tensor) -> Tensor:
        size = _network_size(*image.shape[-2:], _AREA)[::-1]
        seen = np.mean([_resize(_look(network, image, area), size) for area in _AREAS], axis=0)
        if image.shape[-2] * image.shape[-1] >= _FINE_AREA:
            seen = _with_detail(seen, _look(network, image, _FINE_AREA))
        return clear_sky(torch.from_numpy(_follow_edges(seen, image.permute(1, 2, 0).numpy())).clamp(min=0))

    return estimate


def _look(network: nn.Module, image: Tensor, area: float) -> np.ndarray:
    """What the network sees of a photo reduced to an area: the mean over it and its mirror, whose errors differ."""
    small = F.interpolate(image[None], size=_network_size(*image.shape[-2:], area), mode="area")
    both = network(torch.cat([small, small.flip(3)]))
    return ((both[0, 0] + both[1, 0].flip(1)) / 2).numpy()


def _resize(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A larger map at a width and height."""
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def _with_detail(whole: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """The large shapes of one map with the edges of another, which is larger; at its size.

    In a larger picture the network sees thin things and loses the whole; Miangoleh et al. 2021 merge by a network.
    Locally affine in the finer map, the coarser one has its steps and no halo beside them; where the two do not agree,
    as on a pole that only one has, it is as they agree in the whole photo.
    """
    height, width = fine.shape
    whole = cv2.resize(whole, (width, height), interpolation=cv2.INTER_CUBIC)
    unit = fine / max(float(np.quantile(fine, _NEAR_QUANTILE)), _TINY)
    slope = np.float32(max(float(np.cov(unit.ravel(), whole.ravel())[0, 1] / max(float(unit.var()), _TINY)), 0))
    rest = guided_filter(whole - slope * unit, unit[..., None], round(_LARGE * max(fine.shape)), _FLAT)
    return slope * unit + rest


def clear_sky(disparity: Tensor) -> Tensor:
    """Disparity (H, W) with what is all but infinitely far moved there: the network leaves an uneven haze in skies."""
    near = torch.quantile(F.adaptive_avg_pool2d(disparity[None], 64), _NEAR_QUANTILE).clamp(min=1e-6)
    unit = ((disparity / near - _SKY[0]) / (_SKY[1] - _SKY[0])).clamp(0, 1)
    return disparity * unit.square() * (3 - 2 * unit)


def mix_with_horizon(disparity: Tensor, horizon: float) -> Tensor:
    """Correct a disparity (H, W) by a horizon that the artist knows, as a share of the height from the top.

    Half a part of a flat ground with that horizon, both measured in their own spread, is mixed in.
    """
    height = disparity.shape[0]
    rows = (torch.arange(height, dtype=disparity.dtype) + 0.5) / height
    ground = ((rows - horizon) / max(1 - horizon, 1e-3)).clamp(0, 1)[:, None].expand_as(disparity)
    own, other = 1 / disparity.std().clamp(min=1e-6), 0.5 / ground.std().clamp(min=1e-6)
    return (own * disparity + other * ground) / (own + other)


def _network_size(height: int, width: int, area: float) -> tuple[int, int]:
    """Sides in the photo's proportions, whole multiples of what the network halves, with about an area."""
    aspect = min(max(width / height, 1 / _LONGEST_ASPECT), _LONGEST_ASPECT)
    sides = ((area / aspect) ** 0.5, (area * aspect) ** 0.5)
    high, wide = (max(_SMALLEST_SIDE, round(side / MULTIPLE) * MULTIPLE) for side in sides)
    return high, wide


def _follow_edges(disparity: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The disparity at the photo's size (H, W), its edges moved to the photo's by a guided filter (He et al. 2013).

    As in their fast version (2015), the filter's coefficients are found on a reduced photo.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, _FILTER_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    guide = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    values = cv2.resize(disparity, size, interpolation=cv2.INTER_CUBIC)
    radius = max(1, round(_WINDOW * max(size)))
    slope, offset = guided_coefficients(values, guide, radius, _SMOOTH)
    # Beside a dark tree a pale lake would be carried on to the sky: nothing is farther or nearer than all around it.
    around = _disc(max(1, round(_MOVED * max(size))))
    maps = (slope, offset, cv2.erode(values, around), cv2.dilate(values, around))
    slope, offset, low, high = (cv2.resize(v, (width, height), interpolation=cv2.INTER_LINEAR) for v in maps)
    return ((slope * photo).sum(axis=-1) + offset).clip(low, high)


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def guided_filter(values: np.ndarray, guide: np.ndarray, radius: int, smooth: float) -> np.ndarray:
    """Values (H, W) as local affine functions of the guide's channels (H, W, C); `smooth` is a variance."""
    slope, offset = guided_coefficients(values, guide, radius, smooth)
    return (slope * guide).sum(axis=-1) + offset


def guided_coefficients(
    values: np.ndarray, guide: np.ndarray, radius: int, smooth: float
) -> tuple[np.ndarray, np.ndarray]:
    """Slope (H, W, C) and offset (H, W) of those functions, means over all windows that hold a pixel."""
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(x: np.ndarray) -> np.ndarray:
        return cv2.blur(x, window).reshape(x.shape)

    guide = guide.astype(np.float32)
    guide_mean, value_mean = mean(guide), mean(values)
    channels = guide.shape[-1]
    covariance = np.empty((*values.shape, channels, channels), np.float32)
    for i, j in combinations_with_replacement(range(channels), 2):
        shared = mean(guide[..., i] * guide[..., j]) - guide_mean[..., i] * guide_mean[..., j]
        covariance[..., i, j] = covariance[..., j, i] = shared + (smooth if i == j else 0)
    with_value = mean(guide * values[..., None]) - guide_mean * value_mean[..., None]
    slope = np.linalg.solve(covariance, with_value[..., None])[..., 0]
    offset = value_mean - (slope * guide_mean).sum(axis=-1)
    return mean(slope), mean(offset)
