"""Pack the .blend with all it needs into one zip, and unpack that on another machine."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from ..bridge.problem import Problem
from ..bridge.thread_job import ThreadJob
from ..bridge.zip_files import ZipEntry, extract_zip, write_zip
from ..editable import is_built
from ..file_paths import absolute
from ..modal_job import JobOperator, Step, Work, wait_for
from ..packing import paths_in_pack, plan_pack


class CINEMAGRAPH_OT_pack(JobOperator, bpy.types.Operator):
    """Write a copy of this file with scene folder, photo, masks, and textures into one zip for another machine"""

    bl_idname = "cinemagraph.pack"
    bl_label = "Pack"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="Zip", description="Zip to write", subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.zip", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_built(cls, context.scene) and super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self._is_asking = True
        if not self.filepath:
            blend = bpy.data.filepath or absolute(context.scene.cinemagraph.scene_dir)
            self.filepath = str(Path(blend).with_suffix(".zip"))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)
        return super().execute(context)

    def work(self, context: bpy.types.Context) -> Work:
        path = Path(absolute(self.filepath)) if self.filepath else Path()
        if path.name and not path.suffix:
            path = path.with_suffix(".zip")
        if path.suffix.lower() != ".zip":
            raise Problem("The pack needs a name with .zip.", hint="Type one in the file browser.")
        plan = plan_pack()
        name = Path(bpy.data.filepath).stem if bpy.data.filepath else path.stem
        with tempfile.TemporaryDirectory(prefix="cinemagraph-") as folder:
            yield Step("saving a copy", 0.0)
            blend = Path(folder) / f"{name}.blend"
            with paths_in_pack(plan, Path(folder)):
                bpy.ops.wm.save_as_mainfile(filepath=str(blend), copy=True, relative_remap=False)
            entries = [ZipEntry(blend, f"{path.stem}/{blend.name}"), *plan.entries(path.stem)]
            yield from _write(path, entries)
        left_out = f". Left out: {', '.join(plan.left_out)}" if plan.left_out else ""
        return f"Packed {len(entries)} files into '{path}'{left_out}"


class CINEMAGRAPH_OT_unpack(JobOperator, bpy.types.Operator):
    """Unpack a zip made by Pack into a folder beside it; unzipping it by hand does as well"""

    bl_idname = "cinemagraph.unpack"
    bl_label = "Unpack"
    bl_options = {"REGISTER"}

    filepath: StringProperty(name="Zip", description="Zip made by Pack", subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.zip", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self._is_asking = True
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if getattr(self, "_is_asking", False):
            return super().invoke(context, None)
        return super().execute(context)

    def work(self, context: bpy.types.Context) -> Work:
        path = Path(absolute(self.filepath)) if self.filepath else Path()
        if not path.is_file():
            raise Problem(f"There is no file '{path}'.", hint="Choose a zip made by Pack.")
        folder = path.with_suffix("")
        yield from wait_for(ThreadJob("unpacking", lambda: extract_zip(path, folder)))
        blends = sorted(folder.rglob("*.blend"))
        if not blends:
            raise Problem(f"'{path.name}' holds no .blend; it lies in '{folder}'.", hint="Choose a zip made by Pack.")
        return f"Unpacked. Open '{blends[0]}'"


def _write(path: Path, entries: list[ZipEntry]) -> Iterator[Step]:
    """Write file after file in threads, with progress by their sizes."""
    sizes = [max(1, entry.file.stat().st_size) for entry in entries]
    total, done = sum(sizes), 0
    writing = write_zip(path, entries)
    try:
        for size in [*sizes, 0]:
            yield from wait_for(ThreadJob("packing", lambda: next(writing, None)), done / total, done / total)
            done += size
    finally:
        with suppress(ValueError):  # cancelled while a thread writes: what it began goes when it has ended
            writing.close()


register, unregister = bpy.utils.register_classes_factory((CINEMAGRAPH_OT_pack, CINEMAGRAPH_OT_unpack))
