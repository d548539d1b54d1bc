"""Export: the loop as a video, and the points and cameras for other programs."""

import bpy

from .layout import CinemagraphPanel, split


class CINEMAGRAPH_PT_export(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.cinemagraph.is_built

    def draw(self, context: bpy.types.Context) -> None:
        layout = split(self.layout)
        layout.operator("cinemagraph.export_loop", icon="FILE_MOVIE")
        row = layout.row(align=True)
        row.operator("cinemagraph.export_points", icon="OUTLINER_OB_POINTCLOUD")
        row.operator("cinemagraph.export_cameras", icon="OUTLINER_OB_CAMERA")
        layout.operator("cinemagraph.pack", icon="PACKAGE")


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_export,))
