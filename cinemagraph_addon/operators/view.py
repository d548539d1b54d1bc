"""Look at the scene: through the photo's camera, in colour, with all of its layers."""

import bpy

from ..editable import is_built
from ..layer_visibility import show_layers
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


class CINEMAGRAPH_OT_show_layers(bpy.types.Operator):
    """Show every layer of the scene, in the viewport and in renders"""

    bl_idname = "cinemagraph.show_layers"
    bl_label = "Show Layers"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        show_layers(context.scene, context.view_layer)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_OT_show_photo_view,
        CINEMAGRAPH_OT_show_layers,
    )
)
