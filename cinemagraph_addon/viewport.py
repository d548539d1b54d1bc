"""Turns the 3D viewports to what was just built."""

import bpy


def show_photo_view(scene: bpy.types.Scene) -> None:
    """Look through the scene's camera in every viewport that shows the scene, in colour.

    Solid shading draws points white; Material Preview shows their colours.
    """
    for window in bpy.context.window_manager.windows:
        if window.scene != scene:
            continue
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                space = area.spaces.active
                space.region_3d.view_perspective = "CAMERA"
                if space.shading.type == "SOLID":
                    space.shading.type = "MATERIAL"
