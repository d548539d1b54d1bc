"""Render: quality, output, and the buttons that start."""

import bpy

from ..built_scene import colors_match_photo
from ..render_engine import ENGINE
from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_render(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Render"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        scene = context.scene
        layout = split(self.layout)
        if scene.render.engine != ENGINE:
            layout.prop(scene.render, "engine")
        if not colors_match_photo(scene):
            layout.label(text="Colors differ from the photo", icon="ERROR")
            layout.operator("cinemagraph.match_photo_colors", icon="COLOR")
        layout.prop(scene.render, "filepath", text="Output")
        column = layout.column(align=True)
        column.operator("render.render", text="Render Image", icon="RENDER_STILL")
        column.operator("render.render", text="Render Animation", icon="RENDER_ANIMATION").animation = True
        layout.operator("cinemagraph.export_loop", icon="EXPORT")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_render,))
