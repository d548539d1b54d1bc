"""Motion: where the photo flows, and how."""

import bpy

from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_motion(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Motion"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = split(self.layout)
        layout.prop(settings, "mask")
        layout.prop(settings, "hints")
        layout.prop(settings, "flow")
        if settings.is_built:
            layout.label(text="Rebuild to use changed files")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_motion,))
