"""Turns the 3D viewports to what was built."""

import bpy


def show_photo_view(scene: bpy.types.Scene) -> None:
    """Look through the scene's camera in every viewport that shows the scene, in colour.

    Solid shading draws points white but shows the relief's colours; Material Preview shows those of both.
    """
    has_relief = scene.cinemagraph.preview.display == "RELIEF"
    for window in bpy.context.window_manager.windows:
        if window.scene != scene:
            continue
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                _show_photo_view(area.spaces.active, has_relief=has_relief)


def _show_photo_view(space: bpy.types.SpaceView3D, *, has_relief: bool) -> None:
    space.region_3d.view_perspective = "CAMERA"
    shading = space.shading
    if shading.type == "RENDERED":
        return
    shading.type = "SOLID" if has_relief else "MATERIAL"
    if has_relief:
        shading.light, shading.color_type = "FLAT", "VERTEX"
