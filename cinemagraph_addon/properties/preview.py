"""How the cloud is shown in the viewport; none of it changes what is rendered."""

import bpy
from bpy.props import EnumProperty, FloatProperty

from ..preview import update_preview


class CinemagraphPreviewSettings(bpy.types.PropertyGroup):
    display: EnumProperty(
        name="Display",
        description="What stands for the photo in the viewport",
        items=(
            ("POINTS", "Points", "Every layer as moving points, in color in Material Preview and Rendered shading"),
            ("RELIEF", "Relief", "A colored relief of the photo, quick to draw and in color in Solid shading"),
        ),
        default="POINTS",
        update=update_preview,
    )
    density: FloatProperty(
        name="Density",
        description="Share of the points that the viewport draws; all are rendered",
        min=0.01,
        max=1.0,
        default=1.0,
        subtype="FACTOR",
        update=update_preview,
    )


register, unregister = bpy.utils.register_classes_factory((CinemagraphPreviewSettings,))
