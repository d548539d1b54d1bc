"""Presets of the camera's path: some come with the add-on, others the artist saves."""

from pathlib import Path

import bpy
from bl_operators.presets import AddPresetBase

from ..properties.camera import PATH_SETTINGS

PRESET_FOLDER = "cinemagraph/camera"
_SHIPPED = str(Path(__file__).resolve().parents[1])  # Blender looks into its "presets"


class CINEMAGRAPH_OT_camera_preset_add(AddPresetBase, bpy.types.Operator):
    """Save the path settings as a preset, or remove the chosen preset"""

    bl_idname = "cinemagraph.camera_preset_add"
    bl_label = "Add Camera Path Preset"
    preset_menu = "CINEMAGRAPH_PT_camera_presets"
    preset_subdir = PRESET_FOLDER
    preset_defines = ["settings = bpy.context.scene.cinemagraph.camera"]
    preset_values = [f"settings.{name}" for name in PATH_SETTINGS]


def register() -> None:
    """Add the operator, and the presets that come with the add-on."""
    bpy.utils.register_class(CINEMAGRAPH_OT_camera_preset_add)
    bpy.utils.register_preset_path(_SHIPPED)


def unregister() -> None:
    """Take both away; what the artist saved stays."""
    bpy.utils.unregister_preset_path(_SHIPPED)
    bpy.utils.unregister_class(CINEMAGRAPH_OT_camera_preset_add)
