"""Render: quality, output, and the buttons that start."""

import bpy

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
        settings = scene.cinemagraph.render
        layout.row().prop(settings, "quality", expand=True)
        column = layout.column()
        column.active = settings.quality == "FINAL"
        column.prop(settings, "samples")
        layout.prop(scene.render, "filepath", text="Output")
        column = layout.column(align=True)
        column.operator("render.render", text="Render Image", icon="RENDER_STILL")
        column.operator("render.render", text="Render Animation", icon="RENDER_ANIMATION").animation = True


class CINEMAGRAPH_PT_passes(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Passes and Objects"
    bl_parent_id = "CINEMAGRAPH_PT_render"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        scene = context.scene
        settings = scene.cinemagraph.render
        layout = split(self.layout)
        column = layout.column(heading="Passes")
        column.prop(context.view_layer, "use_pass_z", text="Depth")
        column.prop(settings, "use_alpha_pass", text="Alpha")
        layout.prop(scene.render, "film_transparent", text="Transparent Holes")
        if not settings.depth_composite:
            layout.operator("cinemagraph.add_depth_composite", icon="NODE_COMPOSITING")
            return
        if settings.objects_scene is not None:
            layout.prop(settings.objects_scene.render, "engine", text="Objects Engine")
        layout.operator("cinemagraph.remove_depth_composite", icon="X")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_render, CINEMAGRAPH_PT_passes))
