"""Puts a built scene folder into a Blender scene: root, layers, photo camera, and render settings."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import bpy
from mathutils import Matrix

from .bridge.problem import Problem
from .bridge.scene_folder import (
    SceneDescription,
    photo_file,
    read_cloud,
    read_description,
    read_relief,
)
from .bridge.thread_job import RESULT, ThreadJob
from .camera import set_intrinsics
from .camera_animation import animation_curves
from .file_paths import relative_when_saved
from .modal_job import Step, wait_for
from .point_cloud import Attribute, layer_attributes, show_layers
from .preview import apply_preview
from .relief import ReliefMesh, make_relief, relief_mesh, show_relief
from .render_engine import ENGINE

_LOOKING_ALONG_Y = Matrix(((1, 0, 0, 0), (0, 0, -1, 0), (0, 1, 0, 0), (0, 0, 0, 1)))
_FAR_CLIP = 10_000.0  # skies are far: their depth in near depths may reach thousands
_NEAR_CLIP = 0.01


@dataclass(frozen=True, slots=True)
class _Loaded:
    """All that is read from the folder, ready for Blender."""

    description: SceneDescription
    layers: list[list[Attribute]]
    relief: ReliefMesh


def show_built_scene(
    find_scene: Callable[[], bpy.types.Scene], folder: Path, start: float = 0.9
) -> Generator[Step, None, SceneDescription]:
    """Inside a job: make or refresh the objects of a scene folder; what the artist changed on them stays.

    Args:
        find_scene: looks the scene up again after each pause; raises Problem when it is gone.
        folder: the scene folder.
        start: fraction of the job at the beginning; the end is 1.

    Raises:
        Problem: the folder is missing a part or is damaged; then nothing was changed.
    """
    reading = yield from wait_for(ThreadJob("reading the points", lambda: _load(folder)), start, start)
    loaded: _Loaded = reading[RESULT]
    description = loaded.description
    yield from _show_objects(find_scene, loaded, start)
    yield Step("showing the points", 1.0)
    scene = find_scene()
    _photo_camera(scene, description, photo_file(folder))
    settings = scene.cinemagraph
    if not settings.is_built:
        _set_render(scene)
        if settings.match_colors:
            match_photo_colors(scene)
    _set_size(scene, description)
    apply_preview(scene)
    settings.scene_dir = relative_when_saved(str(folder))
    settings.is_built = True
    return description


def _show_objects(
    find_scene: Callable[[], bpy.types.Scene], loaded: _Loaded, start: float
) -> Generator[Step, None, None]:
    """Collection, root, layers, and relief; all meshes are made before the first object changes."""
    relief = yield from _at(make_relief(loaded.relief), Step("showing the points", start))
    try:
        scene = find_scene()
        collection = _collection(scene)
        root = _root(scene, collection)
        for fraction in show_layers(collection, root, loaded.layers, loaded.description.intrinsics[0]):
            yield Step("showing the points", start + (1 - start) * fraction)
            find_scene()
    except BaseException:  # a stop, or a scene that is gone; raised again
        bpy.data.meshes.remove(relief)
        raise
    show_relief(collection, root, relief)


def match_photo_colors(scene: bpy.types.Scene) -> None:
    """Make 8-bit files show the photo's own values: Standard, neutral, no dither."""
    view = scene.view_settings
    view.view_transform = "Standard"
    view.look = "None"
    view.exposure = 0.0
    view.gamma = 1.0
    view.use_curve_mapping = False
    scene.render.dither_intensity = 0.0  # 1.0, the default, adds one level of noise


def colors_match_photo(scene: bpy.types.Scene) -> bool:
    """Whether rendered files show the photo's own values."""
    view = scene.view_settings
    neutral = view.look == "None" and view.exposure == 0.0 and view.gamma == 1.0 and not view.use_curve_mapping
    return view.view_transform == "Standard" and neutral and scene.render.dither_intensity == 0.0


def link_camera(scene: bpy.types.Scene, name: str, description: SceneDescription) -> bpy.types.Object:
    """A new camera at the photo's own view, with the photo's lens, in the scene's collection."""
    data = bpy.data.cameras.new(name)
    camera = bpy.data.objects.new(name, data)
    return_to_photo(camera, scene.cinemagraph.root, description)
    data.clip_start, data.clip_end = _NEAR_CLIP, _FAR_CLIP
    data.display_size = 0.2
    scene.cinemagraph.collection.objects.link(camera)
    return camera


def return_to_photo(camera: bpy.types.Object, root: bpy.types.Object, description: SceneDescription) -> None:
    """Put a camera at the photo's own view, in the root's space and with the photo's lens; its keys stay."""
    camera.parent, camera.parent_type = root, "OBJECT"
    camera.matrix_parent_inverse.identity()
    camera.matrix_basis = _LOOKING_ALONG_Y
    set_intrinsics(camera.data, description.intrinsics, description.width, description.height)


def _at(work: Generator[None, None, bpy.types.Mesh], step: Step) -> Generator[Step, None, bpy.types.Mesh]:
    """The same work, which says where it is."""
    try:
        while True:
            next(work)
            yield step
    except StopIteration as done:
        return done.value
    finally:
        work.close()


def _load(folder: Path) -> _Loaded:
    """Read and convert everything; runs in a thread and touches no Blender data."""
    description = read_description(folder)
    if not photo_file(folder).is_file():
        raise Problem(f"The photo of the scene folder '{folder}' is missing.", hint="Build the scene again.")
    return _Loaded(description, layer_attributes(read_cloud(folder)), relief_mesh(read_relief(folder)))


def _collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    settings = scene.cinemagraph
    if settings.collection is None:
        settings.collection = bpy.data.collections.new("Cinemagraph")
    if settings.collection not in scene.collection.children_recursive:
        scene.collection.children.link(settings.collection)
    return settings.collection


def _root(scene: bpy.types.Scene, collection: bpy.types.Collection) -> bpy.types.Object:
    settings = scene.cinemagraph
    if settings.root is None:
        settings.root = bpy.data.objects.new("Cinemagraph Root", None)
        settings.root.empty_display_size = 0.2
    if settings.root.name not in collection.all_objects:
        collection.objects.link(settings.root)
    return settings.root


def _photo_camera(scene: bpy.types.Scene, description: SceneDescription, photo: Path) -> None:
    settings = scene.cinemagraph
    collection = settings.collection
    camera = settings.photo_camera
    if camera is None or camera.name not in collection.all_objects:
        camera = settings.photo_camera = link_camera(scene, "Photo Camera", description)
    elif not list(animation_curves(camera.data)):
        set_intrinsics(camera.data, description.intrinsics, description.width, description.height)
    _show_photo_behind(camera.data, photo)
    if scene.camera is None or scene.camera.name not in collection.all_objects:
        scene.camera = camera


def _show_photo_behind(data: bpy.types.Camera, photo: Path) -> None:
    image = bpy.data.images.load(str(photo), check_existing=True)
    image.reload()  # the file may be of a newer build than the one in memory
    image.filepath = relative_when_saved(str(photo))
    background = data.background_images[0] if data.background_images else data.background_images.new()
    background.image = image
    background.frame_method = "FIT"
    data.show_background_images = True


def _set_render(scene: bpy.types.Scene) -> None:
    """What only the first build sets; afterwards it is the artist's."""
    scene.render.engine = ENGINE
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    start = scene.cinemagraph.loop_start
    scene.frame_start, scene.frame_end = start, start + scene.cinemagraph.loop_frames - 1


def _set_size(scene: bpy.types.Scene, description: SceneDescription) -> None:
    """Let the frame have the photo's size, unless the artist has given it another since the last build."""
    render, settings = scene.render, scene.cinemagraph
    if not settings.is_built or (render.resolution_x, render.resolution_y) == tuple(settings.built_size):
        render.resolution_x, render.resolution_y = description.width, description.height
    settings.built_size = (description.width, description.height)
