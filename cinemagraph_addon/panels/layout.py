"""What all panels share: their place in the 3D viewport, split properties, and sentences that wrap."""

import textwrap

import bpy

from ..shown_text import shown

_LETTER_PX = 7  # of the default font at scale 1, on average


class CinemagraphPanel:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Cinemagraph"


def split(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """The layout with names on the left and values on the right, without keyframe dots."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def draw_text(context: bpy.types.Context, layout: bpy.types.UILayout, text: str, icon: str = "NONE") -> None:
    """A sentence in the interface's language, in lines that fit the sidebar; the icon stands before the first."""
    letter_px = _LETTER_PX * context.preferences.system.ui_scale
    column = layout.column(align=True)
    for line in textwrap.wrap(shown(text), max(20, int(context.region.width / letter_px) - 3)):
        column.label(text=line, icon=icon, translate=False)
        icon = "BLANK1" if icon != "NONE" else "NONE"
