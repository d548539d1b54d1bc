"""Estimate the motion, look at it, and let it be guessed."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty

from ...ml_backend.protocol import EstimateMotion
from .. import backend_process
from ..bridge.arrays import job_folder
from ..editable import has_photo, is_editable
from ..editor_areas import open_image_editor
from ..file_paths import scene_folder
from ..hints import motion_request, size_warning
from ..mask_history import change_mask
from ..mask_image import MASK, has_pixels, new_mask, read_grey, resized
from ..modal_job import JobOperator, Work, wait_for
from ..motion_photo import guess_from_photo, use_built_photo
from ..shown_motion import show_flow_image, show_layer_motion, show_regions


class CINEMAGRAPH_OT_estimate_motion(JobOperator, bpy.types.Operator):
    """Work out how everything flows from the mask, the arrows, and the speeds, and show it in the preview"""

    bl_idname = "cinemagraph.estimate_motion"
    bl_label = "Estimate Motion"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_editable(cls, context.scene):
            return False
        if not context.scene.cinemagraph.is_built:
            cls.poll_message_set("Build the scene first; it uses the mask and the arrows too")
            return False
        return super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        folder = scene_folder(self.scene())
        client = backend_process.client()
        with job_folder(client.folder) as files:
            request = motion_request(self.scene(), files)
            values = yield from wait_for(client.submit(EstimateMotion, scene_dir=str(folder), **request), 0.0, 0.8)
        yield from show_layer_motion(self.scene, folder, 0.8)
        scene = self.scene()
        motion = scene.cinemagraph.motion
        show_regions(motion, values["regions"])
        show_flow_image(scene, Path(str(values["flow_picture"])))
        warnings = [str(warning).rstrip(".") for warning in values["warnings"]]
        scaled = size_warning(motion, *motion.photo_size) if use_built_photo(scene) else ""
        number = len(motion.regions)
        message = f"Estimated the motion of {number} region{'' if number == 1 else 's'}"
        return ". ".join(filter(None, [message, scaled, *warnings]))


class CINEMAGRAPH_OT_guess_mask(JobOperator, bpy.types.Operator):
    """Look for water and clouds in the photo, and make a mask and arrows of it to work on"""

    bl_idname = "cinemagraph.guess_mask"
    bl_label = "Guess Mask and Arrows"
    bl_options = {"REGISTER", "UNDO"}

    replace_arrows: BoolProperty(
        name="Replace Arrows",
        description="Take the guessed arrows even where there are some",
        default=False,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_photo(cls, context.scene) and super().poll(context)

    def work(self, context: bpy.types.Context) -> Work:
        guess = yield from guess_from_photo(self.scene())
        scene = self.scene()
        use_built_photo(scene)
        motion = scene.cinemagraph.motion
        width, height = motion.mask_image.size if has_pixels(motion.mask_image) else motion.photo_size
        values = resized(guess.mask, width, height)
        if has_pixels(motion.mask_image):
            change_mask(scene, MASK, read_grey(motion.mask_image), values)
        else:
            new_mask(scene, MASK, values)
        if self.replace_arrows or not len(motion.arrows):
            motion.arrows.clear()
            for number, (x, y, end_x, end_y) in enumerate(guess.arrows, start=1):
                arrow = motion.arrows.add()
                arrow.name, arrow.start, arrow.end = f"Guess {number}", (x, 1 - y), (end_x, 1 - end_y)
        share = float((values > 127).mean())
        return f"{share:.0%} of the photo was taken for water or clouds" if share else "Found no water and no clouds"


class CINEMAGRAPH_OT_show_flow(bpy.types.Operator):
    """Show the motion as colors in an Image Editor: the hue is the direction, white stands still"""

    bl_idname = "cinemagraph.show_flow"
    bl_label = "Show Flow"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_pixels(context.scene.cinemagraph.motion.flow_image):
            cls.poll_message_set("Press Estimate Motion first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        open_image_editor(context, context.scene.cinemagraph.motion.flow_image, "VIEW")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_estimate_motion, CINEMAGRAPH_OT_guess_mask, CINEMAGRAPH_OT_show_flow)
)
