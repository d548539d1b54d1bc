"""Set the scene's frame range to whole loops."""

import bpy
from bpy.props import IntProperty

from ..editable import is_built


class CINEMAGRAPH_OT_fit_frame_range(bpy.types.Operator):
    """End the frame range where the loop starts again, so that a rendered animation repeats without a jump"""

    bl_idname = "cinemagraph.fit_frame_range"
    bl_label = "Set Frame Range"
    bl_options = {"REGISTER", "UNDO"}

    loops: IntProperty(
        name="Loops",
        description="Number of loops in the frame range",
        min=1,
        max=1000,
        soft_max=20,
        default=1,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        scene.frame_end = scene.frame_start + self.loops * scene.cinemagraph.loop_frames - 1
        scene.frame_step = 1
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_fit_frame_range,))
