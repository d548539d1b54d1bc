"""Entries where Blender's users look for them: File > Export, and the Image menu of the Image Editor."""

import bpy


def _draw_export(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.operator("cinemagraph.export_loop", text="Cinemagraph Loop (.mp4, .webm, .gif)")
    self.layout.operator("cinemagraph.export_points", text="Cinemagraph Points (.ply)")
    self.layout.operator("cinemagraph.export_cameras", text="Cinemagraph Cameras (.ply, .json)")


def _draw_image(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    if context.edit_image is not None:
        self.layout.separator()
        self.layout.operator("cinemagraph.use_image_as_photo")


def register() -> None:
    """Add the entries."""
    bpy.types.IMAGE_MT_image.append(_draw_image)
    bpy.types.TOPBAR_MT_file_export.append(_draw_export)


def unregister() -> None:
    """Take them away."""
    bpy.types.IMAGE_MT_image.remove(_draw_image)
    bpy.types.TOPBAR_MT_file_export.remove(_draw_export)
