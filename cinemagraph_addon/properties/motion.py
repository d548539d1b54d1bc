"""What the artist paints and draws: where the photo flows, and how."""

import math

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from ..arrow_geometry import arrow_end, arrow_motion
from ..editor_areas import redraw_editors

_SLOWEST = 0.01  # pixels per frame: an arrow without length would forget its direction


def _redraw(group: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    redraw_editors()


def _photo_size(arrow: "CinemagraphArrow") -> tuple[int, int]:
    width, height = arrow.id_data.cinemagraph.motion.photo_size
    return (width, height) if width and height else (1280, 853)


def _get_speed(arrow: "CinemagraphArrow") -> float:
    return arrow_motion(arrow.start, arrow.end, _photo_size(arrow))[0]


def _set_speed(arrow: "CinemagraphArrow", speed: float) -> None:
    _, direction = arrow_motion(arrow.start, arrow.end, _photo_size(arrow))
    arrow.end = arrow_end(arrow.start, max(speed, _SLOWEST), direction, _photo_size(arrow))


def _get_direction(arrow: "CinemagraphArrow") -> float:
    return arrow_motion(arrow.start, arrow.end, _photo_size(arrow))[1]


def _set_direction(arrow: "CinemagraphArrow", direction: float) -> None:
    speed, _ = arrow_motion(arrow.start, arrow.end, _photo_size(arrow))
    arrow.end = arrow_end(arrow.start, max(speed, _SLOWEST), direction, _photo_size(arrow))


class CinemagraphArrow(bpy.types.PropertyGroup):
    """An arrow on the photo: places from 0 to 1, from the lower left corner; it is the way of 50 frames."""

    start: FloatVectorProperty(
        name="Start",
        description="Where on the photo the arrow starts, from 0 to 1 from the lower left corner",
        size=2,
        min=0.0,
        max=1.0,
        default=(0.5, 0.5),
        update=_redraw,
    )
    end: FloatVectorProperty(
        name="End",
        description="Where what is at the start is 50 frames later",
        size=2,
        default=(0.6, 0.5),
        update=_redraw,
    )
    enabled: BoolProperty(
        name="Enabled",
        description="Use this arrow",
        default=True,
        update=_redraw,
    )
    speed: FloatProperty(
        name="Speed",
        description="Pixels per frame at the photo's working size",
        min=_SLOWEST,
        max=1000.0,
        soft_max=20.0,
        step=10,
        precision=2,
        get=_get_speed,
        set=_set_speed,
    )
    direction: FloatProperty(
        name="Direction",
        description="Where it flows: 0 is to the right, 90 degrees up",
        subtype="ANGLE",
        soft_min=-math.pi,
        soft_max=math.pi,
        get=_get_direction,
        set=_set_direction,
    )


class CinemagraphRegion(bpy.types.PropertyGroup):
    """A connected white part of the mask, as the last estimate found it."""

    place: FloatVectorProperty(
        name="Place",
        description="A point inside the region, from 0 to 1 from the lower left corner",
        size=2,
    )
    share: FloatProperty(name="Share", description="Share of the photo", subtype="FACTOR", min=0.0, max=1.0)
    flow: FloatProperty(name="Flow", description="Mean speed in pixels per frame when it was estimated")
    speed: FloatProperty(
        name="Speed",
        description="Speed of this region alone; used by the next estimate",
        min=0.0,
        max=20.0,
        soft_max=3.0,
        default=1.0,
    )


class CinemagraphMotionSettings(bpy.types.PropertyGroup):
    mask_image: PointerProperty(
        name="Painted Mask",
        description="Image painted in Blender: white moves, black stands still, grey moves slower",
        type=bpy.types.Image,
    )
    freeze_image: PointerProperty(
        name="Freeze Mask",
        description="Image painted in Blender: what is white stands still whatever the mask says",
        type=bpy.types.Image,
    )
    photo_image: PointerProperty(
        name="Photo Image",
        description="The photo at its working size, to paint and draw on",
        type=bpy.types.Image,
    )
    flow_image: PointerProperty(
        name="Flow Image",
        description="The motion as colors: the hue is the direction, white stands still",
        type=bpy.types.Image,
    )
    photo_size: IntVectorProperty(name="Photo Size", size=2, min=0, options={"HIDDEN"})
    photo_source: StringProperty(name="Photo Source", description="What Photo Image shows", options={"HIDDEN"})
    built_source: StringProperty(name="Built From", description="What the scene was built from", options={"HIDDEN"})
    revision: IntProperty(name="Revision", description="Grows with each filter of a mask", options={"HIDDEN"})
    arrows: CollectionProperty(name="Arrows", type=CinemagraphArrow)
    active_arrow: IntProperty(name="Active Arrow", description="Arrow to edit", update=_redraw)
    regions: CollectionProperty(name="Regions", type=CinemagraphRegion)
    active_region: IntProperty(name="Active Region", description="Region to edit", update=_redraw)
    guess_motion: BoolProperty(
        name="Guess Motion",
        description="Without a mask, look for water and clouds in the photo; a rough first guess",
        default=True,
    )
    speed: FloatProperty(
        name="Speed",
        description="Speed of everything that moves",
        min=0.0,
        max=20.0,
        soft_max=3.0,
        default=1.0,
    )
    smoothing: FloatProperty(
        name="Smoothing",
        description="0 follows every arrow exactly; more lets neighboring arrows give way to each other",
        min=0.0,
        max=1.0,
        default=0.0,
        subtype="FACTOR",
    )
    show_overlay: BoolProperty(
        name="Photo Under Mask",
        description="Show the photo under the mask in the Image Editor, tinted where it moves",
        default=True,
        update=_redraw,
    )
    tint: FloatProperty(
        name="Tint",
        description="How strongly the mask tints the photo",
        min=0.05,
        max=1.0,
        default=0.5,
        subtype="FACTOR",
        update=_redraw,
    )
    show_arrows: BoolProperty(
        name="Show Arrows",
        description="Show the arrows in the Image Editor and in the view through the photo's camera",
        default=True,
        update=_redraw,
    )
    radius: IntProperty(
        name="Radius",
        description="How far Grow, Shrink, and Feather reach",
        subtype="PIXEL",
        min=1,
        max=500,
        soft_max=50,
        default=4,
    )


register, unregister = bpy.utils.register_classes_factory(
    (CinemagraphArrow, CinemagraphRegion, CinemagraphMotionSettings)
)
