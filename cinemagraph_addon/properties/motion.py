"""What the artist paints and draws: where the photo flows, and how."""

import bpy
from bpy.props import FloatProperty


class CinemagraphMotionSettings(bpy.types.PropertyGroup):
    speed: FloatProperty(
        name="Speed",
        description="Speed of everything that moves",
        min=0.0,
        max=20.0,
        soft_max=3.0,
        default=1.0,
        subtype="FACTOR",
    )


register, unregister = bpy.utils.register_classes_factory((CinemagraphMotionSettings,))
