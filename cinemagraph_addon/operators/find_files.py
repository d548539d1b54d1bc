"""Choose again what was moved or renamed: the photo, the scene folder."""

from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from ..bridge.folder_check import FolderState, check_folder
from ..editable import is_built, is_editable
from ..file_paths import absolute, relative_when_saved
from ..shown_text import shown

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".exr", ".hdr", ".bmp")


class CINEMAGRAPH_OT_find_photo(bpy.types.Operator):
    """Choose where the file is now"""

    bl_idname = "cinemagraph.find_photo"
    bl_label = "Find Photo"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(name="File", description="Where the file is now", subtype="FILE_PATH")
    slot: StringProperty(default="photo", options={"HIDDEN", "SKIP_SAVE"})  # the setting that the file is for

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_editable(cls, context.scene)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.filepath = absolute(getattr(context.scene.cinemagraph, self.slot))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = absolute(self.filepath)
        if not path or not Path(path).is_file():
            self.report({"ERROR"}, shown(f"There is no file '{path}'. Choose it in the file browser."))
            return {"CANCELLED"}
        setattr(context.scene.cinemagraph, self.slot, relative_when_saved(path))
        return {"FINISHED"}


class CINEMAGRAPH_OT_find_scene_folder(bpy.types.Operator):
    """Choose where the scene folder is now; nothing is built again"""

    bl_idname = "cinemagraph.find_scene_folder"
    bl_label = "Find Scene Folder"
    bl_options = {"REGISTER", "UNDO"}

    directory: StringProperty(name="Folder", description="Folder with scene.json", subtype="DIR_PATH")
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.directory = str(Path(absolute(context.scene.cinemagraph.scene_dir)).parent)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = Path(absolute(self.directory))
        state = check_folder(folder).state
        if state is FolderState.MISSING:
            self.report({"ERROR"}, shown(f"'{folder}' holds no scene. Choose the folder that has scene.json in it."))
            return {"CANCELLED"}
        if state in {FolderState.DAMAGED, FolderState.NEWER}:
            self.report(
                {"ERROR"}, shown(f"The scene in '{folder}' cannot be read by this version. Choose another folder.")
            )
            return {"CANCELLED"}
        context.scene.cinemagraph.scene_dir = relative_when_saved(str(folder))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_find_photo, CINEMAGRAPH_OT_find_scene_folder))
