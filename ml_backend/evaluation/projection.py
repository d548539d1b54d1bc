"""The photo's pixels as points, seen by another camera: what a photo can know of a view, and what it cannot."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, pixel_centres, project, unproject
from ml_backend.filtering import push_pull
from ml_backend.rendering.splatting import splat
from ml_backend.structures import DepthMap, FeatureMap

_RADIUS_PX = 0.9  # as our own renderer's: a pixel's neighbours are not seen from its own camera
_LARGEST_RADIUS_PX = 12.0
_SMALLEST_RADIUS_PX = 0.71
_SURFACE_GAP = 1.2
_NEAREST_Z = 0.05  # of the near depth
_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Regions:
    """Parts of a view, (H, W) bool.

    valid: pixels that the photo shows (unproject with the depth, reproject, z-test). disoccluded: the others; of them,
    `border` are those beyond the photo's edge. fluid and still: by the photo's mask, continued into what is hidden.
    """

    valid: np.ndarray
    disoccluded: np.ndarray
    border: np.ndarray
    fluid: np.ndarray
    still: np.ndarray


def splat_photo(channels: Tensor, depth: DepthMap, source: PinholeCamera, camera: PinholeCamera) -> FeatureMap:
    """Channels (C, H, W) of the photo, one point per pixel, drawn for `camera`; alpha is 0 in the holes."""
    height, width = depth.depth.shape[-2:]
    distances = depth.depth.reshape(-1)
    near = float(np.quantile(distances.numpy(), 0.02))
    points = unproject(pixel_centres(height, width).reshape(-1, 2), distances, source)
    pixels, z = project(points, camera)
    scale = float(camera.intrinsics[0, 0] / source.intrinsics[0, 0])
    radii = _RADIUS_PX * scale * distances / z.clamp(min=_NEAREST_Z * near)
    drawn = splat(
        pixels,
        torch.where(z > _NEAREST_Z * near, z, torch.zeros(())),
        radii.clamp(_SMALLEST_RADIUS_PX, max(1.0, scale) * _LARGEST_RADIUS_PX),
        channels.reshape(len(channels), -1).T.contiguous(),
        height=camera.height,
        width=camera.width,
        near=near,
        surface_gap=_SURFACE_GAP,
    )
    return drawn.feature_map


def view_mask(mask: np.ndarray, depth: DepthMap, source: PinholeCamera, camera: PinholeCamera) -> np.ndarray:
    """The photo's mask (H, W) bool as `camera` sees it, continued smoothly into what the photo does not show."""
    seen = splat_photo(torch.from_numpy(mask.astype(np.float32))[None], depth, source, camera)
    return (push_pull(seen.features, (seen.alpha >= _COVERED).float())[0] > 0.5).numpy()


def find_regions(mask: np.ndarray, depth: DepthMap, source: PinholeCamera, camera: PinholeCamera) -> Regions:
    """The regions of a view; `mask` (H, W) bool is the fluid in the photo."""
    seen = splat_photo(torch.from_numpy(mask.astype(np.float32))[None], depth, source, camera)
    covered = seen.alpha >= _COVERED
    fluid = (push_pull(seen.features, covered.float())[0] > 0.5).numpy()
    valid = covered[0].numpy()
    return Regions(
        valid=valid,
        disoccluded=~valid,
        border=~valid & _beyond_the_photo(seen, covered, source, camera),
        fluid=fluid,
        still=~fluid,
    )


def _beyond_the_photo(seen: FeatureMap, covered: Tensor, source: PinholeCamera, camera: PinholeCamera) -> np.ndarray:
    """Pixels (H, W) whose surface, continued from around, lies outside the photo's field of view."""
    disparity = torch.where(covered, 1 / seen.depth, torch.zeros(()))
    filled = 1 / push_pull(disparity, covered.float()).clamp(min=1e-9)
    centres = pixel_centres(camera.height, camera.width).reshape(-1, 2)
    pixels, z = project(unproject(centres, filled.reshape(-1), camera), source)
    size = torch.tensor([source.width, source.height])
    inside = (pixels >= 0).all(dim=1) & (pixels < size).all(dim=1) & (z > 0)
    return (~inside).reshape(camera.height, camera.width).numpy()
