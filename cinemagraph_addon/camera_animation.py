"""Keyframes a camera along a named path, as ordinary keyframes that the artist may edit."""

from collections.abc import Iterable

import bpy
import numpy as np
from mathutils import Matrix

from ..ml_backend.camera_paths import CameraOffset, camera_offset, camera_to_world
from .coordinates import camera_opencv_to_blender


def animate_camera(
    camera: bpy.types.Object, path: str, *, amplitude: float, start: int, num_frames: int, spacing: int = 1
) -> None:
    """Key location, rotation, and lens once around the path; the curves repeat before and after.

    Frame `start` and frame `start + num_frames` hold the same camera. The camera's lens now is the one of the photo.

    Args:
        camera: an object in the root's space, without animation of its own on these channels.
        path: a name of `camera_paths.PATHS`.
        amplitude: 1 moves about as far as the paper's authors do.
        start: frame of the photo's own view.
        num_frames: length of the loop.
        spacing: frames from key to key; 1 follows the path exactly, more is easier to edit.
    """
    lens = camera.data.lens
    camera.rotation_mode = "XYZ"
    steps = [*range(0, num_frames, max(1, spacing)), num_frames]
    for step in steps:
        _place(camera, lens, camera_offset(path, step / num_frames, amplitude))
        for owner, channel in ((camera, "location"), (camera, "rotation_euler"), (camera.data, "lens")):
            owner.keyframe_insert(channel, frame=start + step)
    for owner in (camera, camera.data):
        for curve in animation_curves(owner):
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


def make_cyclic(curve: bpy.types.FCurve) -> None:
    """Repeat a curve for ever; its automatic handles then pass smoothly over the seam."""
    if all(modifier.type != "CYCLES" for modifier in curve.modifiers):
        curve.modifiers.new("CYCLES")
    curve.update()


def _place(camera: bpy.types.Object, lens: float, offset: CameraOffset) -> None:
    to_world = np.array(camera_to_world(offset), dtype=np.float64).reshape(4, 4)
    matrix = Matrix(camera_opencv_to_blender(to_world).tolist())
    camera.location = matrix.to_translation()
    # The Euler angles nearest to the last ones: no turn by 360 degrees between two keys.
    camera.rotation_euler = matrix.to_euler("XYZ", camera.rotation_euler)
    camera.data.lens = lens * offset.focal_scale
