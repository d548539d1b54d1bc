"""Motion: where the photo flows, and how; the same in the 3D viewport and in the Image Editor, in the order of work."""

import bpy

from ..hints import arrow_source, mask_source
from ..mask_brush import is_erasing
from ..mask_image import FREEZE, MASK, has_pixels
from ..operators.mask import shown_mask
from .layout import CinemagraphPanel, draw_text, split


class CINEMAGRAPH_UL_arrows(bpy.types.UIList):
    """One line per arrow."""

    def draw_item(  # noqa: PLR0917  (Blender calls it by position)
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: bpy.types.PropertyGroup,
        item: bpy.types.PropertyGroup,
        icon: int,
        active_data: bpy.types.PropertyGroup,
        active_property: str,
    ) -> None:
        layout.use_property_split = False  # as the panel around would have it: half of the line stays empty
        row = layout.row(align=True)
        row.prop(item, "enabled", text="")
        fields = row.row()
        fields.active = item.enabled
        fields.prop(item, "name", text="", emboss=False)
        fields.label(text=f"{item.speed:.2f} px", translate=False)


class CINEMAGRAPH_UL_regions(bpy.types.UIList):
    """One line per moving region."""

    def draw_item(  # noqa: PLR0917  (Blender calls it by position)
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: bpy.types.PropertyGroup,
        item: bpy.types.PropertyGroup,
        icon: int,
        active_data: bpy.types.PropertyGroup,
        active_property: str,
    ) -> None:
        layout.use_property_split = False
        row = layout.row()
        row.label(text=item.name)
        row.label(text=f"{item.share:.1%}", translate=False)
        row.prop(item, "speed", text="", emboss=False)


class _ImagePanel(CinemagraphPanel):
    bl_space_type = "IMAGE_EDITOR"


class _Motion:
    bl_label = "Motion"

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = split(self.layout)
        if not settings.photo:
            layout.label(text="Choose a photo first", icon="INFO")
            return
        draw_text(context, layout, mask_source(settings).text)
        draw_text(context, layout, arrow_source(settings))
        if not settings.motion.mask_image and not settings.mask:
            layout.prop(settings.motion, "guess_motion")
        if not settings.is_built:
            layout.label(text="Build Scene uses them")
            return
        layout.operator("cinemagraph.estimate_motion", icon="FORCE_FLUIDFLOW")
        if settings.motion.flow_image is not None:
            layout.operator("cinemagraph.show_flow", icon="IMAGE_DATA")


class _WithPhoto:
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.cinemagraph.photo)


class _Mask(_WithPhoto):
    bl_label = "Mask"

    def draw(self, context: bpy.types.Context) -> None:
        motion = context.scene.cinemagraph.motion
        layout = split(self.layout)
        for which, operator, icon in (
            (MASK, "cinemagraph.paint_mask", "BRUSH_DATA"),
            (FREEZE, "cinemagraph.paint_freeze_mask", "FREEZE"),
        ):
            row = layout.row(align=True)
            row.operator(operator, icon=icon)
            if getattr(motion, which) is not None:
                row.operator("cinemagraph.remove_mask", text="", icon="X").which = which
        layout.operator("cinemagraph.guess_mask", icon="VIEWZOOM")
        if not (has_pixels(motion.mask_image) or has_pixels(motion.freeze_image)):
            return
        if context.area.type == "IMAGE_EDITOR" and context.space_data.ui_mode == "PAINT":
            self._draw_painting(context, layout)
        column = layout.column(align=True)
        column.label(text="Freeze Mask" if shown_mask(context) == FREEZE else "Mask")
        for kinds in (("INVERT", "GROW", "SHRINK"), ("FEATHER", "CLEAR", "FILL")):
            row = column.row(align=True)
            for kind in kinds:
                row.operator("cinemagraph.filter_mask", text=kind.title()).kind = kind
        layout.prop(motion, "radius")

    def _draw_painting(self, context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
        motion = context.scene.cinemagraph.motion
        row = layout.row(align=True)
        row.operator("cinemagraph.toggle_eraser", depress=is_erasing(context), icon="X")
        row.operator("cinemagraph.done_painting", icon="CHECKMARK")
        layout.prop(motion, "show_overlay")
        row = layout.row()
        row.active = motion.show_overlay
        row.prop(motion, "tint")


class _Arrows(_WithPhoto):
    bl_label = "Arrows"

    def draw(self, context: bpy.types.Context) -> None:
        motion = context.scene.cinemagraph.motion
        layout = split(self.layout)
        column = layout.column(align=True)
        column.operator("cinemagraph.draw_arrows", icon="GREASEPENCIL")
        column.operator("cinemagraph.arrows_from_annotations", icon="TRACKING_FORWARDS")
        if context.scene.cinemagraph.is_built and context.area.type == "VIEW_3D":
            column.operator("cinemagraph.arrows_from_objects", icon="EMPTY_SINGLE_ARROW")
        row = layout.row()
        row.template_list("CINEMAGRAPH_UL_arrows", "", motion, "arrows", motion, "active_arrow", rows=3)
        buttons = row.column(align=True)
        buttons.operator("cinemagraph.add_arrow", text="", icon="ADD")
        buttons.operator("cinemagraph.remove_arrow", text="", icon="REMOVE")
        buttons.operator("cinemagraph.flip_arrow", text="", icon="FILE_REFRESH")
        buttons.operator("cinemagraph.clear_arrows", text="", icon="TRASH")
        if 0 <= motion.active_arrow < len(motion.arrows):
            arrow = motion.arrows[motion.active_arrow]
            layout.prop(arrow, "direction")
            layout.prop(arrow, "speed")
            layout.prop(arrow, "start")
        layout.prop(motion, "show_arrows")


class _Speed(_WithPhoto):
    bl_label = "Speed"

    def draw(self, context: bpy.types.Context) -> None:
        motion = context.scene.cinemagraph.motion
        layout = split(self.layout)
        layout.prop(motion, "speed")
        layout.prop(motion, "smoothing")
        if len(motion.regions):
            layout.label(text="Speed of Regions")
            layout.template_list("CINEMAGRAPH_UL_regions", "", motion, "regions", motion, "active_region", rows=2)


class _Files(_WithPhoto):
    bl_label = "From Files"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.cinemagraph
        layout = split(self.layout)
        for name, painted in (("mask", settings.motion.mask_image), ("hints", len(settings.motion.arrows))):
            column = layout.column()
            column.active = not painted and not settings.flow
            column.prop(settings, name)
        layout.prop(settings, "flow")


class CINEMAGRAPH_PT_motion(_Motion, CinemagraphPanel, bpy.types.Panel):
    pass


class CINEMAGRAPH_PT_motion_mask(_Mask, CinemagraphPanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_motion"


class CINEMAGRAPH_PT_motion_arrows(_Arrows, CinemagraphPanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_motion"


class CINEMAGRAPH_PT_motion_speed(_Speed, CinemagraphPanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_motion"


class CINEMAGRAPH_PT_motion_files(_Files, CinemagraphPanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_motion"


class CINEMAGRAPH_PT_image_motion(_Motion, _ImagePanel, bpy.types.Panel):
    pass


class CINEMAGRAPH_PT_image_motion_mask(_Mask, _ImagePanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_image_motion"


class CINEMAGRAPH_PT_image_motion_arrows(_Arrows, _ImagePanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_image_motion"


class CINEMAGRAPH_PT_image_motion_speed(_Speed, _ImagePanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_image_motion"


class CINEMAGRAPH_PT_image_motion_files(_Files, _ImagePanel, bpy.types.Panel):
    bl_parent_id = "CINEMAGRAPH_PT_image_motion"


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_UL_arrows,
        CINEMAGRAPH_UL_regions,
        CINEMAGRAPH_PT_motion,
        CINEMAGRAPH_PT_motion_mask,
        CINEMAGRAPH_PT_motion_arrows,
        CINEMAGRAPH_PT_motion_speed,
        CINEMAGRAPH_PT_motion_files,
        CINEMAGRAPH_PT_image_motion,
        CINEMAGRAPH_PT_image_motion_mask,
        CINEMAGRAPH_PT_image_motion_arrows,
        CINEMAGRAPH_PT_image_motion_speed,
        CINEMAGRAPH_PT_image_motion_files,
    )
)
