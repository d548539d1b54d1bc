"""What belongs to this .blend and where it goes in a pack: one folder that opens on any machine.

The pack's .blend stands beside the scene folders, photos, and masks of all its scenes, and the images, sounds, and
fonts that the rest of the file uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from .bridge.problem import Problem
from .bridge.zip_files import ZipEntry
from .file_paths import absolute
from .properties.scene import FILE_PROPERTIES

_FOLDERS = ("scene_dir", "depth_model")
_FILE_COLLECTIONS = ("images", "sounds", "fonts", "movieclips", "volumes", "cache_files")


@dataclass(slots=True)
class PackPlan:
    """Files and folders (absolute) with their place beside the pack's .blend, and names of what cannot be packed."""

    places: dict[Path, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Give a file or folder a place; one inside a folder that has one has it already."""
        if self.place(path) is not None:
            return
        taken = {place.lower() for place in self.places.values()}
        name, number = path.name, 2
        while name.lower() in taken:
            name, number = f"{path.stem}-{number}{path.suffix}", number + 1
        self.places[path] = name

    def place(self, path: Path) -> str | None:
        """Where a file or folder goes, with forward slashes; None where it is not packed."""
        for known, place in self.places.items():
            if path == known:
                return place
            if known in path.parents:
                return f"{place}/{path.relative_to(known).as_posix()}"
        return None

    def entries(self, root: str) -> list[ZipEntry]:
        """All files, in a folder `root` of the zip."""
        found = []
        for path, place in self.places.items():
            files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
            found += [ZipEntry(file, f"{root}/{self.place(file) or place}") for file in files]
        return found


def plan_pack() -> PackPlan:
    """Look through the whole file; raises Problem where it needs other .blend files."""
    linked = sorted(library.name for library in bpy.data.libraries)
    if linked:
        raise Problem(f"This file links data from {linked[0]}.", hint="Make it local (Object > Relations), then pack.")
    plan = PackPlan()
    for name in sorted(FILE_PROPERTIES, key=lambda name: name not in _FOLDERS):  # folders first: they hold files
        for scene in bpy.data.scenes:
            path = absolute(getattr(scene.cinemagraph, name))
            if path and Path(path).exists():
                plan.add(Path(path))
            elif path:
                plan.left_out.append(Path(path).name)
    for block in _outside_blocks():
        path = Path(absolute(block.filepath))
        if getattr(block, "source", "FILE") not in {"FILE", "MOVIE"} or not path.is_file():
            plan.left_out.append(block.name)
        else:
            plan.add(path)
    return plan


@contextmanager
def paths_in_pack(plan: PackPlan, folder: Path) -> Iterator[None]:
    """While this lasts, all paths of the file lead to their places beside a .blend in `folder`."""
    before: list[tuple[bpy.types.bpy_struct, str, str]] = []

    def put(owner: bpy.types.bpy_struct, name: str, value: str) -> None:
        before.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    try:
        for scene in bpy.data.scenes:
            for name in FILE_PROPERTIES:
                path = absolute(getattr(scene.cinemagraph, name))
                place = plan.place(Path(path)) if path else None
                if place is not None:
                    put(scene.cinemagraph, name, str(folder / place))  # made relative when saved
        for block in _outside_blocks():
            place = plan.place(Path(absolute(block.filepath)))
            if place is not None:  # filepath would load the image again, and painted pixels would be gone
                put(block, "filepath_raw" if isinstance(block, bpy.types.Image) else "filepath", f"//{place}")
        yield
    finally:
        for owner, name, value in reversed(before):
            setattr(owner, name, value)


def _outside_blocks() -> Iterator[bpy.types.ID]:
    """Data-blocks of files that are not packed into the .blend."""
    for name in _FILE_COLLECTIONS:
        for block in getattr(bpy.data, name):
            is_inside = getattr(block, "packed_file", None) is not None or block.filepath in {"", "<builtin>"}
            if not is_inside and getattr(block, "source", "FILE") not in {"GENERATED", "VIEWER"}:
                yield block
