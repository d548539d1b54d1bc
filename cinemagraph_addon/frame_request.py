"""One frame of a Blender scene, as the fields of a RenderFrame request: camera, loop frame, region, hidden layers."""

from dataclasses import dataclass

import bpy
import numpy as np

from .bridge.problem import Problem
from .bridge.scene_folder import read_description
from .camera import pinhole_view, render_size
from .file_paths import scene_folder
from .point_cloud import LAYER_KEY, layer_objects


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the frame to render, in pixels; `left` and `top` from the frame's top left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """The fields of RenderFrame but for the folder, and the length of a backend unit in Blender."""

    fields: dict[str, object]
    unit: float


def frame_request(depsgraph: bpy.types.Depsgraph, region: Region) -> FrameRequest:
    """What the current frame of a scene asks of the backend; raises Problem when it cannot be rendered."""
    scene = depsgraph.scene
    settings = scene.cinemagraph
    folder = scene_folder(scene)
    num_layers = read_description(folder).num_layers
    if scene.render.use_multiview:
        raise Problem("Stereoscopic rendering is not supported.", hint="Turn off Stereoscopy in the output properties.")
    if scene.camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    root = settings.root.evaluated_get(depsgraph).matrix_world if settings.root is not None else np.eye(4)
    size = render_size(scene.render)
    view = pinhole_view(scene.camera.evaluated_get(depsgraph), size, np.array(root, dtype=np.float64))
    fx, fy, cx, cy = view.intrinsics
    fields = {
        "scene_dir": str(folder),
        "intrinsics": [fx, fy, cx - region.left, cy - region.top],
        "world_to_camera": view.world_to_camera.ravel().tolist(),
        "width": region.width,
        "height": region.height,
        "frame": loop_frame(scene),
        "num_frames": settings.loop_frames,
        "hidden_layers": hidden_layers(depsgraph, num_layers),
    }
    return FrameRequest(fields, view.unit)


def loop_frame(scene: bpy.types.Scene) -> int:
    """Frame of the loop, 0 at the start of the scene's frame range."""
    return (scene.frame_current - scene.frame_start) % scene.cinemagraph.loop_frames


def hidden_layers(depsgraph: bpy.types.Depsgraph, num_layers: int) -> list[int]:
    """Layers whose objects are not rendered: hidden, in an excluded collection, or deleted.

    A scene without any layer object, such as one that only renders a scene folder, hides nothing.
    """
    if not layer_objects(depsgraph.scene.cinemagraph.collection):
        return []
    visible = {obj[LAYER_KEY] for obj in depsgraph.objects if LAYER_KEY in obj and not obj.hide_render}
    return [layer for layer in range(num_layers) if layer not in visible]


def render_region(render: bpy.types.RenderSettings) -> Region:
    """The whole frame, or the render border, rounded as Blender rounds it."""
    size = render_size(render)
    if not render.use_border:
        return Region(0, 0, size.width, size.height)
    left, right = _border(render.border_min_x, render.border_max_x, size.width)
    bottom, top = _border(render.border_min_y, render.border_max_y, size.height)
    if right <= left or top <= bottom:
        raise Problem("The render border is empty.", hint="Draw it again with Ctrl-B, or turn off Render Region.")
    return Region(left, size.height - top, right - left, top - bottom)


def _border(low: float, high: float, length: int) -> tuple[int, int]:
    return int(np.float32(low) * np.float32(length)), int(np.float32(high) * np.float32(length))
