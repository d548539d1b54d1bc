"""Preview: what the viewport shows; none of it changes what is rendered."""

import bpy

from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_preview(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Preview"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph.preview
        layout = split(self.layout)
        layout.row().prop(settings, "display", expand=True)
        column = layout.column()
        column.active = settings.display == "POINTS"
        column.prop(settings, "density")
        layout.operator("cinemagraph.show_photo_view", icon="VIEW_CAMERA")
        layout.operator("screen.animation_play", text="Play", icon="PLAY")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_preview,))
