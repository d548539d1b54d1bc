"""Keeps what the viewport shows in step with the scene's settings: density, points or relief, loop, start."""

import bpy

from .cloud_nodes import MODIFIER, modifier_input, set_modifier_input

RELIEF_KEY = "cinemagraph_relief"  # custom property that tells the relief object
_DRIVEN = {"Loop Length": "cinemagraph.loop_frames", "Start Frame": "cinemagraph.loop_start"}


def follow_scene(modifier: bpy.types.NodesModifier, scene: bpy.types.Scene) -> None:
    """Let a layer's time follow the scene's loop by drivers of plain values: no Python runs, none need be trusted."""
    for name, path in _DRIVEN.items():
        owner, input_path = modifier_input(modifier, name)
        curve = owner.driver_add(input_path)
        curve.driver.type = "AVERAGE"
        variable = curve.driver.variables.new()
        variable.targets[0].id_type = "SCENE"
        variable.targets[0].id = scene
        variable.targets[0].data_path = path
    set_modifier_input(modifier, "Density", scene.cinemagraph.preview.density)


def update_preview(settings: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """After a change of the preview's settings: show points or relief, as densely as asked."""
    apply_preview(settings.id_data)


def apply_preview(scene: bpy.types.Scene) -> None:
    """Give all objects of a scene's cloud the preview's settings; hidden layers stay hidden."""
    preview, collection = scene.cinemagraph.preview, scene.cinemagraph.collection
    if collection is None:
        return
    for obj in list(collection.all_objects):  # hiding one makes Blender forget the list
        if RELIEF_KEY in obj:
            obj.hide_viewport = preview.display != "RELIEF"
        modifier = obj.modifiers.get(MODIFIER)
        if modifier is not None:
            modifier.show_viewport = True
            density = preview.density if preview.display == "POINTS" else 0.0
            set_modifier_input(modifier, "Density", density)
