"""Notices: what is wrong or worth knowing about the scene, each with the button that puts it right."""

import bpy

from ..notices import Level, Notice, scene_notices
from ..shown_text import shown
from .layout import CinemagraphPanel, draw_text

_ICONS = {Level.INFO: "INFO", Level.WARNING: "ERROR", Level.ERROR: "CANCEL"}


class CINEMAGRAPH_PT_notices(CinemagraphPanel, bpy.types.Panel):
    bl_label = "Notices"
    bl_options = {"HIDE_HEADER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(scene_notices(context.scene))

    def draw(self, context: bpy.types.Context) -> None:
        for notice in scene_notices(context.scene):
            draw_notice(context, self.layout, notice)


def draw_notice(context: bpy.types.Context, layout: bpy.types.UILayout, notice: Notice) -> None:
    """The sentence, and its remedies as buttons below."""
    box = layout.box()
    draw_text(context, box, notice.message, _ICONS[notice.level])
    row = box.row(align=True)
    for remedy in notice.remedies:
        button = row.operator(remedy.operator, text=shown(remedy.label))
        for name, value in remedy.properties:
            setattr(button, name, value)


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_PT_notices,))
