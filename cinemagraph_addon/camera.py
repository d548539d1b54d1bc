"""Blender camera object -> pinhole camera of the protocol, and back.

Convention: intrinsics (fx, fy, cx, cy) in pixels, y down, pixel centres at +0.5; world_to_camera in OpenCV axes with
the photo's camera as world. Both are relative to the scene's root, which the artist may move, turn, and scale.
"""

from dataclasses import dataclass

import bpy
import numpy as np

from .bridge.problem import Problem
from .coordinates import world_to_camera_opencv

_SHEAR_LIMIT = 1e-3  # float32 matrices of a turned and scaled root stay well below


@dataclass(frozen=True, slots=True)
class RenderSize:
    """Frame in pixels and the shape of a pixel."""

    width: int
    height: int
    aspect_x: float = 1.0
    aspect_y: float = 1.0


@dataclass(frozen=True, slots=True)
class PinholeView:
    """intrinsics (fx, fy, cx, cy); world_to_camera (4, 4) rigid; `unit` is the length of a backend unit in Blender."""

    intrinsics: tuple[float, float, float, float]
    world_to_camera: np.ndarray
    unit: float


@dataclass(frozen=True, slots=True)
class LensValues:
    """What the intrinsics of a perspective camera come from, named as in Blender; lens and sensor in mm."""

    lens: float
    shift_x: float
    shift_y: float
    sensor_fit: str
    sensor_width: float
    sensor_height: float


def render_size(render: bpy.types.RenderSettings) -> RenderSize:
    """The full frame that the render settings ask for, rounded as Blender rounds it."""
    return RenderSize(
        width=render.resolution_x * render.resolution_percentage // 100,
        height=render.resolution_y * render.resolution_percentage // 100,
        aspect_x=render.pixel_aspect_x,
        aspect_y=render.pixel_aspect_y,
    )


def pinhole_view(camera: bpy.types.Object, size: RenderSize, root_matrix: np.ndarray) -> PinholeView:
    """What an evaluated camera object sees of a scene whose root has `root_matrix` (4, 4).

    Raises:
        Problem: the camera is not a perspective one, or the root is sheared, mirrored, or scaled unevenly.
    """
    if camera.type != "CAMERA" or camera.data.type != "PERSP":
        raise Problem(
            f"The camera '{camera.name}' is not a perspective camera.",
            hint="Set its Type to Perspective in the camera's Lens panel.",
        )
    # Blender ignores the scale of a camera object.
    camera_to_blender = np.array(camera.matrix_world.normalized(), dtype=np.float64)
    return _relative_to_root(camera_intrinsics(camera.data, size), np.linalg.inv(camera_to_blender), root_matrix)


def viewport_view(region: bpy.types.RegionView3D, width: int, height: int, root_matrix: np.ndarray) -> PinholeView:
    """What a 3D viewport of width x height pixels sees, in the camera's view or any other perspective one.

    Raises:
        Problem: the view is orthographic, or the root is sheared, mirrored, or scaled unevenly.
    """
    projection = np.array(region.window_matrix, dtype=np.float64)
    if projection[3, 3] != 0.0:
        raise Problem("The view is orthographic.", hint="Press Numpad 5 for a perspective view, or Numpad 0.")
    intrinsics = (
        projection[0, 0] * width / 2,
        projection[1, 1] * height / 2,
        (1 - projection[0, 2]) * width / 2,
        (1 + projection[1, 2]) * height / 2,
    )
    return _relative_to_root(intrinsics, np.array(region.view_matrix, dtype=np.float64), root_matrix)


def _relative_to_root(
    intrinsics: tuple[float, float, float, float], world_to_camera: np.ndarray, root_matrix: np.ndarray
) -> PinholeView:
    root_to_camera = world_to_camera @ root_matrix
    unit = _uniform_scale(root_to_camera[:3, :3])
    root_to_camera[:3] /= unit  # the same picture, seen from a root of size 1
    return PinholeView(intrinsics, world_to_camera_opencv(root_to_camera), unit)


def lens_values(data: bpy.types.Camera) -> LensValues:
    """A camera's lens as numbers, to compute with other ones."""
    return LensValues(data.lens, data.shift_x, data.shift_y, data.sensor_fit, data.sensor_width, data.sensor_height)


def camera_intrinsics(data: bpy.types.Camera | LensValues, size: RenderSize) -> tuple[float, float, float, float]:
    """(fx, fy, cx, cy) in pixels, y down, of a perspective camera; equals Blender's projection within 1e-4 px."""
    size_x, size_y = size.width * size.aspect_x, size.height * size.aspect_y
    fit = data.sensor_fit
    sensor = data.sensor_height if fit == "VERTICAL" else data.sensor_width  # AUTO always measures by the width
    if fit == "AUTO":
        fit = "HORIZONTAL" if size_x >= size_y else "VERTICAL"
    span = size_x if fit == "HORIZONTAL" else size_y  # what the sensor spans, in square pixels
    focal = data.lens / sensor * span
    return (
        focal / size.aspect_x,
        focal / size.aspect_y,
        size.width / 2 - data.shift_x * span / size.aspect_x,
        size.height / 2 + data.shift_y * span / size.aspect_y,
    )


def set_intrinsics(
    data: bpy.types.Camera, intrinsics: tuple[float, float, float, float], width: int, height: int
) -> None:
    """Give a camera the intrinsics of a photo of width x height square pixels; the reverse of `camera_intrinsics`."""
    fx, _, cx, cy = intrinsics
    data.type = "PERSP"
    data.sensor_fit = "HORIZONTAL"
    data.lens = fx / width * data.sensor_width
    data.shift_x = (width / 2 - cx) / width
    data.shift_y = (cy - height / 2) / width


def _uniform_scale(linear: np.ndarray) -> float:
    determinant = np.linalg.det(linear)
    scale = float(np.cbrt(max(determinant, 0.0)))
    if scale > 0:
        rotation = linear / scale
        if np.abs(rotation.T @ rotation - np.eye(3)).max() < _SHEAR_LIMIT:
            return scale
    raise Problem(
        "The cinemagraph's root object is mirrored, sheared, or scaled unevenly.",
        hint="Give it the same positive scale on all three axes.",
    )
