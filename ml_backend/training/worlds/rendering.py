"""Pictures of scenes: cameras become the kernels' eye, objects get their rectangle in the picture.

Convention: cameras are OpenCV's (x right, y down, z forward); the kernels' y is up, so heights are -y here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.training.worlds.exposure import Exposure, develop
from ml_backend.training.worlds.kernels import fill_picture
from ml_backend.training.worlds.pixels import CHANNELS
from ml_backend.training.worlds.records import ROOM, Eye, Scene
from ml_backend.training.worlds.view import View

_UP = np.array([1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True)
class Pose:
    """Where someone stands and looks: y up; pitch down, yaw right, roll clockwise, in radians."""

    x: float
    y: float
    z: float
    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0


def pose_camera(pose: Pose, half_view: float, width: int, height: int) -> PinholeCamera:
    """The camera at a pose whose long side sees `half_view` (a tangent) to either side."""
    focal = 0.5 * max(width, height) / half_view
    intrinsics = torch.tensor([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], dtype=torch.float64)
    rotation = pose_rotation(pose)
    extrinsics = np.eye(4)
    extrinsics[:3, :3] = rotation
    extrinsics[:3, 3] = -rotation @ (np.array([pose.x, pose.y, pose.z]) * _UP)
    return PinholeCamera(intrinsics, torch.from_numpy(extrinsics), width, height)


def pose_rotation(pose: Pose) -> np.ndarray:
    """Rows right, down, forward of a pose in the world's axes (y down)."""
    cp, sp, cy, sy = math.cos(pose.pitch), math.sin(pose.pitch), math.cos(pose.yaw), math.sin(pose.yaw)
    forward, right = np.array([sy * cp, sp, cy * cp]), np.array([cy, 0.0, -sy])
    down = np.cross(forward, right)
    c, s = math.cos(pose.roll), math.sin(pose.roll)
    return np.stack([c * right + s * down, c * down - s * right, forward])


def render_raw(scene: Scene, pose: Pose, width: int, height: int, half_view: float, time: float) -> np.ndarray:
    """Light and all channels (H, W, CHANNELS) float32 from a pose."""
    return render_channels(scene, pose_camera(pose, half_view, width, height), time)


def render_channels(
    scene: Scene, camera: PinholeCamera, time: float, *, behind: bool = False, device: str = "cpu"
) -> np.ndarray:
    """Light and all channels (H, W, CHANNELS) float32; `behind` leaves out the object nearest to each pixel.

    Args:
        device: "cpu", or "cuda" for the same kernels on a GPU.
    """
    eye = camera_eye(camera)
    objects = _with_rectangles(scene.objects, eye, camera.width, camera.height)
    picture = np.empty((camera.height, camera.width, CHANNELS), np.float32)
    arrays = (scene.relief, scene.detail, objects, scene.masks, scene.texels)
    fill = _fill_on_gpu() if device == "cuda" else fill_picture
    fill(picture, behind, eye, float(time), scene.land, scene.water, scene.sky, scene.light, *arrays)
    return picture


def _fill_on_gpu() -> Callable[..., None]:
    # Where there is no GPU, importing its half of the compiler is a waste.
    from ml_backend.training.worlds.gpu import fill_picture_on_gpu  # noqa: PLC0415

    return fill_picture_on_gpu


def camera_eye(camera: PinholeCamera) -> Eye:
    """A camera as the kernels take it."""
    extrinsics = camera.world_to_camera.numpy()
    rotation = extrinsics[:3, :3]
    position = -rotation.T @ extrinsics[:3, 3] * _UP
    k = camera.intrinsics
    lens = (k[0, 0].item(), k[1, 1].item(), k[0, 2].item(), k[1, 2].item())
    return Eye(*map(float, position), *lens, *map(float, (rotation * _UP).ravel()))


def _with_rectangles(objects: np.ndarray, eye: Eye, width: int, height: int) -> np.ndarray:
    """The objects with the part of the picture that each may fill, from its bounding sphere."""
    objects = objects.copy()
    rows = np.array(eye[7:]).reshape(3, 3)
    centres = np.stack([objects["bx"] - eye.x, objects["by"] - eye.y, objects["bz"] - eye.z], 1) @ rows.T
    z, r = centres[:, 2], objects["radius"]
    near, far = np.maximum(z - r, 1e-6), np.maximum(z + r, 1e-6)
    for axis, names, focal, middle in ((0, ("left", "right"), eye.fx, eye.cx), (1, ("top", "bottom"), eye.fy, eye.cy)):
        low, high = centres[:, axis] - r, centres[:, axis] + r
        objects[names[0]] = focal * np.minimum(low / near, low / far) + middle - 1
        objects[names[1]] = focal * np.maximum(high / near, high / far) + middle + 1
    objects["nearest"] = np.linalg.norm(centres, axis=1) - r
    around = (z < 1.2 * r) | (objects["form"] == ROOM)
    for name, value in (("left", -1), ("right", width + 1), ("top", -1), ("bottom", height + 1)):
        objects[name][around] = value
    hidden = (z < -r) & (objects["form"] != ROOM)
    objects["left"][hidden] = 1e9
    return objects


def view_of(picture: np.ndarray, exposure: Exposure) -> View:
    """A view from the channels of a picture."""

    def planes(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))

    return View(
        color=planes(develop(picture[..., :3], exposure)),
        depth=planes(picture[..., 3:4]),
        flow=planes(picture[..., 4:6]),
        fluid=planes(picture[..., 6:7] > 0),
        sky=planes(picture[..., 7:8] > 0),
        surface=planes(picture[..., 8:9].astype(np.int32)),
    )
