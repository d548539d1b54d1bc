"""Entries where Blender's users look for them: File > Import and Export, and the Image menu of the Image Editor."""

import bpy


def _draw_export(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.operator("cinemagraph.export_loop", text="Cinemagraph Loop (.mp4, .webm, .gif)")
    self.layout.operator("cinemagraph.export_points", text="Cinemagraph Points (.ply)")
    self.layout.operator("cinemagraph.export_cameras", text="Cinemagraph Cameras (.ply, .json)")
    self.layout.operator("cinemagraph.pack", text="Cinemagraph Pack (.zip)")


def _draw_import(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.operator("cinemagraph.photo_from_file", text="Cinemagraph from Photo")
    self.layout.operator("cinemagraph.unpack", text="Cinemagraph Pack (.zip)")


def _draw_image(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    if context.edit_image is not None:
        self.layout.separator()
        self.layout.operator("cinemagraph.use_image_as_photo")


def register() -> None:
    """Add the entries."""
    bpy.types.TOPBAR_MT_file_import.append(_draw_import)
    bpy.types.IMAGE_MT_image.append(_draw_image)
    bpy.types.TOPBAR_MT_file_export.append(_draw_export)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_import.remove(_draw_import)
    bpy.types.IMAGE_MT_image.remove(_draw_image)
    bpy.types.TOPBAR_MT_file_export.remove(_draw_export)
