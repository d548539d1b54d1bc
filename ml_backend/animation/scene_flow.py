"""Displacements in the image lifted to translations in space (Sec. 3.4).

A moved point stays on the fluid's surface: its new depth is the surface's depth where it has arrived. (In the authors'
code the depth never changes: a river that flows toward the camera sinks into its own bed.)
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.camera import PinholeCamera, unproject
from ml_backend.filtering import push_pull
from ml_backend.structures import Displacement

_MAX_DEPTH_CHANGE = 2.0  # one stray arrival on another surface must not throw a point across the scene
_MAX_STRETCH = 2.5
_RIM = 0.01  # of the long side: how far mask and depth may disagree
_RIM_STEP = 1.3  # in depth


def standing_rim(depth: Tensor, moving: Tensor) -> Tensor:
    """Moving pixels (1, h, w) that belong to the silhouette of a standing thing in front of the fluid, bool.

    A mask and a depth map never agree to the pixel about where a roof ends and the sky begins. Where the edge of the
    mask lies on the near side of a step in depth, what is near stands.
    """
    reach = max(2, round(_RIM * max(depth.shape)))
    farthest = _largest_around(torch.where(moving, depth, torch.zeros(())), reach)
    is_near = depth * _RIM_STEP < farthest
    return moving & is_near & (_largest_around((~moving).to(depth.dtype), reach) > 0)


def fluid_surface(depth: Tensor, moving: Tensor) -> Tensor:
    """Depth (1, h, w) of the moving surface, continued smoothly beyond its edge in disparity."""
    return 1 / push_pull(1 / depth, moving.to(depth.dtype)).clamp(min=1e-6)


def lift_to_scene_flow(
    pixels: Tensor, depth: Tensor, offsets: Tensor, surface: Tensor, camera: PinholeCamera, *, border: int
) -> Tensor:
    """Translation (n, 3) in world space of points whose pixel moves by `offsets`.

    Args:
        pixels: image positions (n, 2), centres at +0.5. depth: (n,). offsets: (n, 2) pixels.
        surface: depth of the fluid (1, h, w) on a canvas that reaches `border` pixels beyond the photo.
    """
    before, after = (_read(surface, p + border) for p in (pixels, pixels + offsets))
    change = (after / before).clamp(1 / _MAX_DEPTH_CHANGE, _MAX_DEPTH_CHANGE)
    return unproject(pixels + offsets, depth * change, camera) - unproject(pixels, depth, camera)


def local_stretch(displacement: Displacement) -> Tensor:
    """How far neighbours have moved apart, (1, H, W), at least 1: the larger singular value of the Jacobian.

    Counted between two valid neighbours only: at the fluid's edge the distance to the standing shore means nothing.
    """
    offset, valid = displacement.offset, displacement.valid
    along_x = _derivative(offset, valid, axis=2)
    along_y = _derivative(offset, valid, axis=1)
    a, b, c, d = 1 + along_x[0], along_y[0], along_x[1], 1 + along_y[1]
    half_trace = (a * a + b * b + c * c + d * d) / 2
    determinant = a * d - b * c
    root = torch.sqrt((half_trace**2 - determinant**2).clamp(min=0))
    return torch.sqrt(half_trace + root).clamp(1, _MAX_STRETCH)[None]


def _largest_around(values: Tensor, reach: int) -> Tensor:
    for kernel, padding in (((1, 2 * reach + 1), (0, reach)), ((2 * reach + 1, 1), (reach, 0))):
        values = F.max_pool2d(values, kernel, stride=1, padding=padding)
    return values


def _derivative(offset: Tensor, valid: Tensor, axis: int) -> Tensor:
    length = offset.shape[axis]
    ahead, behind = offset.narrow(axis, 1, length - 1), offset.narrow(axis, 0, length - 1)
    both = valid.narrow(axis, 1, length - 1) & valid.narrow(axis, 0, length - 1)
    step = (ahead - behind) * both
    pad = (1, 0, 0, 0) if axis == 2 else (0, 0, 1, 0)
    return F.pad(step, pad)


def _read(surface: Tensor, positions: Tensor) -> Tensor:
    """Bilinear values (n,) of a (1, h, w) map at positions (n, 2), pixel centres at +0.5, borders repeated."""
    height, width = surface.shape[-2:]
    size = torch.tensor([width, height], dtype=positions.dtype, device=positions.device)
    grid = (2 * positions / size - 1).to(surface.dtype)[None, None]
    return F.grid_sample(surface[None], grid, mode="bilinear", padding_mode="border", align_corners=False)[0, 0, 0]
