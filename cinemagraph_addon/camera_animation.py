"""Keyframes a camera along a named path, as ordinary keyframes that the artist may edit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix

from ..ml_backend.camera_paths import CameraOffset, camera_offset, camera_to_world, path_phase
from .bridge.scene_folder import DepthRange
from .coordinates import camera_opencv_to_blender

_NEAREST_FOCUS, _FARTHEST_FOCUS = 1.2, 6.0  # in near depths, as in the backend
_OBJECT_CHANNELS = {"location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle"}
_PATH_CHANNELS = {"location", "rotation_euler", "lens"}
VIEW_CHANNELS = _OBJECT_CHANNELS | {"lens", "shift_x", "shift_y"}  # all keys that change what a camera sees


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A named path of `camera_paths.PATHS` and how it is followed.

    amplitude: 1 moves about as far as the paper's authors do. loops: times around per loop. ease: one of
    `camera_paths.EASES`. key_spacing: frames from key to key; 1 follows the path exactly, more is easier to edit.
    """

    name: str
    amplitude: float = 1.0
    loops: int = 1
    ease: str = "none"
    key_spacing: int = 1


def path_offsets(path: CameraPath, depths: DepthRange, num_frames: int) -> dict[int, CameraOffset]:
    """Where the camera is at each key, by frames since the start; the last key, at `num_frames`, is the first.

    Args:
        path: what to follow.
        depths: of the photo, which sets what orbits look at.
        num_frames: length of the loop.

    Raises:
        ValueError: no camera can follow it, as when a dolly zoom would pass its focus; the message is fit for a user.
    """
    steps = [*range(0, num_frames, max(1, path.key_spacing)), num_frames]
    focus = min(max(depths.middle / depths.near, _NEAREST_FOCUS), _FARTHEST_FOCUS)
    phases = {step: path_phase(step / num_frames, path.loops, path.ease) for step in steps}
    return {step: camera_offset(path.name, phase, path.amplitude, focus) for step, phase in phases.items()}


def animate_camera(camera: bpy.types.Object, offsets: dict[int, CameraOffset], *, start: int, near: float) -> None:
    """Key location, rotation, and lens; the curves repeat before and after. Keys on these channels are replaced.

    Args:
        camera: an object in the root's space, at the photo's own view and with its lens.
        offsets: from `path_offsets`.
        start: frame of the photo's own view.
        near: near depth of the photo, the unit of paths.
    """
    lens = camera.data.lens
    remove_curves(camera, _OBJECT_CHANNELS)
    remove_curves(camera.data, {"lens"})
    camera.rotation_mode = "XYZ"
    for step, offset in offsets.items():
        _place(camera, offset, lens, near)
        for owner, channel in ((camera, "location"), (camera, "rotation_euler"), (camera.data, "lens")):
            owner.keyframe_insert(channel, frame=start + step)
    for owner in (camera, camera.data):
        for curve in animation_curves(owner):
            if curve.data_path in _PATH_CHANNELS:
                make_cyclic(curve)


def animation_curves(owner: bpy.types.ID) -> Iterable[bpy.types.FCurve]:
    """The curves that animate a data-block, in all versions: slots and channel bags since 4.4, plain before."""
    animation = owner.animation_data
    if animation is None or animation.action is None:
        return []
    slot = getattr(animation, "action_slot", None)
    if slot is None:
        return animation.action.fcurves
    from bpy_extras import anim_utils  # has no channel bags before 4.4

    bag = anim_utils.action_get_channelbag_for_slot(animation.action, slot)
    return bag.fcurves if bag is not None else []


def remove_curves(owner: bpy.types.ID, channels: Collection[str]) -> None:
    """Take away the curves of these channels; the values stay as they are."""
    curves = animation_curves(owner)
    for curve in [curve for curve in curves if curve.data_path in channels]:
        curves.remove(curve)


def make_cyclic(curve: bpy.types.FCurve) -> None:
    """Repeat a curve for ever; its automatic handles then pass smoothly over the seam."""
    if all(modifier.type != "CYCLES" for modifier in curve.modifiers):
        curve.modifiers.new("CYCLES")
    curve.update()


def close_curves(owner: bpy.types.ID, start: int, end: int) -> int:
    """Let the curves of a camera's view hold at `end` what they hold at `start`, and repeat; how many there are.

    Keys before and after are removed: the curves repeat from their first key to their last.
    """
    curves = [curve for curve in animation_curves(owner) if curve.data_path in VIEW_CHANNELS]
    for curve in curves:
        value = curve.evaluate(start)
        for frame in (start, end):
            curve.keyframe_points.insert(frame, value)
        outside = [number for number, p in enumerate(curve.keyframe_points) if not start <= p.co.x <= end]
        for number in reversed(outside):
            curve.keyframe_points.remove(curve.keyframe_points[number])
        make_cyclic(curve)
    return len(curves)


def _place(camera: bpy.types.Object, offset: CameraOffset, lens: float, near: float) -> None:
    to_world = np.array(camera_to_world(offset), dtype=np.float64).reshape(4, 4)
    to_world[:3, 3] *= near
    matrix = Matrix(camera_opencv_to_blender(to_world).tolist())
    camera.location = matrix.to_translation()
    # The Euler angles nearest to the last ones: no turn by 360 degrees between two keys.
    camera.rotation_euler = matrix.to_euler("XYZ", camera.rotation_euler)
    camera.data.lens = lens * offset.focal_scale
