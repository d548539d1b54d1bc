"""What a MeasureViews request says of a scene: its folder, the views, their size, and hidden layers."""

from collections.abc import Sequence

import bpy

from .bridge.problem import Problem
from .camera import PinholeView, pinhole_view, render_size
from .file_paths import scene_folder
from .frame_request import root_matrix
from .layer_visibility import hidden_layers


def scene_view(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> PinholeView:
    """What the scene's camera sees as it is evaluated now; raises Problem."""
    if scene.camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    return pinhole_view(scene.camera.evaluated_get(depsgraph), render_size(scene.render), root_matrix(depsgraph))


def measure_fields(
    scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, views: Sequence[PinholeView]
) -> dict[str, object]:
    """The request's fields but for the folder of the masks; raises Problem when the scene is not built.

    Layers that were moved or deformed are measured where they were built.
    """
    size = render_size(scene.render)
    return {
        "scene_dir": str(scene_folder(scene)),
        "intrinsics": [[float(value) for value in view.intrinsics] for view in views],
        "world_to_camera": [view.world_to_camera.ravel().tolist() for view in views],
        "width": size.width,
        "height": size.height,
        "hidden_layers": sorted(hidden_layers(scene, view_layer)),
    }
