"""The Cancel button of the running job."""

import bpy

from ..modal_job import running_job


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


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_cancel_job,))
