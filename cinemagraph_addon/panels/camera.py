"""Camera: send cameras along paths."""

import bpy
from bl_ui.utils import PresetPanel

from ..loop_seam import range_fits
from ..operators.camera_presets import PRESET_FOLDER
from .layout import CinemagraphPanel, draw_text, split

_LOOP_ICONS = {"CLOSED": "CHECKMARK", "CUT": "CHECKMARK", "KINKED": "ERROR", "OPEN": "ERROR"}


class CINEMAGRAPH_PT_camera_presets(PresetPanel, bpy.types.Panel):
    bl_label = "Camera Path Presets"
    preset_subdir = PRESET_FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "cinemagraph.camera_preset_add"


class CINEMAGRAPH_PT_camera(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        CINEMAGRAPH_PT_camera_presets.draw_panel_header(self.layout)

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph.camera
        layout = split(self.layout)
        layout.prop(settings, "path")
        column = layout.column()
        column.active = settings.path != "static"
        column.prop(settings, "amplitude")
        column.prop(settings, "loops")
        column.prop(settings, "ease")
        column.prop(settings, "key_spacing")
        column = layout.column(align=True)
        column.operator("cinemagraph.add_camera", icon="CAMERA_DATA")
        column.operator("cinemagraph.apply_camera_path", icon="FCURVE")


class CINEMAGRAPH_PT_safe_view(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Safe View"
    bl_parent_id = "CINEMAGRAPH_PT_camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw_header(self, context: bpy.types.Context) -> None:
        self.layout.prop(context.scene.cinemagraph.camera, "show_safe_view", text="")

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = split(self.layout), context.scene.cinemagraph.camera
        if settings.show_safe_view and context.region_data.view_perspective != "CAMERA":
            layout.operator("view3d.view_camera", text="Look through Camera", icon="VIEW_CAMERA")
        elif settings.show_safe_view and not context.space_data.overlay.show_overlays:
            layout.label(text="Overlays are off in this viewport", icon="INFO")
        layout.prop(settings, "max_unknown")
        layout.operator("cinemagraph.limit_amplitude", icon="CON_SIZELIMIT")


class CINEMAGRAPH_PT_loop_check(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Loop Check"
    bl_parent_id = "CINEMAGRAPH_PT_camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        scene, layout = context.scene, split(self.layout)
        settings = scene.cinemagraph.camera
        if not range_fits(scene):  # the notices at the top say what that means
            layout.operator("cinemagraph.fit_frame_range", text="Set Frame Range to Loop", icon="TIME")
        layout.operator("cinemagraph.check_loop", icon="FILE_REFRESH")
        if settings.loop_state == "UNKNOWN":
            return
        draw_text(context, layout, settings.loop_message, _LOOP_ICONS[settings.loop_state])
        if settings.loop_state in {"OPEN", "KINKED"}:
            layout.operator("cinemagraph.make_cyclic", icon="FCURVE")


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_PT_camera_presets, CINEMAGRAPH_PT_camera, CINEMAGRAPH_PT_safe_view, CINEMAGRAPH_PT_loop_check)
)
