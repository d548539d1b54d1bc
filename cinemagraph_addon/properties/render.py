"""How frames are made, and what the engine leaves behind."""

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty


class CinemagraphRenderSettings(bpy.types.PropertyGroup):
    quality: EnumProperty(
        name="Quality",
        description="How carefully frames are made",
        items=(
            ("DRAFT", "Draft", "Half the size, enlarged; about three times as fast"),
            ("FINAL", "Final", "Full size and contrast"),
        ),
        default="FINAL",
    )
    samples: IntProperty(
        name="Samples",
        description="Samples along each side of a pixel; 2 smooths fine edges and takes about four times as long",
        min=1,
        max=4,
        default=1,
    )
    use_alpha_pass: BoolProperty(
        name="Alpha Pass",
        description="Write a pass with the share of each pixel that points cover, before holes are filled",
        default=False,
    )
    depth_composite: BoolProperty(
        name="Depth Composite",
        description="Ordinary objects of the scene stand before and behind the photo's points",
        options={"HIDDEN"},
    )
    objects_scene: PointerProperty(
        name="Objects Scene",
        description="Scene that renders the ordinary objects for the depth composite",
        type=bpy.types.Scene,
    )


register, unregister = bpy.utils.register_classes_factory((CinemagraphRenderSettings,))
