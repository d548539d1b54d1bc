"""What the panel says about a scene that does not fit, and that the way out works."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

import bmesh  # noqa: E402  (bpy makes it importable)
from cinemagraph.cinemagraph_addon.frame_files import write_frames_to  # noqa: E402
from cinemagraph.cinemagraph_addon.notices import Level, Notice, scene_notices  # noqa: E402

Change = Callable[[bpy.types.Scene], None]


def _folder(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.scene_dir))


def _only(scene: bpy.types.Scene) -> Notice:
    notices = scene_notices(scene)
    assert len(notices) == 1, [notice.message for notice in notices]
    return notices[0]


def _press(notice: Notice, label: str, **more: object) -> None:
    """Press the button of a notice, as the panel draws it."""
    remedy = next(remedy for remedy in notice.remedies if remedy.label == label)
    category, name = remedy.operator.split(".")
    getattr(getattr(bpy.ops, category), name)(**dict(remedy.properties), **more)


def _messages(scene: bpy.types.Scene) -> list[str]:
    return [notice.message for notice in scene_notices(scene)]


def test_a_scene_that_was_just_built_has_none(built: bpy.types.Scene) -> None:
    assert _messages(built) == []


def test_an_empty_scene_has_none(scene: bpy.types.Scene, use_backend: Callable[[str], None]) -> None:
    use_backend("good")
    assert _messages(scene) == []


def test_a_photo_that_is_gone_is_no_reason_not_to_render(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    photo.unlink()
    notice = _only(built)
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    assert (notice.level, "'photo.png' is gone. The scene still renders" in notice.message) == (Level.WARNING, True)
    assert (tmp_path / "frame.png").is_file()


def test_the_photo_can_be_found_again(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    photo.rename(tmp_path / "renamed.png")
    _press(_only(built), "Find Photo", filepath=str(tmp_path / "renamed.png"))
    assert (_messages(built), Path(built.cinemagraph.photo).name) == ([], "renamed.png")


def test_a_mask_that_is_gone_can_be_found_again(built: bpy.types.Scene, photo: Path) -> None:
    built.cinemagraph.mask = str(photo.with_name("water.png"))
    notice = _only(built)
    _press(notice, "Find Mask", filepath=str(photo))
    assert ("'water.png' (Mask) is gone" in notice.message, _messages(built)) == (True, [])


def test_finding_a_photo_that_is_not_there_changes_nothing(built: bpy.types.Scene, photo: Path) -> None:
    photo.unlink()
    before = built.cinemagraph.photo
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.cinemagraph.find_photo(filepath="/nowhere/photo.png")
    assert built.cinemagraph.photo == before


def test_a_moved_scene_folder_can_be_found_again(built: bpy.types.Scene, tmp_path: Path) -> None:
    _folder(built).rename(tmp_path / "moved")
    notice = _only(built)
    _press(notice, "Find Scene Folder", directory=str(tmp_path / "moved"))
    assert (notice.level, _messages(built)) == (Level.ERROR, [])


def test_a_folder_without_a_scene_is_not_taken(built: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Choose the folder that has scene\.json"):
        bpy.ops.cinemagraph.find_scene_folder(directory=str(tmp_path))


def test_a_missing_scene_folder_can_be_built_again(built: bpy.types.Scene) -> None:
    shutil.rmtree(_folder(built))
    _press(_only(built), "Rebuild Scene")
    assert _messages(built) == []


def test_a_half_missing_folder_names_a_file(built: bpy.types.Scene) -> None:
    (_folder(built) / "cloud" / "positions.npy").unlink()
    (_folder(built) / "layers.safetensors").unlink()
    assert "lacks layers.safetensors and 1 more" in _only(built).message


def _rewrite(scene: bpy.types.Scene, format: str) -> None:
    file = _folder(scene) / "scene.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": format}))


@pytest.mark.parametrize(("format", "word"), [("cinemagraph-scene/1", "older"), ("cinemagraph-scene/99", "newer")])
def test_a_folder_of_another_format_says_which(built: bpy.types.Scene, format: str, word: str) -> None:
    _rewrite(built, format)
    assert f"from a{'n' if word == 'older' else ''} {word} version" in _only(built).message


def test_an_older_folder_can_be_built_again(built: bpy.types.Scene) -> None:
    _rewrite(built, "cinemagraph-scene/1")
    _press(_only(built), "Rebuild Scene")
    assert _messages(built) == []


def test_a_damaged_description_is_said(built: bpy.types.Scene) -> None:
    (_folder(built) / "scene.json").write_text("{")
    assert "cannot be read" in _only(built).message


def test_a_missing_backend_leads_to_the_preferences(built: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CINEMAGRAPH_BACKEND_PYTHON", "/nowhere/python")
    assert [remedy.operator for remedy in _only(built).remedies] == ["preferences.addon_show"]


def test_a_backend_of_another_version_is_said(built: bpy.types.Scene, use_backend: Callable[[str], None]) -> None:
    use_backend("other_version")
    with pytest.raises(RuntimeError, match="protocol 99"):
        bpy.ops.cinemagraph.test_backend()
    assert "of another version" in _only(built).message


def _other_size(scene: bpy.types.Scene) -> None:
    scene.render.resolution_x, scene.render.resolution_percentage = 200, 50


def _longer_range(scene: bpy.types.Scene) -> None:
    scene.frame_end = 100


def _every_second_frame(scene: bpy.types.Scene) -> None:
    scene.frame_step = 2


def _orthographic(scene: bpy.types.Scene) -> None:
    scene.camera.data.type = "ORTHO"


def _panoramic(scene: bpy.types.Scene) -> None:
    scene.camera.data.type = "PANO"


def _no_camera(scene: bpy.types.Scene) -> None:
    scene.camera = None


def _filmic(scene: bpy.types.Scene) -> None:
    scene.view_settings.view_transform = "AgX"


def _no_ids(scene: bpy.types.Scene) -> None:
    mesh = bpy.data.objects["Layer 1 (far)"].data
    mesh.attributes.remove(mesh.attributes["point_id"])


def _doubled(scene: bpy.types.Scene) -> None:
    mesh = bmesh.new()
    mesh.from_mesh(bpy.data.objects["Layer 1 (far)"].data)
    bmesh.ops.duplicate(mesh, geom=mesh.verts[:7])
    mesh.to_mesh(bpy.data.objects["Layer 1 (far)"].data)
    mesh.free()


def _deleted(scene: bpy.types.Scene) -> None:
    mesh = bmesh.new()
    mesh.from_mesh(bpy.data.objects["Layer 1 (far)"].data)
    bmesh.ops.delete(mesh, geom=mesh.verts[:7], context="VERTS")
    mesh.to_mesh(bpy.data.objects["Layer 1 (far)"].data)
    mesh.free()


def _all_hidden(scene: bpy.types.Scene) -> None:
    for name in ("Layer 0 (near)", "Layer 1 (far)"):
        bpy.data.objects[name].hide_set(True)


def _deformed_and_thinned(scene: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 1 (far)"].modifiers.new("Wave", "WAVE")
    scene.cinemagraph.preview.density = 0.5


def _deformed_under_a_relief(scene: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 1 (far)"].modifiers.new("Wave", "WAVE")
    scene.cinemagraph.preview.display = "RELIEF"


_WRONG = [
    (_all_hidden, Level.WARNING, "All layers are hidden", "Show Layers"),
    (_deformed_and_thinned, Level.INFO, "'Layer 1 (far)' is deformed", "Show All Points"),
    (_deformed_under_a_relief, Level.INFO, "'Layer 1 (far)' is deformed", "Show Points"),
    (_other_size, Level.WARNING, "rendered at 100 x 32", "Use Photo Size"),
    (_longer_range, Level.WARNING, "has 100 frames, the loop 60", "Set Frame Range"),
    (_every_second_frame, Level.WARNING, "frame step of 2", "Set Frame Range"),
    (_orthographic, Level.ERROR, "not a perspective camera", "Use Perspective"),
    (_panoramic, Level.ERROR, "not a perspective camera", "Use Perspective"),
    (_no_camera, Level.ERROR, "has no camera", "Use Photo Camera"),
    (_no_camera, Level.ERROR, "has no camera", "Add Camera"),
    (_filmic, Level.WARNING, "colors differ", "Match Photo Colors"),
    (_no_ids, Level.ERROR, "have lost the attribute", "Restore Points"),
    (_doubled, Level.WARNING, "7 points of 'Layer 1 (far)' are copies", "Restore Points"),
    (_deleted, Level.INFO, "7 points of 'Layer 1 (far)' were deleted", "Restore Points"),
]


@pytest.mark.parametrize(("change", "level", "message", "remedy"), _WRONG)
def test_what_does_not_fit_is_said(
    built: bpy.types.Scene, change: Change, level: Level, message: str, remedy: str
) -> None:
    change(built)
    notice = _only(built)
    assert (notice.level, message in notice.message) == (level, True), notice.message


@pytest.mark.parametrize(("change", "level", "message", "remedy"), _WRONG)
def test_the_way_out_leads_out(built: bpy.types.Scene, change: Change, level: Level, message: str, remedy: str) -> None:
    change(built)
    _press(_only(built), remedy)
    assert _messages(built) == []


def test_a_video_of_odd_size_is_said_and_made_even(built: bpy.types.Scene, tmp_path: Path) -> None:
    write_frames_to(built, str(tmp_path / "loop.mp4"), "mp4")
    built.render.resolution_y = 65
    _press(scene_notices(built)[0], "Use Even Size")
    assert (built.render.resolution_x, built.render.resolution_y) == (96, 66)


def test_another_size_of_the_same_shape_is_no_warning(built: bpy.types.Scene) -> None:
    built.render.resolution_percentage = 200
    assert _only(built).level is Level.INFO


def test_two_loops_are_whole_loops(built: bpy.types.Scene) -> None:
    built.frame_end = 120
    assert _messages(built) == []


def test_the_frame_range_can_hold_several_loops(built: bpy.types.Scene) -> None:
    built.frame_start = 11
    bpy.ops.cinemagraph.fit_frame_range(loops=3)
    assert (built.frame_start, built.frame_end) == (11, 190)


def test_restored_points_stand_where_they_were_built(built: bpy.types.Scene) -> None:
    obj = bpy.data.objects["Layer 1 (far)"]
    obj.location.x, before = 5, [v.co.copy() for v in obj.data.vertices]
    obj.data.vertices[0].co.x += 3
    bpy.ops.cinemagraph.restore_points(layer=1)
    found = [v.co for v in bpy.data.objects["Layer 1 (far)"].data.vertices]
    assert (np.allclose(found, before), obj.location.x) == (True, 5)


def test_restoring_points_leaves_no_old_mesh(built: bpy.types.Scene) -> None:
    before = sorted(mesh.name for mesh in bpy.data.meshes)
    bpy.ops.cinemagraph.restore_points(layer=1)
    assert sorted(mesh.name for mesh in bpy.data.meshes) == before


def test_a_layer_that_was_deleted_cannot_be_restored(built: bpy.types.Scene) -> None:
    bpy.data.objects.remove(bpy.data.objects["Layer 1 (far)"])
    with pytest.raises(RuntimeError, match="Build the scene again"):
        bpy.ops.cinemagraph.restore_points(layer=1)


def test_looking_at_an_unchanged_scene_reads_no_array(built: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene_notices(built)
    monkeypatch.setattr(np, "load", None)  # a second look that reads would fail
    assert _messages(built) == []
