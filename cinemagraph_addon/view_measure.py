"""What a MeasureViews request says of a scene: its folder, its frame, the views, and the layers that are hidden."""

from collections.abc import Sequence

import bpy

from .camera import PinholeView, render_size
from .file_paths import scene_folder
from .layer_edits import hidden_for_render


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
        "hidden_layers": sorted(hidden_for_render(scene, view_layer)),
    }
