"""Add a camera that follows a named path, as ordinary keyframes."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty

from ...ml_backend.camera_paths import LABELS
from ..bridge.problem import Problem
from ..bridge.scene_folder import read_description
from ..built_scene import link_camera
from ..camera_animation import animate_camera
from ..file_paths import scene_folder
from ..properties.camera import CAMERA_PATH_ITEMS


class CINEMAGRAPH_OT_add_camera(bpy.types.Operator):
    """Add a camera that starts at the photo's view, moves along the path, and returns after one loop"""

    bl_idname = "cinemagraph.add_camera"
    bl_label = "Add Camera"
    bl_options = {"REGISTER", "UNDO"}

    path: EnumProperty(
        name="Path",
        description="Path that the camera follows once per loop",
        items=CAMERA_PATH_ITEMS,
        options={"SKIP_SAVE"},
    )
    amplitude: FloatProperty(
        name="Amplitude",
        description="Size of the movement",
        min=0.0,
        max=10.0,
        soft_max=2.0,
        default=1.0,
        options={"SKIP_SAVE"},
    )
    key_spacing: IntProperty(
        name="Key Spacing",
        description="Frames from key to key: 1 follows the path exactly, more is easier to edit",
        min=1,
        max=1000,
        soft_max=20,
        default=1,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.cinemagraph
        if not settings.is_built or settings.root is None or settings.collection is None:
            cls.poll_message_set("Build the scene first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        settings = scene.cinemagraph
        # A bare call follows the scene's settings; the redo panel then shows and changes them.
        if not self.properties.is_property_set("path"):
            self.path = settings.camera.path
        if not self.properties.is_property_set("amplitude"):
            self.amplitude = settings.camera.amplitude
        try:
            camera = self._add(scene)
        except (Problem, ValueError) as problem:  # ValueError: an amplitude that the path cannot follow
            self.report({"ERROR"}, str(problem))
            return {"CANCELLED"}
        scene.camera = camera
        _select_only(context, camera)
        return {"FINISHED"}

    def _add(self, scene: bpy.types.Scene) -> bpy.types.Object:
        description = read_description(scene_folder(scene))
        camera = link_camera(scene, f"Camera {LABELS[self.path]}", description)
        try:
            animate_camera(
                camera,
                self.path,
                amplitude=self.amplitude,
                start=scene.frame_start,
                num_frames=scene.cinemagraph.loop_frames,
                spacing=self.key_spacing,
            )
        except ValueError:
            bpy.data.cameras.remove(camera.data)  # takes the object along
            raise
        return camera


def _select_only(context: bpy.types.Context, camera: bpy.types.Object) -> None:
    layer = context.view_layer
    layer.update()  # a camera linked a moment ago is not in it yet
    if camera.name not in layer.objects:  # its collection is excluded from this view layer
        return
    for obj in layer.objects.selected:
        obj.select_set(False)
    camera.select_set(True)
    layer.objects.active = camera


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_add_camera,))
