"""Undo for filters of painted masks: Blender's own undo remembers brush strokes, but no pixels set from Python.

Each change has a number, kept in the scene, where undo restores it like any property. When it moves, the pixels of
before or after that change are put back from here. Snapshots live as long as Blender runs; another file begins anew.
"""

import zlib
from collections import OrderedDict
from dataclasses import dataclass

import bpy
import numpy as np
from bpy.app.handlers import persistent

from .mask_image import has_pixels, write_grey

_MOST = 64  # changes that are remembered: a mask takes some 10 KB each way
_changes: OrderedDict[tuple[str, int], "_Change"] = OrderedDict()  # by scene and number
_shown: dict[str, int] = {}  # scene -> number of the change that its pixels are after


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A mask, small."""

    shape: tuple[int, int]
    data: bytes


@dataclass(frozen=True, slots=True)
class _Change:
    """One mask, named by its property, before and after."""

    which: str
    before: _Snapshot
    after: _Snapshot


def change_mask(scene: bpy.types.Scene, which: str, before: np.ndarray, values: np.ndarray) -> None:
    """Give a painted mask, which is `before`, new values (H, W) uint8 of its size, in a way that undo takes back."""
    motion = scene.cinemagraph.motion
    write_grey(getattr(motion, which), values)
    motion.revision += 1
    _changes[scene.name, motion.revision] = _Change(which, _pack(before), _pack(values))
    _shown[scene.name] = motion.revision
    while len(_changes) > _MOST:
        _changes.popitem(last=False)


def forget_changes() -> None:
    """Forget all snapshots."""
    _changes.clear()
    _shown.clear()


@persistent
def _follow_undo(*_: object) -> None:
    for scene in bpy.data.scenes:
        revision = scene.cinemagraph.motion.revision
        shown = _shown.get(scene.name, revision)
        for number in range(shown, revision, -1):
            _put_back(scene, _changes.get((scene.name, number)), "before")
        for number in range(shown + 1, revision + 1):
            _put_back(scene, _changes.get((scene.name, number)), "after")
        _shown[scene.name] = revision


@persistent
def _begin_anew(*_: object) -> None:
    forget_changes()


def _put_back(scene: bpy.types.Scene, change: _Change | None, end: str) -> None:
    if change is None:
        return
    image = getattr(scene.cinemagraph.motion, change.which)
    snapshot: _Snapshot = getattr(change, end)
    if has_pixels(image) and (image.size[1], image.size[0]) == snapshot.shape:
        write_grey(image, np.frombuffer(zlib.decompress(snapshot.data), np.uint8).reshape(snapshot.shape))


def _pack(values: np.ndarray) -> _Snapshot:
    return _Snapshot(values.shape, zlib.compress(np.ascontiguousarray(values).tobytes(), 1))


_HANDLERS = (("undo_post", _follow_undo), ("redo_post", _follow_undo), ("load_post", _begin_anew))


def register() -> None:
    """Follow Blender's undo."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    """Stop following."""
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
    forget_changes()
