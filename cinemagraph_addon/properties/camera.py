"""How a new camera moves."""

import bpy
from bpy.props import EnumProperty, FloatProperty

from ...ml_backend import camera_paths

CAMERA_PATH_ITEMS = tuple(
    (name, camera_paths.LABELS[name], f"Move the camera along the path {camera_paths.LABELS[name]}")
    for name in camera_paths.PATHS
)


class CinemagraphCameraSettings(bpy.types.PropertyGroup):
    path: EnumProperty(
        name="Path",
        description="Path that a new camera follows once per loop",
        items=CAMERA_PATH_ITEMS,
        default="circle",
    )
    amplitude: FloatProperty(
        name="Amplitude",
        description="Size of the camera's movement",
        min=0.0,
        max=10.0,
        soft_max=2.0,
        default=1.0,
        subtype="FACTOR",
    )


register, unregister = bpy.utils.register_classes_factory((CinemagraphCameraSettings,))
