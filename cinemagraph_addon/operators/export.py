"""Export the loop along the scene's camera path into a video, without Blender's renderer."""

from pathlib import Path

import bpy
from bpy.props import IntProperty, StringProperty

from ...ml_backend.protocol import ExportVideo
from .. import backend_process
from ..bridge.problem import Problem
from ..file_paths import absolute, choose_scene_folder, scene_folder
from ..modal_job import JobOperator, Work, wait_for

_ENDINGS = (".mp4", ".webm", ".gif")


class CINEMAGRAPH_OT_export_loop(JobOperator, bpy.types.Operator):
    """Write the loop along the chosen camera path into a video; Render Animation renders your own cameras"""

    bl_idname = "cinemagraph.export_loop"
    bl_label = "Export Loop"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="File", description="Video to write: .mp4, .webm, or .gif", subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.mp4;*.webm;*.gif", options={"HIDDEN"})
    loops: IntProperty(name="Loops", description="How many times the loop is repeated", min=1, max=1000, default=1)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first")
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        # The first call asks for the file; the file browser then calls this operator's execute.
        self._is_asking = True
        if not self.filepath:
            self.filepath = str(choose_scene_folder(context.scene).with_suffix(".mp4"))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)  # after the file browser: go on without blocking
        return super().execute(context)

    def work(self, context: bpy.types.Context) -> Work:
        scene = self.scene()
        path = Path(absolute(self.filepath)) if self.filepath else None
        if path is None or path.suffix.lower() not in _ENDINGS:
            raise Problem("The video needs a name with .mp4, .webm, or .gif.", hint="Type one in the file browser.")
        export = backend_process.client().submit(
            ExportVideo,
            scene_dir=str(scene_folder(scene)),
            camera=scene.cinemagraph.camera.path,
            path=str(path),
            num_frames=scene.cinemagraph.loop_frames,
            fps=scene.render.fps / scene.render.fps_base,
            loops=self.loops,
        )
        values = yield from wait_for(export)
        return f"Wrote '{values['path']}'"


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_export_loop,))
