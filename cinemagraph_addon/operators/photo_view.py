"""Small ways back to the photo: its size, its camera, its kind of lens."""

import bpy

from ..bridge.folder_check import check_folder
from ..editable import is_built, is_editable
from ..file_paths import scene_folder
from ..frame_files import use_even_size


class CINEMAGRAPH_OT_use_photo_size(bpy.types.Operator):
    """Render at the size that the photo was built at"""

    bl_idname = "cinemagraph.use_photo_size"
    bl_label = "Use Photo Size"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = check_folder(scene_folder(context.scene))
        if not found.width:
            self.report({"ERROR"}, "The scene folder cannot be read. Find it or build the scene again.")
            return {"CANCELLED"}
        render = context.scene.render
        render.resolution_x, render.resolution_y, render.resolution_percentage = found.width, found.height, 100
        render.pixel_aspect_x = render.pixel_aspect_y = 1.0
        return {"FINISHED"}


class CINEMAGRAPH_OT_use_even_size(bpy.types.Operator):
    """Make odd sides of the frame one pixel longer, as video files need it"""

    bl_idname = "cinemagraph.use_even_size"
    bl_label = "Use Even Size"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        use_even_size(context.scene.render)
        return {"FINISHED"}


class CINEMAGRAPH_OT_use_photo_camera(bpy.types.Operator):
    """Make the photo's camera the scene's active one"""

    bl_idname = "cinemagraph.use_photo_camera"
    bl_label = "Use Photo Camera"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_built(cls, context.scene):
            return False
        if context.scene.cinemagraph.photo_camera is None:
            cls.poll_message_set("The photo's camera was deleted. Build the scene again, or add a camera")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        camera = scene.cinemagraph.photo_camera
        if camera.name not in scene.objects:  # deleted from the scene, but kept by our pointer
            scene.cinemagraph.collection.objects.link(camera)
        scene.camera = camera
        return {"FINISHED"}


class CINEMAGRAPH_OT_use_perspective(bpy.types.Operator):
    """Make the scene's camera a perspective one, the only kind that can render the photo's points"""

    bl_idname = "cinemagraph.use_perspective"
    bl_label = "Use Perspective"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        camera = context.scene.camera
        if camera is None or camera.type != "CAMERA":
            cls.poll_message_set("Choose a camera as the scene's active one first")
            return False
        if camera.data.library is not None:
            cls.poll_message_set("The camera is linked from another file")
            return False
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.camera.data.type = "PERSP"
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (
        CINEMAGRAPH_OT_use_photo_size,
        CINEMAGRAPH_OT_use_even_size,
        CINEMAGRAPH_OT_use_photo_camera,
        CINEMAGRAPH_OT_use_perspective,
    )
)
