"""Whether a scene folder is whole, by a look at its files that is quick enough for every redraw. No bpy."""

import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

from .scene_folder import SCENE_FORMAT

# What rendering and showing the points read; mask and arrows are there only where the artist drew some.
NEEDED_FILES = (
    "photo.png",
    "depth.npy",
    "motion.npy",
    "layers.safetensors",
    *(f"cloud/{name}.npy" for name in ("positions", "colors", "layers", "pixels", "flow", "flow_bend")),
    *(f"relief/{name}.npy" for name in ("positions", "colors", "quads")),
)


class FolderState(Enum):
    """What a scene folder is good for."""

    WHOLE = auto()
    MISSING = auto()
    INCOMPLETE = auto()
    DAMAGED = auto()
    OLDER = auto()
    NEWER = auto()


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """The state, the names of missing files, and the size in pixels that the photo was built at, where it is known."""

    state: FolderState
    missing: tuple[str, ...] = ()
    width: int = 0
    height: int = 0


def check_folder(folder: Path) -> FolderCheck:
    """Look at a scene folder; scene.json is read again only when it has changed."""
    try:
        changed = (folder / "scene.json").stat().st_mtime_ns
    except OSError:
        return FolderCheck(FolderState.MISSING)
    described = _check_description(folder / "scene.json", changed)
    if described.state is not FolderState.WHOLE:
        return described
    missing = tuple(name for name in NEEDED_FILES if not (folder / name).is_file())
    if missing:
        return FolderCheck(FolderState.INCOMPLETE, missing, described.width, described.height)
    return described


@lru_cache(maxsize=32)
def _check_description(file: Path, _changed: int) -> FolderCheck:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        found, width, height = str(values["format"]), int(values["width"]), int(values["height"])
    except (OSError, ValueError, KeyError, TypeError):
        return FolderCheck(FolderState.DAMAGED)
    if found == SCENE_FORMAT:
        return FolderCheck(FolderState.WHOLE, (), width, height)
    version = re.fullmatch(r"cinemagraph-scene/(\d+)", found)
    if version is None:
        return FolderCheck(FolderState.DAMAGED)
    is_older = int(version[1]) < int(SCENE_FORMAT.rpartition("/")[2])
    return FolderCheck(FolderState.OLDER if is_older else FolderState.NEWER)
