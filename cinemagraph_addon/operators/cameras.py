"""Send a camera along a named path, as ordinary keyframes: a new one, or one that is there."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty

from ...ml_backend.camera_paths import LABELS
from ..bridge.problem import Problem
from ..bridge.scene_folder import SceneDescription, read_depth_range, read_description
from ..built_scene import link_camera, return_to_photo
from ..camera_animation import CameraPath, animate_camera, path_offsets
from ..editable import is_editable
from ..file_paths import scene_folder
from ..properties.camera import AMPLITUDE, EASE, KEY_SPACING, LOOPS, PATH, PATH_SETTINGS
from ..shown_text import shown

_NOT_KEPT = {"options": {"SKIP_SAVE"}}  # the next call follows the scene's settings again


class _PathOperator:
    """What both have in common: the path, first from the scene's settings, then changed in the redo panel."""

    bl_options = {"REGISTER", "UNDO"}

    path: EnumProperty(**PATH, **_NOT_KEPT)
    amplitude: FloatProperty(**AMPLITUDE, **_NOT_KEPT)
    loops: IntProperty(**LOOPS, **_NOT_KEPT)
    ease: EnumProperty(**EASE, **_NOT_KEPT)
    key_spacing: IntProperty(**KEY_SPACING, **_NOT_KEPT)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_editable(cls, context.scene):
            return False
        settings = context.scene.cinemagraph
        if not settings.is_built or settings.root is None or settings.collection is None:
            cls.poll_message_set("Build the scene first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        # A bare call follows the scene's settings; the redo panel then shows and changes them.
        for name in PATH_SETTINGS:
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(scene.cinemagraph.camera, name))
        try:
            folder = scene_folder(scene)
            depths, description = read_depth_range(folder), read_description(folder)
            path = CameraPath(self.path, self.amplitude, self.loops, self.ease, self.key_spacing)
            offsets = path_offsets(path, depths, scene.cinemagraph.loop_frames)
            camera = self._camera(context, description)
        except (Problem, ValueError) as problem:  # ValueError: an amplitude that the path cannot follow
            self.report({"ERROR"}, shown(str(problem)))
            return {"CANCELLED"}
        animate_camera(camera, offsets, start=scene.cinemagraph.loop_start, near=depths.near)
        scene.camera = camera
        _select_only(context, camera)
        return {"FINISHED"}


class CINEMAGRAPH_OT_add_camera(_PathOperator, bpy.types.Operator):
    """Add a camera that starts at the photo's view, moves along the path, and returns after one loop"""

    bl_idname = "cinemagraph.add_camera"
    bl_label = "Add Camera"

    def _camera(self, context: bpy.types.Context, description: SceneDescription) -> bpy.types.Object:
        return link_camera(context.scene, f"Camera {LABELS[self.path]}", description)


class CINEMAGRAPH_OT_apply_camera_path(_PathOperator, bpy.types.Operator):
    """Send the selected camera along the path, from the photo's view; its own keys give way to the path's"""

    bl_idname = "cinemagraph.apply_camera_path"
    bl_label = "Apply Path to Selected Camera"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        camera = selected_camera(context)
        if camera is None:
            cls.poll_message_set("Select a camera, or press Add Camera")
            return False
        if camera == context.scene.cinemagraph.photo_camera:
            cls.poll_message_set("The photo's own camera stays where it is: press Add Camera")
            return False
        return True

    def _camera(self, context: bpy.types.Context, description: SceneDescription) -> bpy.types.Object:
        camera, root = selected_camera(context), context.scene.cinemagraph.root
        if camera.library is not None or camera.data.library is not None:
            raise Problem(f"'{camera.name}' is linked from another file.", hint="Make it local, or press Add Camera.")
        if camera.parent not in (None, root):
            raise Problem(
                f"'{camera.name}' moves with '{camera.parent.name}'.",
                hint=f"Clear its parent, or parent it to '{root.name}'.",
            )
        return_to_photo(camera, root, description)
        return camera


def selected_camera(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object if it is a camera, else the scene's camera."""
    active = context.active_object
    return active if active is not None and active.type == "CAMERA" else context.scene.camera


def _select_only(context: bpy.types.Context, camera: bpy.types.Object) -> None:
    layer = context.view_layer
    layer.update()  # a camera linked a moment ago is not in it yet
    if camera.name not in layer.objects:  # its collection is excluded from this view layer
        return
    for obj in layer.objects.selected:
        obj.select_set(False)
    camera.select_set(True)
    layer.objects.active = camera


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_add_camera, CINEMAGRAPH_OT_apply_camera_path))
