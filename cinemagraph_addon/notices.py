"""What is wrong or worth knowing about a scene, each as a sentence and the operators that put it right.

Cheap enough for every redraw: a few looks at files, and arrays only when a mesh has another number of points.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

import bpy
import numpy as np

from . import backend_process
from .backend_environment import extension_package, find_python, offered_installation
from .bridge.folder_check import FolderCheck, FolderState, check_folder
from .bridge.problem import Problem
from .built_scene import colors_match_photo
from .camera import RenderSize, pinhole_view, render_size
from .cloud_nodes import MODIFIER
from .file_paths import absolute
from .frame_files import needs_even_size
from .layer_edits import PointIds, layer_rows, point_ids
from .layer_visibility import hidden_layers
from .loop_seam import range_fits
from .point_cloud import layer_objects


class Level(Enum):
    """INFO is no fault; a WARNING renders, but not as expected; an ERROR does not render or build."""

    INFO = auto()
    WARNING = auto()
    ERROR = auto()


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: the operator's id, the words on it, and its properties."""

    operator: str
    label: str
    properties: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence or two without jargon, and the ways out."""

    level: Level
    message: str
    remedies: tuple[Remedy, ...] = ()


_REBUILD = Remedy("cinemagraph.build_scene", "Rebuild Scene")
_FIND_FOLDER = Remedy("cinemagraph.find_scene_folder", "Find Scene Folder")
_FIND_PHOTO = Remedy("cinemagraph.find_photo", "Find Photo")
_ADD_CAMERA = Remedy("cinemagraph.add_camera", "Add Camera")
_PHOTO_CAMERA = Remedy("cinemagraph.use_photo_camera", "Use Photo Camera")
_SHOW_LAYERS = Remedy("cinemagraph.show_layers", "Show Layers")
_PREVIEW = "scene.cinemagraph.preview"
_POINTS = Remedy("wm.context_set_enum", "Show Points", (("data_path", f"{_PREVIEW}.display"), ("value", "POINTS")))
_ALL_POINTS = Remedy("wm.context_set_float", "Show All Points", (("data_path", f"{_PREVIEW}.density"), ("value", 1.0)))


def scene_notices(scene: bpy.types.Scene) -> tuple[Notice, ...]:
    """Everything that the artist should know about a scene now, the gravest first."""
    found = [*_backend(), *_photo(scene), *_files(scene)]
    if scene.cinemagraph.is_built:
        folder = Path(absolute(scene.cinemagraph.scene_dir, scene.library))
        check = check_folder(folder)
        found += [*_folder(folder, check), *_camera(scene), *_size(scene, check), *_frame_range(scene), *_colors(scene)]
        if check.state is FolderState.WHOLE:
            found += [*_points(scene, folder), *_shown_layers(scene)]
    if scene.library is not None:
        message = f"This scene is linked from '{Path(scene.library.filepath).name}'. It renders, but is changed there."
        found.append(Notice(Level.INFO, message))
    return tuple(sorted(found, key=lambda notice: -notice.level.value))


def _backend() -> Iterator[Notice]:
    preferences = Remedy("preferences.addon_show", "Open Preferences", (("module", extension_package()),))
    try:
        find_python()
    except Problem as problem:
        install = offered_installation()
        remedies = (Remedy("cinemagraph.install_backend", install),) if install is not None else ()
        yield Notice(Level.ERROR, problem.message if remedies else str(problem), (*remedies, preferences))
        return
    if backend_process.is_other_version():
        message = "The backend is of another version than this add-on. Install the one that came with it."
        yield Notice(Level.ERROR, message, (preferences,))


def _photo(scene: bpy.types.Scene) -> Iterator[Notice]:
    path = Path(absolute(scene.cinemagraph.photo, scene.library))
    if not scene.cinemagraph.photo or path.is_file():
        return
    if scene.cinemagraph.is_built:
        message = f"The photo '{path.name}' is gone. The scene still renders, but cannot be built again without it."
        yield Notice(Level.WARNING, message, (_FIND_PHOTO,))
    else:
        yield Notice(Level.ERROR, f"The photo '{path.name}' does not exist.", (_FIND_PHOTO,))


def _files(scene: bpy.types.Scene) -> Iterator[Notice]:
    """Files that only building reads."""
    for name in ("mask", "hints", "depth", "flow"):
        path = absolute(getattr(scene.cinemagraph, name), scene.library)
        if path and not Path(path).exists():
            label = scene.cinemagraph.bl_rna.properties[name].name
            message = f"The file '{Path(path).name}' ({label}) is gone. The scene cannot be built again without it."
            find = Remedy("cinemagraph.find_photo", f"Find {label}", (("slot", name),))
            yield Notice(Level.WARNING, message, (find,))


def _folder(folder: Path, check: FolderCheck) -> Iterator[Notice]:
    both = (_FIND_FOLDER, _REBUILD)
    match check.state:
        case FolderState.MISSING:
            yield Notice(Level.ERROR, f"The scene folder '{folder.name}' was moved or is empty.", both)
        case FolderState.INCOMPLETE:
            more = f" and {len(check.missing) - 1} more" if len(check.missing) > 1 else ""
            yield Notice(Level.ERROR, f"The scene folder '{folder.name}' lacks {check.missing[0]}{more}.", both)
        case FolderState.DAMAGED:
            yield Notice(Level.ERROR, f"The scene.json in '{folder.name}' cannot be read.", both)
        case FolderState.OLDER:
            message = f"The scene folder '{folder.name}' is from an older version. Build the scene again."
            yield Notice(Level.ERROR, message, (_REBUILD,))
        case FolderState.NEWER:
            message = f"The scene folder '{folder.name}' is from a newer version of this add-on. Update it, or rebuild."
            yield Notice(Level.ERROR, message, both)


def _camera(scene: bpy.types.Scene) -> Iterator[Notice]:
    camera = scene.camera
    photo_camera = (_PHOTO_CAMERA,) if scene.cinemagraph.photo_camera is not None else ()
    if camera is None:
        yield Notice(Level.ERROR, "The scene has no camera.", (*photo_camera, _ADD_CAMERA))
        return
    root = scene.cinemagraph.root
    matrix = tuple(tuple(row) for row in root.matrix_world) if root is not None else None
    is_lens = camera.type == "CAMERA" and camera.data.type != "PERSP"
    problem = _camera_problem(camera.name_full, camera.type, is_lens, matrix)
    if problem:
        perspective = (Remedy("cinemagraph.use_perspective", "Use Perspective"),) if is_lens else ()
        yield Notice(Level.ERROR, problem, (*perspective, *photo_camera))


@lru_cache(maxsize=32)
def _camera_problem(name: str, _type: str, _is_lens: bool, root: tuple[tuple[float, ...], ...] | None) -> str:
    """Why a camera cannot render the points, or an empty string; where it stands is no matter."""
    camera = next(obj for obj in bpy.data.objects if obj.name_full == name)
    try:
        pinhole_view(camera, RenderSize(100, 100), np.array(root if root is not None else np.eye(4), dtype=np.float64))
    except Problem as problem:
        return str(problem)
    return ""


def _size(scene: bpy.types.Scene, check: FolderCheck) -> Iterator[Notice]:
    size = render_size(scene.render)
    if needs_even_size(scene.render):
        message = f"Blender writes no video of {size.width} x {size.height}: both sides must be even."
        yield Notice(Level.ERROR, message, (Remedy("cinemagraph.use_even_size", "Use Even Size"),))
    if not check.width or (size.width, size.height) == (check.width, check.height):
        return
    # Another size of the same shape is a choice; another shape shows less of the photo, or more than there is.
    is_same_shape = abs(size.width * check.height / (size.height * check.width) - 1) < 0.01
    shape = "" if is_same_shape else ", which has another shape"
    message = (
        f"Frames are rendered at {size.width} x {size.height}; the photo was built at {check.width} x "
        f"{check.height}{shape}."
    )
    level = Level.INFO if is_same_shape else Level.WARNING
    yield Notice(level, message, (Remedy("cinemagraph.use_photo_size", "Use Photo Size"),))


def _frame_range(scene: bpy.types.Scene) -> Iterator[Notice]:
    if range_fits(scene) and scene.frame_step == 1:
        return
    count, loop = scene.frame_end - scene.frame_start + 1, scene.cinemagraph.loop_frames
    message = f"The frame range has {count} frames, the loop {loop}: a rendered animation jumps where it repeats."
    if scene.frame_step != 1 and count % loop == 0:
        message = (
            f"Frames are left out by the frame step of {scene.frame_step}: the animation may jump where it repeats."
        )
    yield Notice(Level.WARNING, message, (Remedy("cinemagraph.fit_frame_range", "Set Frame Range"),))


def _colors(scene: bpy.types.Scene) -> Iterator[Notice]:
    if scene.cinemagraph.match_colors and not colors_match_photo(scene):
        match = Remedy("cinemagraph.match_photo_colors", "Match Photo Colors")
        yield Notice(Level.WARNING, "Rendered colors differ from the photo's.", (match,))


def _points(scene: bpy.types.Scene, folder: Path) -> Iterator[Notice]:
    changed = (folder / "scene.json").stat().st_mtime_ns
    for layer, obj in sorted(layer_objects(scene.cinemagraph.collection).items()):
        if obj.type != "MESH" or obj.data.is_editmode:
            continue
        ids = _ids(obj.data, folder, layer, changed)
        restore = Remedy("cinemagraph.restore_points", "Restore Points", (("layer", layer),))
        if not ids.has_ids:
            message = f"The points of '{obj.name}' have lost the attribute 'point_id' and cannot be rendered."
            yield Notice(Level.ERROR, message, (restore,))
        elif ids.foreign or ids.doubled:
            count = ids.foreign + ids.doubled
            message = f"{count:,} points of '{obj.name}' are copies or new, and are rendered like those they came from."
            yield Notice(Level.WARNING, message, (restore,))
        elif ids.deleted:
            message = f"{ids.deleted:,} points of '{obj.name}' were deleted, and are not rendered."
            yield Notice(Level.INFO, message, (restore,))


def _shown_layers(scene: bpy.types.Scene) -> Iterator[Notice]:
    """Layers that nobody will see, or not in the Rendered viewport."""
    layers = layer_objects(scene.cinemagraph.collection)
    view_layer = bpy.context.view_layer if scene == bpy.context.scene else scene.view_layers[0]
    if layers and len(hidden_layers(scene, view_layer)) > max(layers):
        yield Notice(Level.WARNING, "All layers are hidden: frames will be empty.", (_SHOW_LAYERS,))
    preview = scene.cinemagraph.preview
    if preview.display == "POINTS" and preview.density >= 1:
        return
    remedy = _ALL_POINTS if preview.display == "POINTS" else _POINTS
    for _, obj in sorted(layers.items()):
        if any(modifier.show_viewport and modifier.name != MODIFIER for modifier in obj.modifiers):
            message = f"'{obj.name}' is deformed: the Rendered viewport has only those of its points that are shown."
            yield Notice(Level.INFO, message, (remedy,))


def _ids(mesh: bpy.types.Mesh, folder: Path, layer: int, changed: int) -> PointIds:
    """Looked at again only when the number of points has changed; whether there are ids is seen at once."""
    if "point_id" not in mesh.attributes:
        return PointIds(has_ids=False)
    try:
        return _counted_ids(mesh.name_full, len(mesh.vertices), folder, layer, changed)
    except Problem:  # told by `_folder`
        return PointIds()


@lru_cache(maxsize=64)
def _counted_ids(mesh_name: str, _num_points: int, folder: Path, layer: int, _changed: int) -> PointIds:
    mesh = next(mesh for mesh in bpy.data.meshes if mesh.name_full == mesh_name)
    return point_ids(mesh, layer_rows(folder, layer))
