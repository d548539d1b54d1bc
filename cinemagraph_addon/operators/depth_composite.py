"""Depth Composite: ordinary objects among the photo's points, on or off with one click."""

import bpy

from ..depth_composite import remove_depth_composite, set_up_depth_composite
from ..shown_text import shown


class CINEMAGRAPH_OT_add_depth_composite(bpy.types.Operator):
    """Render the other objects of this scene by their own engine and put them among the photo's points by depth"""

    bl_idname = "cinemagraph.add_depth_composite"
    bl_label = "Depth Composite"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        objects = set_up_depth_composite(context.scene)
        self.report({"INFO"}, shown(f"The scene '{objects.name}' renders the other objects; choose its engine there"))
        return {"FINISHED"}


class CINEMAGRAPH_OT_remove_depth_composite(bpy.types.Operator):
    """Render the photo alone again; the other objects stay in the scene"""

    bl_idname = "cinemagraph.remove_depth_composite"
    bl_label = "Remove Depth Composite"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not context.scene.cinemagraph.render.depth_composite:
            cls.poll_message_set("There is no depth composite to remove")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        remove_depth_composite(context.scene)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_add_depth_composite, CINEMAGRAPH_OT_remove_depth_composite)
)
