"""Scene: choose the photo and build."""

import bpy

from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_scene(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Scene"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = split(self.layout)
        layout.prop(settings, "photo")
        layout.prop(settings, "working_size")
        column = layout.column(align=True)
        column.prop(settings, "loop_frames")
        column.prop(settings, "loop_start", text="Start")
        if not settings.is_built:
            layout.prop(settings, "match_colors")
        layout.operator(
            "cinemagraph.build_scene",
            text="Rebuild Scene" if settings.is_built else "Build Scene",
            icon="IMAGE_DATA",
        )


class CINEMAGRAPH_PT_scene_depth(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Depth and Layers"
    bl_parent_id = "CINEMAGRAPH_PT_scene"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = split(self.layout)
        layout.prop(settings, "depth")
        column = layout.column()
        column.active = not settings.depth
        column.prop(settings, "depth_source")
        if settings.depth_source == "NETWORK":
            column.prop(settings, "depth_model")
        row = column.row(heading="Horizon")
        row.prop(settings, "use_horizon", text="")
        slider = row.row()
        slider.active = settings.use_horizon
        slider.prop(settings, "horizon", text="")
        layout.prop(settings, "inpainting_model")
        if settings.inpainting_model:
            layout.prop(settings, "inpainting_trust")
        layout.prop(settings, "networks")
        layout.prop(settings, "layers")
        layout.prop(settings, "scene_dir")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_scene, CINEMAGRAPH_PT_scene_depth))
