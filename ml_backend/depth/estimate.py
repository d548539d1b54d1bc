"""Photo to DepthMap (Sec. 3.3): by a network from disk, or by the embedded one; edges cleaned against the photo."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.depth.embedded import embedded_depth
from ml_backend.structures import DepthMap

DisparityEstimator = Callable[[Tensor], Tensor]
"""Photo (3, H, W) sRGB in [0, 1] -> disparity (H, W), bigger is nearer, any scale, 0 or less is infinitely far."""

FARTHEST = 200.0  # in near depths; beyond it no camera preset shifts anything by a pixel

_NEAREST_QUANTILE = 0.98  # of disparity: the near plane; a few closer outliers do not set the scale
_EDGE_PX = 12  # depth networks and filters smear edges about this far at 1280 px
_SPECK_PX = 3  # radius in which most pixels decide which side all belong to, at 1280 px
_RIM_PX = 7  # lenses and demosaicing mix both sides of a silhouette about this far at 1280 px
_STEP = 0.1  # difference of near / depth that counts as an edge


def estimate_depth(image: Tensor, estimator: DisparityEstimator | None = None) -> DepthMap:
    """Depth of a photo (3, H, W): near plane 1, sky at `FARTHEST`, silhouettes as sharp as the photo's.

    Args:
        estimator: the embedded one where none is given.
    """
    disparity = (estimator or embedded_depth().estimate)(image).clamp(min=0).float()
    near = torch.from_numpy(np.quantile(disparity.numpy(), [_NEAREST_QUANTILE])).float().clamp(min=1e-9)
    nearness = fatten_near(sharpen_edges(disparity / near, image))
    return DepthMap((1 / nearness.clamp(min=1 / FARTHEST))[None])


def sharpen_edges(nearness: Tensor, image: Tensor) -> Tensor:
    """Move every pixel between a near and a far surface to the one whose colour it has.

    A pixel halfway between foreground and background would float in the air behind the silhouette.

    Args:
        nearness: near / depth (H, W). image: (3, H, W) sRGB.
    """
    values = nearness.numpy().astype(np.float32)
    size = 2 * max(1, round(_EDGE_PX * max(values.shape) / 1280)) + 1
    kernel = np.ones((size, size), np.uint8)
    near, far = cv2.dilate(values, kernel), cv2.erode(values, kernel)
    at_edge = (near - far > _STEP) & _is_step(values, (near - far) / size, kernel)
    if not at_edge.any():
        return nearness
    photo = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    near_color = _mean_color_where(photo, at_edge & (values >= near - 0.25 * (near - far)), size)
    far_color = _mean_color_where(photo, at_edge & (values <= far + 0.25 * (near - far)), size)
    to_near, to_far = (np.linalg.norm(photo - c, axis=-1) for c in (near_color, far_color))
    # Colour decides where values are in between; what lies on either side stays there, whatever it looks like.
    lean = (to_far - to_near) / (to_far + to_near + 0.05) + 4 * (values - (near + far) / 2) / (near - far + 1e-9)
    # One dark wave beside a dark pole is no part of it: the pixels around have a say.
    is_near = cv2.medianBlur((lean > 0).astype(np.uint8), 2 * max(1, round(_SPECK_PX * max(values.shape) / 1280)) + 1)
    return torch.from_numpy(np.where(at_edge, np.where(is_near, near, far), values))


def fatten_near(nearness: Tensor) -> Tensor:
    """Grow near surfaces (H, W) over their blurred rim.

    A sliver of background that moves with a silhouette is not seen; a sliver of silhouette left in the sky is.
    """
    values = nearness.numpy()
    size = 2 * max(1, round(_RIM_PX * max(values.shape) / 1280)) + 1
    near = cv2.dilate(values, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return torch.from_numpy(np.where(near - values > _STEP, near, values))


def _is_step(values: np.ndarray, even_slope: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Where the change within a window is steep in one place, not even as on a ground plane."""
    slope = np.hypot(cv2.Sobel(values, -1, 1, 0, scale=1 / 8), cv2.Sobel(values, -1, 0, 1, scale=1 / 8))
    return cv2.dilate(slope, kernel) > 2.5 * even_slope


def _mean_color_where(photo: np.ndarray, chosen: np.ndarray, size: int) -> np.ndarray:
    weight = chosen.astype(np.float32)[..., None]
    window = (3 * size, 3 * size)
    total = cv2.boxFilter(photo * weight, -1, window, normalize=False)
    count = cv2.boxFilter(weight, -1, window, normalize=False)[..., None]
    return total / np.maximum(count, 1)
