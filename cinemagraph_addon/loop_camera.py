"""The scene's active camera over one loop, as Blender sees it: keyframes, constraints, drivers, and camera markers."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from .bridge.problem import Problem
from .camera import PinholeView, RenderSize, pinhole_view, render_size
from .layer_edits import posed_layer
from .layer_visibility import hidden_layers
from .modal_job import Step

CAMERAS_FORMAT = "cinemagraph-cameras/1"
FindScene = Callable[[], bpy.types.Scene]
_STAGE = "following the camera"


@dataclass(frozen=True, slots=True)
class LoopCameras:
    """One view per frame of the loop, and the frames' size."""

    views: tuple[PinholeView, ...]
    size: RenderSize


@dataclass(frozen=True, slots=True)
class RenderedLoop:
    """What a render of the loop shows: its cameras, the layers that are hidden, and whether nothing more is to say.

    is_as_built: all other layers stand where they were built in all frames, as far as objects and modifiers tell.
    """

    cameras: LoopCameras
    hidden: list[int]
    is_as_built: bool


def sample_cameras(find_scene: FindScene, end: float) -> Generator[Step, None, LoopCameras]:
    """Inside a job: the camera of each frame; raises Problem where there is none, or one that is no pinhole."""
    views: list[PinholeView] = []
    yield from _visit_loop(find_scene, lambda scene: views.append(camera_view(scene)), end)
    return LoopCameras(tuple(views), render_size(find_scene().render))


def sample_rendered(find_scene: FindScene, end: float) -> Generator[Step, None, RenderedLoop]:
    """Inside a job: the camera of each frame, and how the layers stand; raises Problem as `sample_cameras` does."""
    views: list[PinholeView] = []
    hidden: list[frozenset[int]] = []
    posed: list[str] = []

    def look(scene: bpy.types.Scene) -> None:
        views.append(camera_view(scene))
        hidden.append(hidden_layers(scene, scene.view_layers[0]))
        if (name := posed_layer(scene, scene.view_layers[0].depsgraph, hidden[-1])) is not None:
            posed.append(name)

    yield from _visit_loop(find_scene, look, end)
    cameras = LoopCameras(tuple(views), render_size(find_scene().render))
    return RenderedLoop(cameras, sorted(hidden[0]), is_as_built=not posed and len(set(hidden)) == 1)


def camera_view(scene: bpy.types.Scene) -> PinholeView:
    """What the scene's camera sees at its current frame, relative to the scene's root; raises Problem."""
    if scene.camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    depsgraph, root = scene.view_layers[0].depsgraph, scene.cinemagraph.root
    matrix = root.evaluated_get(depsgraph).matrix_world if root is not None else np.eye(4)
    camera = scene.camera.evaluated_get(depsgraph)
    return pinhole_view(camera, render_size(scene.render), np.array(matrix, dtype=np.float64))


def write_cameras(path: Path, cameras: LoopCameras) -> None:
    """Write a cameras.json, which the backend's command line renders too; raises Problem when that is not possible."""
    frames = [
        {
            "intrinsics": [float(value) for value in view.intrinsics],
            "camera_to_world": np.linalg.inv(view.world_to_camera).tolist(),
        }
        for view in cameras.views
    ]
    size = {"width": cameras.size.width, "height": cameras.size.height}
    try:
        path.write_text(json.dumps({"format": CAMERAS_FORMAT, **size, "frames": frames}, indent=1), encoding="utf-8")
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error.strerror}.", hint="Choose another place.") from error


def _visit_loop(
    find_scene: FindScene, look: Callable[[bpy.types.Scene], None], end: float
) -> Generator[Step, None, None]:
    """Call `look` at each frame of one loop; the current frame is the same again afterwards, whatever happened.

    Args:
        find_scene: looks the scene up again after each pause; raises Problem when it is gone.
        look: may raise Problem.
        end: fraction of the job when all frames were seen.
    """
    scene = find_scene()
    before = scene.frame_current, scene.frame_subframe
    num_frames = scene.cinemagraph.loop_frames
    try:
        for number in range(num_frames):
            yield Step(_STAGE, end * number / num_frames)
            scene = find_scene()
            scene.frame_set(scene.cinemagraph.loop_start + number)
            look(scene)
    finally:
        find_scene().frame_set(before[0], subframe=before[1])
