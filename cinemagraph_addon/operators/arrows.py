"""Arrows that say how the photo moves: drawn, taken from strokes and objects, and kept in a list."""

import bpy

from ..arrow_sources import NewArrow, annotation_frames, arrow_of_object, arrows_of_strokes
from ..bridge.problem import Problem
from ..bridge.scene_folder import read_description
from ..editable import has_photo, is_editable
from ..editor_areas import image_spaces, open_image_editor, override, redraw_editors
from ..file_paths import scene_folder
from ..modal_job import JobOperator, Work
from ..motion_photo import guess_from_photo, has_photo_image, use_built_photo
from ..shown_text import shown


class CINEMAGRAPH_OT_draw_arrows(JobOperator, bpy.types.Operator):
    """Draw arrows on the photo: drag a line along the flow, as far as it gets in 50 frames"""

    bl_idname = "cinemagraph.draw_arrows"
    bl_label = "Draw Arrows"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_photo(cls, context.scene) and super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        if not use_built_photo(self.scene()) and not has_photo_image(self.scene()):
            yield from guess_from_photo(self.scene())
        area = open_image_editor(bpy.context, self.scene().cinemagraph.motion.photo_image, "VIEW")
        if area is not None:
            _use_line_tool(bpy.context, area)
        return "Drag lines along the flow, then press Arrows from Annotations"


class CINEMAGRAPH_OT_arrows_from_annotations(bpy.types.Operator):
    """Turn the annotation strokes in the Image Editor into arrows of the list"""

    bl_idname = "cinemagraph.arrows_from_annotations"
    bl_label = "Arrows from Annotations"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_editable(cls, context.scene):
            return False
        if not any(len(frame.strokes) for _, frame in annotation_frames(image_spaces())):
            cls.poll_message_set("Press Draw Arrows, and draw a line with the Annotate tool on the photo")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        frames = list(annotation_frames(image_spaces()))
        found = [arrow for _, frame in frames for arrow in arrows_of_strokes(frame.strokes)]
        result = _add_all(self, context, found, "stroke")
        if result == {"FINISHED"}:
            for layer, frame in frames:
                layer.frames.remove(frame)  # strokes alone cannot be removed in 4.5 and 5.0
        return result


class CINEMAGRAPH_OT_arrows_from_objects(bpy.types.Operator):
    """Turn selected empties and curves into arrows, as seen from the photo's camera"""

    bl_idname = "cinemagraph.arrows_from_objects"
    bl_label = "Arrows from Objects"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.cinemagraph
        if not is_editable(cls, context.scene):
            return False
        if not settings.is_built or settings.root is None:
            cls.poll_message_set("Build the scene first")
            return False
        if not any(_is_arrow_object(obj, settings.root) for obj in context.selected_objects):
            cls.poll_message_set("Select empties (Single Arrow is the clearest) or curves that point along the flow")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.cinemagraph
        try:
            description = read_description(scene_folder(context.scene))
        except Problem as problem:
            self.report({"ERROR"}, shown(str(problem)))
            return {"CANCELLED"}
        use_built_photo(context.scene)
        chosen = [obj for obj in context.selected_objects if _is_arrow_object(obj, settings.root)]
        found = [arrow_of_object(obj, settings.root, description) for obj in chosen]
        return _add_all(self, context, [arrow for arrow in found if arrow is not None], "object")


class CINEMAGRAPH_OT_add_arrow(bpy.types.Operator):
    """Add an arrow in the middle of the photo"""

    bl_idname = "cinemagraph.add_arrow"
    bl_label = "Add Arrow"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _add_all(self, context, [NewArrow("Arrow", (0.5, 0.4), (0.55, 0.4))], "arrow")


class _ActiveArrowOperator:
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        motion = context.scene.cinemagraph.motion
        if not is_editable(cls, context.scene):
            return False
        if not 0 <= motion.active_arrow < len(motion.arrows):
            cls.poll_message_set("Choose an arrow in the list")
            return False
        return True


class CINEMAGRAPH_OT_remove_arrow(_ActiveArrowOperator, bpy.types.Operator):
    """Remove the chosen arrow"""

    bl_idname = "cinemagraph.remove_arrow"
    bl_label = "Remove Arrow"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        motion = context.scene.cinemagraph.motion
        motion.arrows.remove(motion.active_arrow)
        motion.active_arrow = max(0, min(motion.active_arrow, len(motion.arrows) - 1))
        return {"FINISHED"}


class CINEMAGRAPH_OT_flip_arrow(_ActiveArrowOperator, bpy.types.Operator):
    """Let the chosen arrow point the other way"""

    bl_idname = "cinemagraph.flip_arrow"
    bl_label = "Flip Arrow"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        motion = context.scene.cinemagraph.motion
        arrow = motion.arrows[motion.active_arrow]
        arrow.end = [2 * start - end for start, end in zip(arrow.start, arrow.end, strict=True)]
        return {"FINISHED"}


class CINEMAGRAPH_OT_clear_arrows(bpy.types.Operator):
    """Remove all arrows"""

    bl_idname = "cinemagraph.clear_arrows"
    bl_label = "Clear Arrows"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene) and len(context.scene.cinemagraph.motion.arrows) > 0

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.cinemagraph.motion.arrows.clear()
        redraw_editors()
        return {"FINISHED"}


def _add_all(operator: bpy.types.Operator, context: bpy.types.Context, found: list[NewArrow], noun: str) -> set[str]:
    """Append arrows that start on the photo; the last one becomes the active one."""
    motion = context.scene.cinemagraph.motion
    inside = [arrow for arrow in found if all(0 <= value <= 1 for value in arrow.start)]
    for new in inside:
        arrow = motion.arrows.add()
        number = len(motion.arrows)
        arrow.name = f"Arrow {number}" if new.name == "Arrow" else new.name
        arrow.start, arrow.end = new.start, new.end
        motion.active_arrow = number - 1
    redraw_editors()
    if not inside:
        operator.report({"WARNING"}, shown(f"No {noun} starts on the photo: let it begin where the flow is"))
        return {"CANCELLED"}
    left_out = len(found) - len(inside)
    if left_out:
        operator.report({"WARNING"}, shown(f"{left_out} left out: they start beside the photo"))
    return {"FINISHED"}


def _is_arrow_object(obj: bpy.types.Object, root: bpy.types.Object) -> bool:
    return obj != root and obj.type in {"EMPTY", "CURVE"}


def _use_line_tool(context: bpy.types.Context, area: bpy.types.Area) -> None:
    """The Annotate Line tool, with an arrow's head."""
    with override(context, area):
        bpy.ops.wm.tool_set_by_id(name="builtin.annotate_line")
    tool = context.workspace.tools.from_space_image_mode("VIEW", create=False)
    if tool is not None and tool.idname == "builtin.annotate_line":
        tool.operator_properties("gpencil.annotate").arrowstyle_end = "ARROW_OPEN"


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_OT_draw_arrows,
        CINEMAGRAPH_OT_arrows_from_annotations,
        CINEMAGRAPH_OT_arrows_from_objects,
        CINEMAGRAPH_OT_add_arrow,
        CINEMAGRAPH_OT_remove_arrow,
        CINEMAGRAPH_OT_flip_arrow,
        CINEMAGRAPH_OT_clear_arrows,
    )
)
