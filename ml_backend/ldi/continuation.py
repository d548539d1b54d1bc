"""Values of a region continued beyond it, without a network: smoothly, with the region's own fine texture on top."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.filtering import gaussian_blur, push_pull, push_pull_level

DETAIL_SIZE = 0.006  # of the long side: texture coarser than this is continued, not repeated
_SLOPE_SIZE = 0.04  # of the long side: from so far around the slope of a surface is read
_STEADIER = 0.05  # added to the variance of places, in squares of that size: a slope read from few pixels is small
_TRUSTED = 1e-3  # share of known pixels around from which a slope is one
_NEAREST = 1.5  # times the largest known disparity: no slope goes on for ever
_TURN_SIZE = 0.024  # of the long side: over which the edge is smoothed where texture is mirrored at it
RELAXATIONS = 8  # of the smooth fills: with fewer, a seam shows in a clear sky


def continue_texture(values: Tensor, known: Tensor, detail_size: float = DETAIL_SIZE) -> Tensor:
    """Values (C, h, w) continued smoothly beyond what is known, with their fine texture mirrored at its edge on top.

    Only the fine part is mirrored: a whole tree, once more beside the tree, would be seen at once.

    Args:
        detail_size: of the long side, up to which texture is mirrored.
    """
    smooth, detail = continue_parts(values, known, detail_size * max(known.shape))
    return smooth + detail


def continue_parts(values: Tensor, known: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
    """The smooth continuation of values (C, h, w), and the mirrored texture that is finer than `sigma` pixels."""
    weight = known[None].float()
    smooth = push_pull_level(values, weight, relaxations=RELAXATIONS)
    mean = gaussian_blur(values * weight, sigma) / gaussian_blur(weight, sigma).clamp(min=1e-3)
    detail = (values - mean) * weight
    grid = _mirror_grid(known, _TURN_SIZE * max(known.shape))
    mirrored = F.grid_sample(detail[None], grid, padding_mode="reflection", align_corners=False)[0]
    return smooth, torch.where(known, detail, mirrored)


def continue_disparity(disparity: Tensor, known: Tensor) -> Tensor:
    """Disparity (1, h, w) continued with the slope that it has around, so that a plane stays a plane.

    The disparity of a plane is linear in the image. Around each pixel a linear function is fitted; what it leaves is
    continued smoothly. On 32 generated worlds the error beyond the edge is 0.24 spreads of the layer where the smooth
    continuation alone has 0.36, and behind silhouettes 0.27 where it has 0.37.
    """
    if not bool(known.any()):
        return torch.zeros_like(disparity)
    fit = _fit_slopes(disparity, known)
    rest = push_pull(disparity - fit, known[None].float(), relaxations=RELAXATIONS)
    return torch.where(known, disparity, (fit + rest).clamp(0, _NEAREST * float(disparity[0][known].max())))


def _fit_slopes(values: Tensor, known: Tensor) -> Tensor:
    """The linear functions that fit values (1, h, w) best around each pixel, read at that pixel (1, h, w)."""
    height, width = known.shape
    sigma = _SLOPE_SIZE * max(height, width)
    y, x = torch.meshgrid(torch.arange(height) / sigma, torch.arange(width) / sigma, indexing="ij")
    value, weight = values[0], known[None].float()
    moments = torch.stack([x, y, value, x * x, x * y, y * y, x * value, y * value])
    share = gaussian_blur(weight, sigma)
    x_mean, y_mean, mean, xx, xy, yy, xv, yv = gaussian_blur(moments * weight, sigma) / share.clamp(min=_TRUSTED)
    xx, xy, yy = xx - x_mean**2 + _STEADIER, xy - x_mean * y_mean, yy - y_mean**2 + _STEADIER
    xv, yv = xv - x_mean * mean, yv - y_mean * mean
    determinant = xx * yy - xy**2
    along_x, along_y = (yy * xv - xy * yv) / determinant, (xx * yv - xy * xv) / determinant
    fit = mean + along_x * (x - x_mean) + along_y * (y - y_mean)
    return push_pull(fit[None], (share > _TRUSTED).float())


def _mirror_grid(known: Tensor, sigma: float) -> Tensor:
    """Where each unknown pixel has its mirror image, (1, h, w, 2) for `grid_sample`.

    The way to the edge turns slowly (blurred by `sigma` pixels): a mirror at each tooth of a jagged silhouette would
    shuffle pixels, and texture that continues would be noise.
    """
    height, width = known.shape
    row, col = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    edge_row, edge_col = nearest_pixel(known)
    way = torch.stack([edge_col - col, edge_row - row]).float()  # (2, h, w)
    unknown = (~known)[None].float()
    way = gaussian_blur(way * unknown, sigma) / gaussian_blur(unknown, sigma).clamp(min=1e-3)
    aim = torch.stack([col, row]) + 2 * way + 0.5
    return (2 * aim / torch.tensor([width, height])[:, None, None] - 1).permute(1, 2, 0)[None]


def distance_to(region: Tensor) -> Tensor:
    """Distance in pixels of each pixel (h, w) to a bool region, inf if it is empty."""
    if not bool(region.any()):
        return torch.full(region.shape, torch.inf)
    away = cv2.distanceTransform((~region).to(torch.uint8).numpy(), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return torch.from_numpy(away)


def nearest_pixel(region: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column (h, w) of the nearest pixel of a bool region that is not empty."""
    inside = region.numpy()
    outside = (~inside).astype(np.uint8)
    _, label = cv2.distanceTransformWithLabels(outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, cols = np.nonzero(inside)
    row_of, col_of = np.zeros((2, label.max() + 1), np.int64)
    row_of[label[rows, cols]], col_of[label[rows, cols]] = rows, cols
    return torch.from_numpy(row_of[label]), torch.from_numpy(col_of[label])
