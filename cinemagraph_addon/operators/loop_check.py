"""Check that the loop closes, and close it."""

import bpy

from ..bridge.problem import Problem
from ..bridge.scene_folder import read_depth_range
from ..camera_animation import close_curves
from ..editable import is_built
from ..file_paths import scene_folder
from ..loop_seam import camera_at, measure_seam, seen_frames
from ..shown_text import shown


class CINEMAGRAPH_OT_check_loop(bpy.types.Operator):
    """Look whether the camera is back where it began when the loop starts again, and how big the seam is"""

    bl_idname = "cinemagraph.check_loop"
    bl_label = "Check Loop"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        try:
            depths = read_depth_range(scene_folder(scene))
            seam = measure_seam(scene, context.evaluated_depsgraph_get(), depths)
        except Problem as problem:
            self.report({"ERROR"}, shown(str(problem)))
            return {"CANCELLED"}
        settings = scene.cinemagraph.camera
        settings.loop_state, settings.loop_message = seam.state, seam.message
        settings.loop_seam_px, settings.loop_kick_px = seam.seam_px, seam.kick_px
        self.report({"INFO" if seam.state in {"CLOSED", "CUT"} else "WARNING"}, shown(seam.message))
        return {"FINISHED"}


class CINEMAGRAPH_OT_make_cyclic(bpy.types.Operator):
    """Let the camera's curves end where they begin, one loop later, and repeat; keys outside the loop are removed"""

    bl_idname = "cinemagraph.make_cyclic"
    bl_label = "Make Cyclic"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        camera = camera_at(scene, seen_frames(scene).start)
        start, end = scene.cinemagraph.loop_start, scene.cinemagraph.loop_start + scene.cinemagraph.loop_frames
        count = sum(close_curves(owner, start, end) for owner in (camera, camera.data)) if camera is not None else 0
        if not count:
            self.report(
                {"ERROR"}, "The camera has no keys of its own. Make cyclic what moves it: parent or constraint."
            )
            return {"CANCELLED"}
        bpy.ops.cinemagraph.check_loop()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_check_loop, CINEMAGRAPH_OT_make_cyclic))
