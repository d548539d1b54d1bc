"""Turns the 3D viewports to what was built."""

from collections.abc import Iterator

import bpy
from mathutils import Vector


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


def hide_around_camera(scene: bpy.types.Scene) -> list[str]:
    """Hide the meshes that the photo's camera stands in, as in the cube of Blender's first scene; their names."""
    around = list(_around_camera(scene))
    for obj in around:
        obj.hide_render = True
        for layer in scene.view_layers:
            if obj.name in layer.objects:
                obj.hide_set(True, view_layer=layer)
    return [obj.name for obj in around]


def _around_camera(scene: bpy.types.Scene) -> Iterator[bpy.types.Object]:
    own = set(scene.cinemagraph.collection.all_objects)
    eye = scene.cinemagraph.photo_camera.matrix_world.translation
    for obj in scene.objects:
        if obj.type == "MESH" and obj not in own:
            inside = obj.matrix_world.inverted_safe() @ eye
            low, high = Vector(obj.bound_box[0]), Vector(obj.bound_box[6])
            if all(low[axis] <= inside[axis] <= high[axis] for axis in range(3)):
                yield obj
