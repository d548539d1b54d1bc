"""Saved and opened again, undone and redone, two scenes in one file, linked from another, and names of any script."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.notices import scene_notices  # noqa: E402


def _render(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    return np.asarray(Image.open(path.with_suffix(".png")))[..., :3]


def _layers(scene: bpy.types.Scene) -> list[str]:
    return sorted(obj.name for obj in scene.cinemagraph.collection.objects if "cinemagraph_layer" in obj)


# Saved and opened again


@pytest.fixture
def reopened(built: bpy.types.Scene, tmp_path: Path) -> bpy.types.Scene:
    """A built scene, saved with a hidden layer and opened again."""
    bpy.data.objects["Layer 0 (near)"].hide_render = True
    bpy.ops.cinemagraph.add_camera(path="orbit")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    return bpy.context.scene


def test_an_opened_file_renders(reopened: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    reopened.camera = reopened.cinemagraph.photo_camera
    assert np.array_equal(_render(reopened, tmp_path / "frame"), np.asarray(Image.open(photo)))


def test_an_opened_file_knows_its_objects(reopened: bpy.types.Scene) -> None:
    settings = reopened.cinemagraph
    names = (settings.root.name, settings.photo_camera.name, settings.collection.name, reopened.camera.name)
    assert names == ("Cinemagraph Root", "Photo Camera", "Cinemagraph", "Camera Orbit")


def test_an_opened_file_can_be_built_again(reopened: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.build_scene()
    hidden = bpy.data.objects["Layer 0 (near)"].hide_render
    assert (_layers(reopened), hidden) == (["Layer 0 (near)", "Layer 1 (far)"], True)


def test_a_folder_of_blend_and_scene_can_be_moved(reopened: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    for name in ("shot.blend", "photo.png", "photo.cinemagraph"):
        shutil.move(tmp_path / name, tmp_path / "moved" / name)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "moved" / "shot.blend"))
    assert [notice.message for notice in scene_notices(bpy.context.scene)] == []


def test_a_file_without_the_addon_loses_nothing(built: bpy.types.Scene, addon: None, tmp_path: Path) -> None:
    import cinemagraph

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    cinemagraph.unregister()
    try:
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "again.blend"))
    finally:
        cinemagraph.register()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "again.blend"))
    settings = bpy.context.scene.cinemagraph
    assert (settings.is_built, settings.scene_dir, len(_layers(bpy.context.scene))) == (
        True,
        "//photo.cinemagraph",
        2,
    )


# Undo


@pytest.fixture
def undoable(built: bpy.types.Scene) -> bpy.types.Scene:
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Built")
    return built


def _step(operator: Callable[..., set[str]], **options: object) -> None:
    """Call an operator as its button does, with an undo step; scripts get none."""
    operator("EXEC_DEFAULT", True, **options)


def test_undo_takes_a_new_camera_back(undoable: bpy.types.Scene) -> None:
    _step(bpy.ops.cinemagraph.add_camera, path="orbit")
    bpy.ops.ed.undo()
    assert (bpy.context.scene.camera.name, "Camera Orbit" in bpy.data.objects) == ("Photo Camera", False)


def test_redo_brings_it_again(undoable: bpy.types.Scene) -> None:
    _step(bpy.ops.cinemagraph.add_camera, path="orbit")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    assert bpy.context.scene.camera.name == "Camera Orbit"


def test_undo_after_restoring_points_brings_the_edit_back(undoable: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 1 (far)"].data.vertices[0].co.x = 77
    bpy.ops.ed.undo_push(message="Edit")
    _step(bpy.ops.cinemagraph.restore_points, layer=1)
    restored = bpy.data.objects["Layer 1 (far)"].data.vertices[0].co.x
    bpy.ops.ed.undo()
    assert (restored < 77, bpy.data.objects["Layer 1 (far)"].data.vertices[0].co.x) == (True, 77)


def test_undo_after_a_remedy_brings_the_setting_back(undoable: bpy.types.Scene) -> None:
    bpy.context.scene.frame_end = 250
    bpy.ops.ed.undo_push(message="Range")
    _step(bpy.ops.cinemagraph.fit_frame_range)
    bpy.ops.ed.undo()
    assert bpy.context.scene.frame_end == 250


def test_building_again_after_undo_works(undoable: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    _step(bpy.ops.cinemagraph.build_scene)
    bpy.ops.ed.undo()
    _step(bpy.ops.cinemagraph.build_scene)
    assert np.array_equal(_render(bpy.context.scene, tmp_path / "frame"), np.asarray(Image.open(photo)))


# Two scenes in one file


@pytest.fixture
def other(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> bpy.types.Scene:
    """A second scene beside the built one, of the photo upside down."""
    upside_down = tmp_path / "other.png"
    Image.fromarray(np.asarray(Image.open(photo))[::-1]).save(upside_down)
    scene = bpy.data.scenes.new("Zweite Szene 二")
    scene.cinemagraph.photo = str(upside_down)
    with bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
        bpy.ops.cinemagraph.build_scene()
    return scene


def test_each_scene_renders_its_own_photo(
    built: bpy.types.Scene, other: bpy.types.Scene, photo: Path, tmp_path: Path
) -> None:
    expected = np.asarray(Image.open(photo))
    first, second = _render(built, tmp_path / "first"), _render(other, tmp_path / "second")
    assert (np.array_equal(first, expected), np.array_equal(second, expected[::-1])) == (True, True)


def test_two_scenes_share_no_object(built: bpy.types.Scene, other: bpy.types.Scene) -> None:
    assert set(built.cinemagraph.collection.objects) & set(other.cinemagraph.collection.objects) == set()


def test_layers_of_each_scene_follow_its_own_loop(built: bpy.types.Scene, other: bpy.types.Scene) -> None:
    def followed(scene: bpy.types.Scene) -> set[str]:
        layer = next(obj for obj in scene.cinemagraph.collection.objects if "cinemagraph_layer" in obj)
        return {
            target.id.name
            for curve in layer.animation_data.drivers
            for variable in curve.driver.variables
            for target in variable.targets
        }

    assert (followed(built), followed(other)) == ({built.name}, {other.name})


def test_a_full_copy_is_built_into_a_folder_of_its_own(built: bpy.types.Scene) -> None:
    before = built.cinemagraph.scene_dir
    bpy.ops.scene.new(type="FULL_COPY")
    copy = next(scene for scene in bpy.data.scenes if scene != built)
    with bpy.context.temp_override(scene=copy, view_layer=copy.view_layers[0]):
        bpy.ops.cinemagraph.build_scene()
    assert (built.cinemagraph.scene_dir, copy.cinemagraph.scene_dir == before) == (before, False)


# Linked from another file


@pytest.fixture
def linked(built: bpy.types.Scene, tmp_path: Path) -> bpy.types.Scene:
    """The built scene, linked into a new file in another folder whose own scene has the same name."""
    name = built.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    (tmp_path / "sub").mkdir()
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.name = name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sub" / "user.blend"))
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, to):
        to.scenes = [name]
    return to.scenes[0]


def test_a_linked_scene_renders(linked: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    window = bpy.context.window_manager.windows[0]
    window.scene = linked
    bpy.context.scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    frame = np.asarray(Image.open(tmp_path / "frame.png"))[..., :3]
    assert np.array_equal(frame, np.asarray(Image.open(photo)))


def test_a_linked_scene_is_said_to_be_one(linked: bpy.types.Scene) -> None:
    assert [notice.message for notice in scene_notices(linked)] == [
        "This scene is linked from 'library.blend'. It renders, but is changed there."
    ]


@pytest.mark.parametrize(
    "operator",
    ["build_scene", "add_camera", "match_photo_colors", "fit_frame_range", "use_photo_size", "restore_points"],
)
def test_a_linked_scene_cannot_be_changed_and_the_button_says_why(linked: bpy.types.Scene, operator: str) -> None:
    with (
        bpy.context.temp_override(scene=linked, view_layer=linked.view_layers[0]),
        pytest.raises(RuntimeError, match=r"linked from 'library\.blend'"),
    ):
        getattr(bpy.ops.cinemagraph, operator)()


def test_a_linked_scene_exports_its_loop(linked: bpy.types.Scene, tmp_path: Path) -> None:
    with bpy.context.temp_override(scene=linked, view_layer=linked.view_layers[0]):
        bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.mp4"))
    assert len(json.loads((tmp_path / "loop.mp4").read_text())["frames"]) == 60


def test_saving_beside_a_linked_scene_of_the_same_name_works(linked: bpy.types.Scene, tmp_path: Path) -> None:
    assert bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sub" / "again.blend")) == {"FINISHED"}


# Names of any script


def test_photo_and_scene_may_have_names_of_any_script(
    scene: bpy.types.Scene, photo: Path, tmp_path: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("good")
    folder = tmp_path / "Ordner Ω"
    folder.mkdir()
    shutil.copy(photo, folder / "Größe 湖.png")
    scene.name = "Сцена 😀"
    scene.cinemagraph.photo = str(folder / "Größe 湖.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "Aufnahme 撮影.blend"))
    bpy.ops.cinemagraph.build_scene()
    bpy.ops.cinemagraph.export_loop(filepath=str(folder / "петля.mp4"))
    bpy.ops.cinemagraph.pack(filepath=str(folder / "пакет.zip"))
    bpy.ops.cinemagraph.unpack(filepath=str(folder / "пакет.zip"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "пакет" / "Aufnahme 撮影.blend"))
    frame = _render(bpy.context.scene, folder / "кадр")
    assert np.array_equal(frame, np.asarray(Image.open(photo)))
