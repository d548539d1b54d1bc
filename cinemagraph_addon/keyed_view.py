"""A camera's keys as offsets from the photo's view, which can be scaled: what Limit Amplitude measures and changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np
from mathutils import Euler, Matrix

from .bridge.problem import Problem
from .bridge.scene_folder import SceneDescription
from .camera import LensValues, PinholeView, RenderSize, camera_intrinsics, lens_values
from .camera_animation import animation_curves
from .coordinates import world_to_camera_opencv

_LINEAR_MODIFIERS = {"CYCLES", "NOISE", "STEPPED"}  # of curves: scaled with the keys
_SAME = 1e-4
_BAKE = "Bake it first (Object > Animation > Bake Action, with Visual Keying and Clear Constraints and Parents)."
_EULER = slice(3, 6)


@dataclass(frozen=True, slots=True)
class _Channel:
    """One number of a camera that its view depends on: a property of the object or of its data."""

    is_data: bool
    path: str
    index: int = 0


_CHANNELS = (
    *(_Channel(False, "location", axis) for axis in range(3)),
    *(_Channel(False, "rotation_euler", axis) for axis in range(3)),
    *(_Channel(True, path) for path in ("lens", "shift_x", "shift_y")),
)


@dataclass(frozen=True, slots=True)
class KeyedView:
    """values (F, 9) of a camera's channels at F frames, and those of the photo's view (9,); order of `_CHANNELS`."""

    values: np.ndarray
    photo: np.ndarray
    rotation_mode: str
    lens: LensValues

    def views(self, scale: float, size: RenderSize) -> list[PinholeView]:
        """What the camera sees at each frame when all its offsets are scaled."""
        return [self._view(row, size) for row in self.photo + scale * (self.values - self.photo)]

    def _view(self, row: np.ndarray, size: RenderSize) -> PinholeView:
        matrix = np.array(_matrix(row, self.rotation_mode), dtype=np.float64)
        lens = replace(self.lens, lens=row[6], shift_x=row[7], shift_y=row[8])
        return PinholeView(camera_intrinsics(lens, size), world_to_camera_opencv(np.linalg.inv(matrix)), 1.0)


def keyed_view(
    camera: bpy.types.Object, description: SceneDescription, frames: Sequence[float], in_root: np.ndarray
) -> KeyedView:
    """Read a camera's keys.

    Args:
        camera: with Euler angles, moved by its own keys alone.
        frames: at which its channels are read.
        in_root: the evaluated camera's matrix (4, 4) in the root's space at the current frame, to make sure of that.

    Raises:
        Problem: something else moves the camera, or its curves have modifiers that cannot be scaled.
    """
    if camera.rotation_mode in {"QUATERNION", "AXIS_ANGLE"}:
        raise Problem(f"'{camera.name}' does not turn by Euler angles.", hint="Set its Rotation Mode to XYZ Euler.")
    now = np.array([_read(camera, channel) for channel in _CHANNELS])
    if np.abs(np.array(_matrix(now, camera.rotation_mode)) - in_root).max() > _SAME * max(1.0, np.abs(in_root).max()):
        raise Problem(f"Something else than its own keys moves '{camera.name}'.", hint=_BAKE)
    curves = [_curve(camera, channel) for channel in _CHANNELS]
    for curve in curves:
        strange = [m.type for m in curve.modifiers if m.type not in _LINEAR_MODIFIERS] if curve is not None else []
        if strange:
            raise Problem(f"The modifier {strange[0].title()} of a curve of '{camera.name}' is in the way.", hint=_BAKE)
    values = np.array(
        [[now[n] if curve is None else curve.evaluate(frame) for n, curve in enumerate(curves)] for frame in frames]
    )
    lens = lens_values(camera.data)
    return KeyedView(values, _photo_values(description, lens, values[0]), camera.rotation_mode, lens)


def scale_keys(camera: bpy.types.Object, photo: np.ndarray, scale: float) -> None:
    """Scale the offsets of all keys, or of the property where there are none, from the photo's view (9,)."""
    for channel, neutral in zip(_CHANNELS, photo.tolist(), strict=True):
        curve = _curve(camera, channel)
        if curve is None:
            _write(camera, channel, neutral + scale * (_read(camera, channel) - neutral))
            continue
        for point in curve.keyframe_points:
            for place in (point.co, point.handle_left, point.handle_right):
                place.y = neutral + scale * (place.y - neutral)
        for modifier in curve.modifiers:
            if modifier.type == "NOISE":
                modifier.strength *= scale
        curve.update()


def _photo_values(description: SceneDescription, lens: LensValues, first: np.ndarray) -> np.ndarray:
    """The channels of the photo's view; its angles in the turn in which the camera begins."""
    fx, _, cx, cy = description.intrinsics
    width, height = description.width, description.height
    # A sensor that is measured by the height, or automatically on a portrait, spans the height.
    is_vertical = lens.sensor_fit == "VERTICAL" or (lens.sensor_fit == "AUTO" and height > width)
    sensor = lens.sensor_height if lens.sensor_fit == "VERTICAL" else lens.sensor_width
    span = height if is_vertical else width
    shift = (width / 2 - cx) / span, (cy - height / 2) / span
    photo = np.array([0.0, 0.0, 0.0, math.pi / 2, 0.0, 0.0, fx / span * sensor, *shift])
    photo[_EULER] += math.tau * np.round((first[_EULER] - photo[_EULER]) / math.tau)
    return photo


def _matrix(row: np.ndarray, rotation_mode: str) -> Matrix:
    return Matrix.LocRotScale(row[:3].tolist(), Euler(row[_EULER].tolist(), rotation_mode), None)


def _curve(camera: bpy.types.Object, channel: _Channel) -> bpy.types.FCurve | None:
    owner = camera.data if channel.is_data else camera
    curves = animation_curves(owner)
    return next((c for c in curves if c.data_path == channel.path and c.array_index == channel.index), None)


def _read(camera: bpy.types.Object, channel: _Channel) -> float:
    value = getattr(camera.data if channel.is_data else camera, channel.path)
    return value if channel.is_data else value[channel.index]


def _write(camera: bpy.types.Object, channel: _Channel, value: float) -> None:
    if channel.is_data:
        setattr(camera.data, channel.path, value)
    else:
        getattr(camera, channel.path)[channel.index] = value
