"""Build the scene from the photo, and match the photo's colours."""

from pathlib import Path

import bpy

from ...ml_backend.protocol import BuildScene
from .. import backend_process
from ..bridge.problem import Problem
from ..built_scene import match_photo_colors, show_built_scene
from ..editable import is_editable
from ..file_paths import absolute, choose_scene_folder
from ..modal_job import JobOperator, Work, wait_for
from ..viewport import hide_around_camera, show_photo_view

_OPTIONAL_FILES = ("mask", "hints", "depth", "depth_model", "flow")


class CINEMAGRAPH_OT_build_scene(JobOperator, bpy.types.Operator):
    """Turn the photo into layers of points with a matching camera"""

    bl_idname = "cinemagraph.build_scene"
    bl_label = "Build Scene"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_editable(cls, context.scene):
            return False
        if not context.scene.cinemagraph.photo:
            cls.poll_message_set("Choose a photo first")
            return False
        return super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        values = yield from wait_for(backend_process.client().submit(BuildScene, **self._request()), 0.0, 0.9)
        is_first = not self.scene().cinemagraph.is_built
        yield from show_built_scene(self.scene, Path(str(values["scene_dir"])))
        warnings = [str(warning) for warning in values.get("warnings", [])]
        if is_first:  # later the artist may be looking at something else
            hidden = hide_around_camera(self.scene())
            warnings += [f"Hid '{name}', which stood around the camera" for name in hidden]
            show_photo_view(self.scene())
        message = f"Built {values['num_layers']} layers, {int(values['num_points']):,} points"
        return ". ".join([message, *warnings])

    def _request(self) -> dict[str, object]:
        settings = self.scene().cinemagraph
        files = {name: absolute(getattr(settings, name)) for name in ("photo", *_OPTIONAL_FILES)}
        for name, path in files.items():
            if path and not Path(path).exists():
                label = settings.bl_rna.properties[name].name
                raise Problem(f"{label} '{path}' does not exist.", hint="Choose the file again.")
        return {
            **files,
            "scene_dir": str(choose_scene_folder(self.scene())),
            "size": settings.working_size,
            "layers": int(settings.layers),
        }


class CINEMAGRAPH_OT_match_photo_colors(bpy.types.Operator):
    """Set color management so that rendered files show the photo's own colors"""

    bl_idname = "cinemagraph.match_photo_colors"
    bl_label = "Match Photo Colors"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        match_photo_colors(context.scene)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_build_scene, CINEMAGRAPH_OT_match_photo_colors)
)
