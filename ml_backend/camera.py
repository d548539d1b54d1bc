"""Pinhole cameras, projection and unprojection.

Convention: OpenCV axes (x right, y down, z forward); image coordinates in pixels, pixel centres at +0.5.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_MIN_Z = 1e-6  # points at or behind the camera are kept out of the division; callers drop them by z


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """intrinsics (3, 3) in pixels, world_to_camera (4, 4), both float64 on the CPU; width and height in pixels."""

    intrinsics: Tensor
    world_to_camera: Tensor
    width: int
    height: int

    def __post_init__(self) -> None:
        if tuple(self.intrinsics.shape) != (3, 3) or tuple(self.world_to_camera.shape) != (4, 4):
            raise ValueError("intrinsics must be (3, 3) and world_to_camera (4, 4)")


def photo_camera(width: int, height: int) -> PinholeCamera:
    """The camera of a photo whose lens is unknown: 53.13 degrees along the long side, as in the authors' code.

    The principal point is the exact centre (theirs is the integer half).
    """
    return camera_from_focal(float(max(width, height)), width, height)


def camera_from_focal(focal_px: float, width: int, height: int) -> PinholeCamera:
    """A camera at the world's origin with square pixels and a centred principal point."""
    intrinsics = torch.tensor(
        [[focal_px, 0.0, width / 2], [0.0, focal_px, height / 2], [0.0, 0.0, 1.0]], dtype=torch.float64
    )
    return PinholeCamera(intrinsics, torch.eye(4, dtype=torch.float64), width, height)


def resize_camera(camera: PinholeCamera, width: int, height: int) -> PinholeCamera:
    """The same view with another number of pixels."""
    scale = torch.tensor([width / camera.width, height / camera.height, 1.0], dtype=torch.float64)
    return PinholeCamera(scale[:, None] * camera.intrinsics, camera.world_to_camera, width, height)


def pixel_centres(height: int, width: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Image positions of all pixel centres, (H, W, 2) float32, last axis (x, y)."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float32, device=device) + 0.5,
        torch.arange(width, dtype=torch.float32, device=device) + 0.5,
        indexing="ij",
    )
    return torch.stack([x, y], dim=-1)


def unproject(pixels: Tensor, depth: Tensor, camera: PinholeCamera) -> Tensor:
    """World points (N, 3) of image positions (N, 2) at depths (N,)."""
    # float64 inside: unproject then project must give the pixel's centre back to 1e-4 px.
    k = camera.intrinsics
    x = (pixels[:, 0].double() - k[0, 2].item()) / k[0, 0].item()
    y = (pixels[:, 1].double() - k[1, 2].item()) / k[1, 1].item()
    in_camera = torch.stack([x, y, torch.ones_like(x)], dim=1) * depth.double()[:, None]  # (N, 3)
    camera_to_world = torch.linalg.inv(camera.world_to_camera).to(pixels.device)
    return (in_camera @ camera_to_world[:3, :3].T + camera_to_world[:3, 3]).to(depth.dtype)


def project(points: Tensor, camera: PinholeCamera) -> tuple[Tensor, Tensor]:
    """Image positions (N, 2) in pixels and depths z (N,) of world points (N, 3); z <= 0 is behind the camera."""
    to_camera = camera.world_to_camera.to(points)
    in_camera = points @ to_camera[:3, :3].T + to_camera[:3, 3]
    z = in_camera[:, 2]
    k = camera.intrinsics
    focal = torch.stack([k[0, 0], k[1, 1]]).to(points)
    centre = k[:2, 2].to(points)
    return in_camera[:, :2] / z.clamp(min=_MIN_Z)[:, None] * focal + centre, z
