"""The engine inside Blender's own render pipeline, with the fake backend: it returns the photo."""

import _thread
import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

UseBackend = Callable[[str], None]


def _render(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return np.asarray(Image.open(path.with_suffix(".png")))


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    folder = Path(bpy.path.abspath(scene.cinemagraph.scene_dir))
    return json.loads((folder / "last_request.json").read_text())


def _read_exr(path: Path) -> dict[str, np.ndarray]:
    openexr = pytest.importorskip("OpenEXR")
    parts = openexr.File(str(path), separate_channels=True).parts  # Blender 5.0 and later write one per pass
    return {name: channel.pixels for part in parts for name, channel in part.channels.items()}


def _write_exr(scene: bpy.types.Scene) -> None:
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # 5.0 asks for the medium first
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"


def test_the_photos_view_is_the_photo_to_the_last_bit(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    frame = _render(built, tmp_path / "frame")
    assert np.array_equal(frame[..., :3], np.asarray(Image.open(photo)))


def test_the_photos_camera_is_the_identity(built: bpy.types.Scene, tmp_path: Path) -> None:
    _render(built, tmp_path / "frame")
    assert np.allclose(_request(built)["world_to_camera"], np.eye(4).ravel(), atol=1e-6)


def test_the_photos_intrinsics_are_sent(built: bpy.types.Scene, tmp_path: Path) -> None:
    _render(built, tmp_path / "frame")
    assert np.allclose(_request(built)["intrinsics"], [96, 96, 48, 32], atol=1e-4)


@pytest.mark.parametrize(("frame", "expected"), [(1, 0), (18, 17), (60, 59), (61, 0), (0, 59)])
def test_frames_count_from_the_start_of_the_loop(
    built: bpy.types.Scene, tmp_path: Path, frame: int, expected: int
) -> None:
    built.frame_set(frame)
    _render(built, tmp_path / "frame")
    assert (_request(built)["frame"], _request(built)["num_frames"]) == (expected, 60)


def test_a_part_of_the_frames_is_the_same_part_of_the_loop(built: bpy.types.Scene, tmp_path: Path) -> None:
    # As render farms do with `blender -b file.blend -s 21 -e 40 -a`.
    built.frame_start, built.frame_end = 21, 40
    built.frame_set(21)
    _render(built, tmp_path / "frame")
    assert _request(built)["frame"] == 20


def test_the_loop_begins_where_it_is_told_to(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.loop_start = 101
    built.frame_set(103)
    _render(built, tmp_path / "frame")
    assert _request(built)["frame"] == 2


def test_a_moved_root_with_its_camera_is_the_same_picture(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.location = (3, 2, 1)
    built.cinemagraph.root.rotation_euler = (0.4, 0.3, 0.2)
    _render(built, tmp_path / "frame")
    assert np.allclose(_request(built)["world_to_camera"], np.eye(4).ravel(), atol=1e-5)


def test_a_hidden_layer_is_left_out(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects["Layer 1 (far)"].hide_render = True
    _render(built, tmp_path / "frame")
    assert _request(built)["hidden_layers"] == [1]


def test_a_layer_with_animated_hiding_is_left_out_only_then(built: bpy.types.Scene, tmp_path: Path) -> None:
    layer = bpy.data.objects["Layer 0 (near)"]
    for frame, hidden in ((1, False), (10, True)):
        layer.hide_render = hidden
        layer.keyframe_insert("hide_render", frame=frame)
    seen = []
    for frame in (1, 10):
        built.frame_set(frame)
        _render(built, tmp_path / "frame")
        seen.append(_request(built)["hidden_layers"])
    assert seen == [[], [0]]


def test_a_deleted_layer_is_left_out(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects.remove(bpy.data.objects["Layer 0 (near)"])
    _render(built, tmp_path / "frame")
    assert _request(built)["hidden_layers"] == [0]


def test_an_excluded_collection_hides_all_layers(built: bpy.types.Scene, tmp_path: Path) -> None:
    camera = built.cinemagraph.photo_camera
    built.collection.objects.link(camera)
    built.view_layers[0].layer_collection.children["Cinemagraph"].exclude = True
    _render(built, tmp_path / "frame")
    assert _request(built)["hidden_layers"] == [0, 1]


def test_a_cropped_border_is_that_part_of_the_photo(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    _set_border(built, crop=True)
    frame = _render(built, tmp_path / "frame")
    assert np.array_equal(frame[..., :3], np.asarray(Image.open(photo))[16:48, 24:72])


def test_a_border_leaves_the_rest_black(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    _set_border(built, crop=False)
    frame = _render(built, tmp_path / "frame")
    expected = np.zeros((64, 96, 3), np.uint8)
    expected[16:48, 24:72] = np.asarray(Image.open(photo))[16:48, 24:72]
    assert np.array_equal(frame[..., :3], expected)


def _set_border(scene: bpy.types.Scene, *, crop: bool) -> None:
    """The middle half of the frame, in both directions."""
    render = scene.render
    render.use_border, render.use_crop_to_border = True, crop
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = 0.25, 0.75, 0.25, 0.75


def test_depth_is_in_blender_units(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.scale = (3, 3, 3)
    built.view_layers[0].use_pass_z = True
    _write_exr(built)
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    depth = next(values for name, values in _read_exr(tmp_path / "frame.exr").items() if "Depth" in name)
    assert depth[5, 5] == pytest.approx(6.0)


def test_depth_of_nothing_is_blenders_background(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.view_layers[0].use_pass_z = True
    _write_exr(built)
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    depth = next(values for name, values in _read_exr(tmp_path / "frame.exr").items() if "Depth" in name)
    assert depth[0, 0] == pytest.approx(1e10)


def test_a_transparent_film_carries_alpha(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.render.film_transparent = True
    built.render.image_settings.color_mode = "RGBA"
    assert _render(built, tmp_path / "frame")[0, 0, 3] == 128


def test_an_opaque_film_has_no_holes(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.render.image_settings.color_mode = "RGBA"
    assert _render(built, tmp_path / "frame")[..., 3].min() == 255


def test_statistics_name_holes_and_points(built: bpy.types.Scene, tmp_path: Path) -> None:
    seen = []
    handler = lambda text, *_: seen.append(text)  # noqa: E731
    bpy.app.handlers.render_stats.append(handler)
    _render(built, tmp_path / "frame")
    bpy.app.handlers.render_stats.remove(handler)
    assert any("Holes 1.23%" in text and "Points 12,345" in text for text in seen)


@pytest.mark.parametrize(
    ("mode", "message"),
    [("full_disk", r"The disk is full\. Make some room"), ("crash", "stopped unexpectedly"), ("garbage", "unexpected")],
)
def test_a_backend_failure_stops_the_render(
    built: bpy.types.Scene, tmp_path: Path, use_backend: UseBackend, mode: str, message: str
) -> None:
    use_backend(mode)
    with pytest.raises(RuntimeError, match=message):
        _render(built, tmp_path / "frame")


def test_a_failed_render_writes_no_file(built: bpy.types.Scene, tmp_path: Path, use_backend: UseBackend) -> None:
    use_backend("full_disk")
    with pytest.raises(RuntimeError):
        _render(built, tmp_path / "frame")
    assert list(tmp_path.glob("frame*")) == []


def test_ctrl_c_stops_the_render_and_writes_no_file(
    built: bpy.types.Scene, tmp_path: Path, use_backend: UseBackend
) -> None:
    use_backend("silent")
    presses = []

    def press(text: str, *_: object) -> None:
        if "Waiting" in text and not presses:  # the backend is at work: press Ctrl-C a moment later
            presses.append(threading.Timer(0.1, _thread.interrupt_main))
            presses[0].start()

    bpy.app.handlers.render_stats.append(press)
    try:
        with pytest.raises(RuntimeError, match="The render was stopped"):
            _render(built, tmp_path / "frame")
    finally:
        bpy.app.handlers.render_stats.remove(press)
    assert list(tmp_path.glob("frame*")) == []


def test_a_missing_backend_stops_an_animation_at_its_first_frame(
    built: bpy.types.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CINEMAGRAPH_BACKEND_PYTHON", "/nowhere/python")
    built.render.filepath = str(tmp_path / "frame")
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.render.render(animation=True)
    assert list(tmp_path.glob("frame*")) == []


def test_a_scene_folder_that_is_gone_is_an_error(built: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "photo.cinemagraph").rename(tmp_path / "moved")
    with pytest.raises(RuntimeError, match="missing or empty"):
        _render(built, tmp_path / "frame")


def test_a_scene_that_was_never_built_is_an_error(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.render.engine = "CINEMAGRAPH"
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    with pytest.raises(RuntimeError, match="not built yet"):
        _render(scene, tmp_path / "frame")


def test_an_orthographic_camera_is_an_error(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.camera.data.type = "ORTHO"
    with pytest.raises(RuntimeError, match="not a perspective camera"):
        _render(built, tmp_path / "frame")


def test_the_engine_leaves_no_arrays(built: bpy.types.Scene, tmp_path: Path) -> None:
    from cinemagraph.cinemagraph_addon import backend_process

    _render(built, tmp_path / "frame")
    assert list(backend_process.running_client().folder.iterdir()) == []
