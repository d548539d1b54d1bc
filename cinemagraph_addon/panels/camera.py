"""Camera: add cameras on named paths."""

import bpy

from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_camera(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph.camera
        layout = split(self.layout)
        layout.prop(settings, "path")
        layout.prop(settings, "amplitude")
        layout.operator("cinemagraph.add_camera", icon="CAMERA_DATA")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_camera,))
