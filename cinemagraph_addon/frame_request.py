"""One frame of a Blender scene, as the fields of a RenderFrame request: camera, loop frame, region, layers."""

from dataclasses import asdict, dataclass
from pathlib import Path

import bpy
import numpy as np

from .bridge.problem import Problem
from .camera import PinholeView, pinhole_view, render_size
from .file_paths import scene_folder
from .layer_pose import SeenLayers, see_layers, write_poses


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the frame to render, in pixels; `left` and `top` from the frame's top left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """The fields of RenderFrame, and the length of a backend unit in Blender."""

    fields: dict[str, object]
    unit: float


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """All that a frame asks of Blender: fields of the request that need no files, the layers, the unit's length."""

    fields: dict[str, object]
    layers: SeenLayers
    unit: float

    def request(self, folder: Path) -> FrameRequest:
        """The request, in any thread: arrays of posed layers are written to the job's folder; raises Problem."""
        poses = write_poses(self.layers, Path(str(self.fields["scene_dir"])), folder)
        return FrameRequest({**self.fields, "output_dir": str(folder), **asdict(poses)}, self.unit)


def frame_request(depsgraph: bpy.types.Depsgraph, region: Region, folder: Path) -> FrameRequest:
    """What the current frame of a scene asks of the backend, seen by the scene's camera.

    Args:
        region: the part of the frame.
        folder: of the job; arrays of posed layers are written there.

    Raises:
        Problem: it cannot be rendered.
    """
    return view_request(depsgraph, scene_view(depsgraph), region, folder)


def scene_view(depsgraph: bpy.types.Depsgraph) -> PinholeView:
    """What the scene's camera sees; raises Problem where that cannot be rendered."""
    scene = depsgraph.scene
    if scene.render.use_multiview:
        raise Problem("Stereoscopic rendering is not supported.", hint="Turn off Stereoscopy in the output properties.")
    if scene.camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    return pinhole_view(scene.camera.evaluated_get(depsgraph), render_size(scene.render), root_matrix(depsgraph))


def view_request(depsgraph: bpy.types.Depsgraph, view: PinholeView, region: Region, folder: Path) -> FrameRequest:
    """What the current frame of a scene asks of the backend, seen by any pinhole camera; see `frame_request`."""
    return see_frame(depsgraph, view, region).request(folder)


def see_frame(depsgraph: bpy.types.Depsgraph, view: PinholeView, region: Region) -> SeenFrame:
    """The part of a request that only Blender's main thread can read; raises Problem."""
    scene = depsgraph.scene
    settings = scene.cinemagraph
    fx, fy, cx, cy = view.intrinsics
    fields = {
        "scene_dir": str(scene_folder(scene)),
        "intrinsics": [fx, fy, cx - region.left, cy - region.top],
        "world_to_camera": view.world_to_camera.ravel().tolist(),
        "width": region.width,
        "height": region.height,
        "frame": loop_frame(scene),
        "num_frames": settings.loop_frames,
        "quality": settings.render.quality.lower(),
        "samples": settings.render.samples,
    }
    return SeenFrame(fields, see_layers(depsgraph, root_matrix(depsgraph)), view.unit)


def root_matrix(depsgraph: bpy.types.Depsgraph) -> np.ndarray:
    """Matrix (4, 4) of the evaluated root object."""
    root = depsgraph.scene.cinemagraph.root
    return np.array(root.evaluated_get(depsgraph).matrix_world if root is not None else np.eye(4), dtype=np.float64)


def loop_frame(scene: bpy.types.Scene) -> int:
    """Frame of the loop, 0 at its start; the frame range is no matter, since render farms give each machine a part."""
    return (scene.frame_current - scene.cinemagraph.loop_start) % scene.cinemagraph.loop_frames


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
