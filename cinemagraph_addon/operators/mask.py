"""Paint where the photo moves, and where it must not."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np
from bpy.props import EnumProperty

from .. import mask_filters
from ..bridge.problem import Problem
from ..editable import has_photo, is_editable
from ..editor_areas import give_area_back, image_spaces, open_image_editor, redraw_editors
from ..file_paths import absolute, scene_folder
from ..mask_brush import is_erasing, use_brush
from ..mask_history import change_mask
from ..mask_image import FREEZE, MASK, NAMES, has_pixels, new_mask, read_grey, read_grey_file, resized
from ..modal_job import JobOperator, Step, Work
from ..motion_photo import guess_from_photo, has_photo_image, use_built_photo
from ..shown_text import shown


class _PaintOperator(JobOperator):
    """Opens a mask for painting; makes it first where there is none. Subclasses name the mask's property."""

    which = MASK

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_photo(cls, context.scene) and super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        guess = yield from self._photo()
        scene = self.scene()
        motion = scene.cinemagraph.motion
        if has_pixels(getattr(motion, self.which)):
            message = f"Painting {NAMES[self.which]}"
        else:
            new_mask(scene, self.which, self._first_values(scene, guess))
            message = f"Made {NAMES[self.which]}; white moves" if self.which == MASK else f"Made {NAMES[self.which]}"
        area = open_image_editor(bpy.context, getattr(motion, self.which), "PAINT")
        if area is not None:
            use_brush(bpy.context, area, 1.0)
        return message

    def _photo(self) -> Generator[Step, None, np.ndarray | None]:
        """See to it that there is a photo to paint on; the mask that was guessed on the way, if any."""
        if use_built_photo(self.scene()) or has_photo_image(self.scene()):
            return None
        guess = yield from guess_from_photo(self.scene())
        return guess.mask

    def _first_values(self, scene: bpy.types.Scene, guess: np.ndarray | None) -> np.ndarray:
        settings = scene.cinemagraph
        width, height = settings.motion.photo_size
        if self.which == FREEZE:
            return np.zeros((height, width), np.uint8)
        file = Path(absolute(settings.mask)) if settings.mask else None
        if file is None and settings.is_built:
            file = scene_folder(scene) / "mask.png"
        if file is not None and file.is_file():
            return resized(read_grey_file(file), width, height)
        return np.zeros((height, width), np.uint8) if guess is None else resized(guess, width, height)


class CINEMAGRAPH_OT_paint_mask(_PaintOperator, bpy.types.Operator):
    """Paint where the photo moves: white moves, black stands still. Begins with the mask in use, or with a guess"""

    bl_idname = "cinemagraph.paint_mask"
    bl_label = "Paint Mask"
    bl_options = {"REGISTER", "UNDO"}


class CINEMAGRAPH_OT_paint_freeze_mask(_PaintOperator, bpy.types.Operator):
    """Paint what must stand still whatever the mask says, such as rocks and boats in the water"""

    bl_idname = "cinemagraph.paint_freeze_mask"
    bl_label = "Paint Freeze Mask"
    bl_options = {"REGISTER", "UNDO"}
    which = FREEZE


class CINEMAGRAPH_OT_done_painting(bpy.types.Operator):
    """End painting and give the Image Editor's area back"""

    bl_idname = "cinemagraph.done_painting"
    bl_label = "Done"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        give_area_back(context, context.scene.cinemagraph.motion.photo_image)
        redraw_editors()
        return {"FINISHED"}


class CINEMAGRAPH_OT_toggle_eraser(bpy.types.Operator):
    """Switch the brush between painting and erasing"""

    bl_idname = "cinemagraph.toggle_eraser"
    bl_label = "Erase"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        area = context.area if context.area is not None and context.area.type == "IMAGE_EDITOR" else None
        use_brush(context, area, 1.0 if is_erasing(context) else 0.0)
        redraw_editors()
        return {"FINISHED"}


class CINEMAGRAPH_OT_filter_mask(bpy.types.Operator):
    """Change the whole mask at once"""

    bl_idname = "cinemagraph.filter_mask"
    bl_label = "Filter Mask"
    bl_options = {"REGISTER"}  # it pushes its own undo steps

    kind: EnumProperty(
        name="Filter",
        description="What to do with the mask",
        items=(
            ("INVERT", "Invert", "What moved stands still, and the reverse"),
            ("GROW", "Grow", "White grows by the radius"),
            ("SHRINK", "Shrink", "White shrinks by the radius"),
            ("FEATHER", "Feather", "Edges become soft slopes as wide as the radius"),
            ("CLEAR", "Clear", "Paint everything black"),
            ("FILL", "Fill", "Paint everything white"),
        ),
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return cls.bl_rna.properties["kind"].enum_items[properties.kind].description

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_editable(cls, context.scene):
            return False
        if not has_pixels(getattr(context.scene.cinemagraph.motion, shown_mask(context))):
            cls.poll_message_set("Press Paint Mask first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        which = shown_mask(context)
        motion = context.scene.cinemagraph.motion
        try:
            values = read_grey(getattr(motion, which))
        except Problem as problem:
            self.report({"ERROR"}, shown(str(problem)))
            return {"CANCELLED"}
        with _undo_step(context, f"{self.kind.title()} Mask"):
            change_mask(context.scene, which, values, _filtered(values, self.kind, motion.radius))
        redraw_editors()
        return {"FINISHED"}


class CINEMAGRAPH_OT_remove_mask(bpy.types.Operator):
    """Remove the painted mask; the mask file or the guess is used again"""

    bl_idname = "cinemagraph.remove_mask"
    bl_label = "Remove Mask"
    bl_options = {"REGISTER", "UNDO"}

    which: EnumProperty(
        name="Mask",
        description="Which mask to remove",
        items=((MASK, "Mask", "Where it moves"), (FREEZE, "Freeze Mask", "Where it stands still")),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        motion = context.scene.cinemagraph.motion
        if getattr(motion, self.which) is None:
            return {"CANCELLED"}
        setattr(motion, self.which, None)
        redraw_editors()
        return {"FINISHED"}


def shown_mask(context: bpy.types.Context) -> str:
    """The mask that filters change: the freeze mask while it is shown, else the mask."""
    freeze = context.scene.cinemagraph.motion.freeze_image
    area = context.area
    spaces = [area.spaces.active] if area is not None and area.type == "IMAGE_EDITOR" else image_spaces()
    return FREEZE if freeze is not None and any(space.image == freeze for space in spaces) else MASK


def _filtered(values: np.ndarray, kind: str, radius: int) -> np.ndarray:
    match kind:
        case "INVERT":
            return mask_filters.invert(values)
        case "GROW":
            return mask_filters.grow(values, radius)
        case "SHRINK":
            return mask_filters.shrink(values, radius)
        case "FEATHER":
            return mask_filters.feather(values, radius)
    return np.full_like(values, 255 if kind == "FILL" else 0)


@contextmanager
def _undo_step(context: bpy.types.Context, message: str) -> Iterator[None]:
    """An undo step for a change of properties, also in paint mode, where steps are brush strokes without properties.

    There the step before ours is a stroke, from which no property is restored: a step of our own comes between.
    """
    space = context.space_data
    is_painting = isinstance(space, bpy.types.SpaceImageEditor) and space.ui_mode == "PAINT"
    if is_painting:
        space.ui_mode = "VIEW"
        bpy.ops.ed.undo_push(message=message)
    yield
    bpy.ops.ed.undo_push(message=message)
    if is_painting:
        space.ui_mode = "PAINT"


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_OT_paint_mask,
        CINEMAGRAPH_OT_paint_freeze_mask,
        CINEMAGRAPH_OT_done_painting,
        CINEMAGRAPH_OT_toggle_eraser,
        CINEMAGRAPH_OT_filter_mask,
        CINEMAGRAPH_OT_remove_mask,
    )
)
