"""Photos in: dropped into the viewport, chosen in a file browser, or an image that is open in the Image Editor."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from ..bridge.problem import Problem
from ..editable import is_editable
from ..file_paths import absolute, relative_when_saved
from ..image_files import image_file
from ..shown_text import shown
from .find_files import PHOTO_ENDINGS


class CINEMAGRAPH_OT_photo_from_file(bpy.types.Operator):
    """Make a photo a cinemagraph's, and build its scene at once if wanted"""

    bl_idname = "cinemagraph.photo_from_file"
    bl_label = "Cinemagraph from Photo"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="Photo", description="Image file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{ending}" for ending in PHOTO_ENDINGS), options={"HIDDEN"})
    new_scene: BoolProperty(
        name="New Scene",
        description="Leave this scene as it is, and make one of its own for the photo",
        options={"SKIP_SAVE"},
    )
    build: BoolProperty(
        name="Build Scene",
        description="Build the scene at once; otherwise choose mask and arrows first",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        # A built scene is somebody's work: by default it stays, and the photo gets a scene of its own.
        if not self.properties.is_property_set("new_scene"):
            self.new_scene = context.scene.cinemagraph.is_built
        if self.filepath:  # dropped
            return context.window_manager.invoke_props_dialog(self)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        if self.filepath:
            layout.label(text=Path(self.filepath).name, icon="IMAGE_DATA", translate=False)
        layout.prop(self, "new_scene")
        layout.prop(self, "build")

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(absolute(self.filepath)) if self.filepath else None
        if path is None or not path.is_file():
            self.report({"ERROR"}, shown(f"There is no file '{path or ''}'. Choose a photo."))
            return {"CANCELLED"}
        scene = _scene_of_its_own(context, path.stem) if self.new_scene else context.scene
        scene.cinemagraph.photo = relative_when_saved(str(path))
        if not self.build:
            self.report({"INFO"}, shown(f"'{path.name}' is the photo. Choose a mask, or press Build Scene."))
            return {"FINISHED"}
        with context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
            bpy.ops.cinemagraph.build_scene("INVOKE_DEFAULT")
        return {"FINISHED"}


class CINEMAGRAPH_OT_use_image_as_photo(bpy.types.Operator):
    """Take the image that is open here as the cinemagraph's photo; one without a file is saved without loss first"""

    bl_idname = "cinemagraph.use_image_as_photo"
    bl_label = "Use Image as Photo"
    bl_options = {"REGISTER", "UNDO"}

    image: StringProperty(
        name="Image",
        description="Name of the image; that of the Image Editor when empty",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        image = bpy.data.images.get(self.image) if self.image else getattr(context, "edit_image", None)
        if image is None:
            self.report({"ERROR"}, "There is no image. Open one in the Image Editor.")
            return {"CANCELLED"}
        try:
            path = image_file(image, _folder(context.scene))
        except Problem as problem:
            self.report({"ERROR"}, shown(str(problem)))
            return {"CANCELLED"}
        context.scene.cinemagraph.photo = relative_when_saved(str(path))
        self.report({"INFO"}, shown(f"'{path.name}' is the photo"))
        return {"FINISHED"}


class CINEMAGRAPH_FH_photo(bpy.types.FileHandler):
    bl_idname = "CINEMAGRAPH_FH_photo"
    bl_label = "Cinemagraph from Photo"
    bl_import_operator = "cinemagraph.photo_from_file"
    bl_file_extensions = ";".join(PHOTO_ENDINGS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        # Not in the Image Editor, where a drop opens the image: its menu has Use Image as Photo.
        return context.area is not None and context.area.type == "VIEW_3D"


def _scene_of_its_own(context: bpy.types.Context, name: str) -> bpy.types.Scene:
    scene = bpy.data.scenes.new(name)
    before = context.scene
    scene.render.fps, scene.render.fps_base = before.render.fps, before.render.fps_base
    if context.window is not None:
        context.window.scene = scene
    return scene


def _folder(scene: bpy.types.Scene) -> Path | None:
    """Where a photo is written that has no file: beside the .blend, else beside the scene folder."""
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent
    chosen = absolute(scene.cinemagraph.scene_dir, scene.library)
    return Path(chosen).parent if chosen else None


register, unregister = bpy.utils.register_classes_factory(
    (CINEMAGRAPH_OT_photo_from_file, CINEMAGRAPH_OT_use_image_as_photo, CINEMAGRAPH_FH_photo)
)
