"""Paths of a scene's files: absolute while we work, relative to the .blend when it is saved."""

from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from .bridge.problem import Problem
from .properties.scene import FILE_PROPERTIES

_before_save: dict[str, dict[str, str]] = {}  # scene name -> property -> absolute path


def absolute(path: str, library: bpy.types.Library | None = None) -> str:
    """An absolute path of one from a property; an empty one stays empty.

    In a linked scene, `//` is where the library is.
    """
    return str(Path(bpy.path.abspath(path, library=library)).absolute()) if path else ""


def relative_when_saved(path: str) -> str:
    """The path as it is stored: from `//` when the .blend has a place and shares the drive."""
    return _relative(path, bpy.data.filepath)


def scene_folder(scene: bpy.types.Scene) -> Path:
    """Absolute scene folder of a built scene; raises Problem when none was chosen or built."""
    path = scene.cinemagraph.scene_dir
    if not path:
        raise Problem("This scene is not built yet.", hint="Choose a photo and press Build Scene in the sidebar.")
    return Path(absolute(path, scene.library))


def choose_scene_folder(scene: bpy.types.Scene) -> Path:
    """The folder to build into: the chosen one, else `<photo>.cinemagraph` beside the .blend or the photo.

    A copy of a scene has the folder of the original; it gets one of its own, so that building it changes no other.
    """
    settings = scene.cinemagraph
    others = [s for s in bpy.data.scenes if s != scene and s.cinemagraph.collection != settings.collection]
    taken = {absolute(other.cinemagraph.scene_dir, other.library) for other in others if other.cinemagraph.is_built}
    chosen = absolute(settings.scene_dir, scene.library)
    if chosen and chosen not in taken:
        return Path(chosen)
    photo = Path(absolute(settings.photo, scene.library))
    parent = Path(bpy.data.filepath).parent if bpy.data.filepath else photo.parent
    folder = parent / f"{photo.stem}.cinemagraph"
    number = 2
    while str(folder) in taken:
        folder = parent / f"{photo.stem}-{number}.cinemagraph"
        number += 1
    return folder


@persistent
def _rebase_before_save(filepath: str) -> None:
    """Write the paths relative to where the file is being saved; the startup file (no path) keeps its own."""
    _before_save.clear()
    if not filepath:
        return
    for scene in bpy.data.scenes:
        if scene.library is None:
            paths = {name: getattr(scene.cinemagraph, name) for name in FILE_PROPERTIES}
            _before_save[scene.name] = {name: absolute(path) for name, path in paths.items() if path}
    _store_relative_to(filepath)


@persistent
def _rebase_after_save(_filepath: str) -> None:
    """After *Save a Copy* the open file is still the old one: its paths start there."""
    if _before_save:
        _store_relative_to(bpy.data.filepath)
    _before_save.clear()


def _store_relative_to(filepath: str) -> None:
    for scene_name, paths in _before_save.items():
        settings = bpy.data.scenes[scene_name, None].cinemagraph  # a linked one may have the same name
        for name, path in paths.items():
            stored = _relative(path, filepath)
            if getattr(settings, name) != stored:
                setattr(settings, name, stored)


def _relative(path: str, blend: str) -> str:
    if not blend or not path:
        return path
    try:
        return bpy.path.relpath(path, start=str(Path(blend).parent))
    except ValueError:  # another drive
        return path


def register() -> None:
    """Keep paths right when the .blend is saved elsewhere; Blender does that for its own paths only."""
    bpy.app.handlers.save_pre.append(_rebase_before_save)
    bpy.app.handlers.save_post.append(_rebase_after_save)


def unregister() -> None:
    """Take the handlers away."""
    bpy.app.handlers.save_pre.remove(_rebase_before_save)
    bpy.app.handlers.save_post.remove(_rebase_after_save)
