"""The scene's active camera over one loop, as Blender sees it: keyframes, constraints, drivers, and camera markers."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from .bridge.problem import Problem
from .camera import PinholeView, RenderSize, pinhole_view, render_size
from .layer_edits import hidden_for_render, posed_layer
from .modal_job import Step

CAMERAS_FORMAT = "cinemagraph-cameras/1"
_RENDER_ANIMATION = "Use Render Animation, which shows that."
_STAGE = "following the camera"


@dataclass(frozen=True, slots=True)
class LoopCameras:
    """One view per frame of the loop, the frames' size, and the layers that are hidden in all of them."""

    views: tuple[PinholeView, ...]
    size: RenderSize
    hidden_layers: tuple[int, ...]


def sample_cameras(find_scene: Callable[[], bpy.types.Scene], end: float) -> Generator[Step, None, LoopCameras]:
    """Inside a job: step through one loop and look; the current frame is the same again afterwards.

    Args:
        find_scene: looks the scene up again after each pause; raises Problem when it is gone.
        end: fraction of the job when all frames were seen.

    Raises:
        Problem: no camera or one that is no pinhole, or layers that stand elsewhere or are hidden in some frames only.
    """
    scene = find_scene()
    before = scene.frame_current, scene.frame_subframe
    num_frames, views, hidden = scene.cinemagraph.loop_frames, [], None
    try:
        for number in range(num_frames):
            yield Step(_STAGE, end * number / num_frames)
            scene = find_scene()
            scene.frame_set(scene.cinemagraph.loop_start + number)
            views.append(camera_view(scene, scene.view_layers[0].depsgraph))
            hidden_now = hidden_for_render(scene, scene.view_layers[0])
            _require_rest(scene, hidden_now)
            if hidden not in (None, hidden_now):
                raise Problem("Layers are hidden in some frames of the loop only.", hint=_RENDER_ANIMATION)
            hidden = hidden_now
    finally:
        scene = find_scene()
        scene.frame_set(before[0], subframe=before[1])
    return LoopCameras(tuple(views), render_size(scene.render), tuple(sorted(hidden or ())))


def camera_view(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> PinholeView:
    """What the scene's camera sees now, relative to the scene's root; raises Problem."""
    if scene.camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    root = scene.cinemagraph.root
    matrix = root.evaluated_get(depsgraph).matrix_world if root is not None else np.eye(4)
    camera = scene.camera.evaluated_get(depsgraph)
    return pinhole_view(camera, render_size(scene.render), np.array(matrix, dtype=np.float64))


def write_cameras(path: Path, views: tuple[PinholeView, ...], size: RenderSize) -> None:
    """Write a cameras.json, which the backend's command line renders too; raises Problem when that is not possible."""
    frames = [
        {
            "intrinsics": [float(value) for value in view.intrinsics],
            "camera_to_world": np.linalg.inv(view.world_to_camera).tolist(),
        }
        for view in views
    ]
    document = {"format": CAMERAS_FORMAT, "width": size.width, "height": size.height, "frames": frames}
    try:
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error.strerror}.", hint="Choose another place.") from error


def _require_rest(scene: bpy.types.Scene, hidden: frozenset[int]) -> None:
    name = posed_layer(scene, scene.view_layers[0].depsgraph, hidden)
    if name is not None:
        raise Problem(f"'{name}' was moved or deformed, which Export Loop does not show.", hint=_RENDER_ANIMATION)
