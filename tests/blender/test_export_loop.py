"""Export Loop: what the scene's camera sees, sent to the backend; the fake one writes the cameras as the video."""

import json
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)


def _export(scene: bpy.types.Scene, path: Path, **options: object) -> dict[str, object]:
    """The cameras.json that the loop was exported along."""
    bpy.ops.cinemagraph.export_loop(filepath=str(path), **options)
    return json.loads(path.read_text())


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    folder = Path(bpy.path.abspath(scene.cinemagraph.scene_dir))
    return json.loads((folder / "last_request.json").read_text())


def _x(cameras: dict[str, object], frame: int) -> float:
    return cameras["frames"][frame]["camera_to_world"][0][3]


@pytest.fixture
def short(built: bpy.types.Scene) -> bpy.types.Scene:
    """A built scene whose loop is 4 frames long, with a camera keyed to move to the right."""
    built.cinemagraph.loop_frames = 4
    built.frame_end = 4
    camera = built.camera
    for frame, x in ((1, 0.0), (5, 0.4)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    curves = camera.animation_data.action
    from cinemagraph.cinemagraph_addon.camera_animation import animation_curves

    assert curves is not None
    for curve in animation_curves(camera):
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"
    return built


def test_each_frame_of_the_loop_has_its_camera(short: bpy.types.Scene, tmp_path: Path) -> None:
    cameras = _export(short, tmp_path / "loop.mp4")
    assert [_x(cameras, frame) for frame in range(4)] == pytest.approx([0.0, 0.1, 0.2, 0.3], abs=1e-5)


def test_the_photos_camera_is_sent_with_the_photos_lens(built: bpy.types.Scene, tmp_path: Path) -> None:
    first = _export(built, tmp_path / "loop.mp4")["frames"][0]
    assert np.allclose(first["intrinsics"], [96, 96, 48, 32], atol=1e-3)


def test_a_moved_root_with_its_camera_changes_nothing(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.location = (3, 2, 1)
    built.cinemagraph.root.scale = (2, 2, 2)
    first = _export(built, tmp_path / "loop.mp4")["frames"][0]
    assert np.allclose(first["camera_to_world"], np.eye(4), atol=1e-5)


def test_camera_markers_are_followed(short: bpy.types.Scene, tmp_path: Path) -> None:
    other = short.camera.copy()
    other.animation_data_clear()
    other.location.x = 9
    short.collection.objects.link(other)
    short.timeline_markers.new("A", frame=1).camera = short.camera
    short.timeline_markers.new("B", frame=3).camera = other
    cameras = _export(short, tmp_path / "loop.mp4")
    assert [_x(cameras, frame) for frame in range(4)] == pytest.approx([0.0, 0.1, 9.0, 9.0], abs=1e-5)


def test_a_constraint_on_the_camera_is_seen(short: bpy.types.Scene, tmp_path: Path) -> None:
    target = bpy.data.objects.new("Target", None)
    short.collection.objects.link(target)
    target.location.x = 7
    short.camera.constraints.new("COPY_LOCATION").target = target
    assert _x(_export(short, tmp_path / "loop.mp4"), 2) == pytest.approx(7.0, abs=1e-5)


def test_the_size_is_that_of_the_render_with_its_percentage(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.render.resolution_percentage = 50
    cameras = _export(built, tmp_path / "loop.mp4")
    assert (cameras["width"], cameras["height"], cameras["frames"][0]["intrinsics"][0]) == (48, 32, pytest.approx(48))


def test_the_current_frame_stays(short: bpy.types.Scene, tmp_path: Path) -> None:
    short.frame_set(37, subframe=0.5)
    _export(short, tmp_path / "loop.mp4")
    assert (short.frame_current, short.frame_subframe) == (37, 0.5)


def test_the_frame_stays_when_the_camera_cannot_be_used(short: bpy.types.Scene, tmp_path: Path) -> None:
    short.frame_set(37)
    short.camera.data.type = "ORTHO"
    with pytest.raises(RuntimeError, match="not a perspective camera"):
        _export(short, tmp_path / "loop.mp4")
    assert short.frame_current == 37


def test_speed_quality_loops_and_ping_pong_are_sent(short: bpy.types.Scene, tmp_path: Path) -> None:
    short.render.fps, short.render.fps_base = 30, 1.5
    short.cinemagraph.render.quality, short.cinemagraph.render.samples = "DRAFT", 2
    _export(short, tmp_path / "loop.gif", loops=3, ping_pong=True)
    sent = _request(short)
    names = ("fps", "quality", "samples", "loops", "ping_pong")
    assert [sent[name] for name in names] == [20.0, "draft", 2, 3, True]


def test_ping_pong_is_off_unless_asked(short: bpy.types.Scene, tmp_path: Path) -> None:
    _export(short, tmp_path / "loop.mp4")
    assert _request(short)["ping_pong"] is False


def test_hidden_layers_are_left_out(short: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects["Layer 1 (far)"].hide_render = True
    _export(short, tmp_path / "loop.mp4")
    assert _request(short)["hidden_layers"] == [1]


def test_layers_of_an_excluded_collection_are_left_out(short: bpy.types.Scene, tmp_path: Path) -> None:
    short.view_layers[0].layer_collection.children["Cinemagraph"].exclude = True
    _export(short, tmp_path / "loop.mp4")
    assert _request(short)["hidden_layers"] == [0, 1]


def test_a_changed_layer_that_is_hidden_is_no_matter(short: bpy.types.Scene, tmp_path: Path) -> None:
    layer = bpy.data.objects["Layer 1 (far)"]
    layer.location.x += 1
    layer.hide_render = True
    assert len(_export(short, tmp_path / "loop.mp4")["frames"]) == 4


def test_a_name_without_ending_gets_that_of_the_format(short: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop"), format="WEBM")
    assert (tmp_path / "loop.webm").is_file()


def test_another_ending_is_refused(short: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"name with \.mp4"):
        bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.avi"))


def test_a_scene_folder_that_is_gone_is_said_first(short: bpy.types.Scene, tmp_path: Path) -> None:
    Path(bpy.path.abspath(short.cinemagraph.scene_dir)).rename(tmp_path / "elsewhere")
    with pytest.raises(RuntimeError, match="is missing or empty"):
        bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.mp4"))


def test_without_a_camera_the_button_says_so(short: bpy.types.Scene, tmp_path: Path) -> None:
    short.camera = None
    with pytest.raises(RuntimeError, match="Add a camera first"):
        bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.mp4"))


def test_the_job_leaves_no_files_behind(short: bpy.types.Scene, tmp_path: Path) -> None:
    from cinemagraph.cinemagraph_addon import backend_process

    _export(short, tmp_path / "loop.mp4")
    assert list(backend_process.running_client().folder.iterdir()) == []
