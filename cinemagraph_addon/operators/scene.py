"""Build the scene from the photo, and match the photo's colours."""

from pathlib import Path

import bpy

from ...ml_backend.protocol import BuildScene
from .. import backend_process
from ..bridge.client import Job
from ..bridge.problem import Problem
from ..built_scene import match_photo_colors, show_built_scene
from ..file_paths import absolute, choose_scene_folder
from ..modal_job import BackendJobOperator, running_job
from ..viewport import show_photo_view

_OPTIONAL_FILES = ("mask", "hints", "depth", "flow")


class CINEMAGRAPH_OT_build_scene(BackendJobOperator, bpy.types.Operator):
    """Turn the photo into layers of points with a matching camera"""

    bl_idname = "cinemagraph.build_scene"
    bl_label = "Build Scene"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.photo:
            cls.poll_message_set("Choose a photo first")
            return False
        return super().poll(context)

    def send(self, context: bpy.types.Context) -> Job:
        settings = context.scene.cinemagraph
        files = {name: absolute(getattr(settings, name)) for name in ("photo", *_OPTIONAL_FILES)}
        for name, path in files.items():
            if path and not Path(path).is_file():
                label = settings.bl_rna.properties[name].name
                raise Problem(f"{label} '{path}' does not exist.", hint="Choose the file again.")
        return backend_process.client().submit(
            BuildScene,
            **files,
            scene_dir=str(choose_scene_folder(context.scene)),
            size=settings.working_size,
            layers=settings.layers,
        )

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene, values: dict[str, object]) -> str:
        is_first = not scene.cinemagraph.is_built
        show_built_scene(scene, Path(str(values["scene_dir"])))
        if is_first:  # later the artist may be looking at something else
            show_photo_view(scene)
        warnings = [str(warning) for warning in values.get("warnings", [])]
        for warning in warnings:
            self.report({"WARNING"}, warning)
        message = f"Built {values['num_layers']} layers, {int(values['num_points']):,} points"
        scene.cinemagraph.message = ". ".join([message, *warnings])
        return message

    def fail(self, scene: bpy.types.Scene | None, message: str) -> None:
        if scene is not None:
            scene.cinemagraph.message = message


class CINEMAGRAPH_OT_match_photo_colors(bpy.types.Operator):
    """Set color management so that rendered files show the photo's own colors"""

    bl_idname = "cinemagraph.match_photo_colors"
    bl_label = "Match Photo Colors"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        match_photo_colors(context.scene)
        return {"FINISHED"}


class CINEMAGRAPH_OT_cancel_job(bpy.types.Operator):
    """Stop the running job"""

    bl_idname = "cinemagraph.cancel_job"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return running_job() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        running_job().is_cancel_asked = True
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_build_scene, CINEMAGRAPH_OT_match_photo_colors, CINEMAGRAPH_OT_cancel_job)
)
