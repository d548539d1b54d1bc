"""Look at the scene: through the photo's camera, in colour."""

import bpy

from ..viewport import show_photo_view


class CINEMAGRAPH_OT_show_photo_view(bpy.types.Operator):
    """Look through the scene's camera in every 3D viewport, in a shading that shows color"""

    bl_idname = "cinemagraph.show_photo_view"
    bl_label = "Show Photo View"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        show_photo_view(context.scene)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_show_photo_view,))
