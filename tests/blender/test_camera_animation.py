"""Cameras on named paths: ordinary keyframes, closed and cyclic."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.camera_animation import animation_curves  # noqa: E402
from cinemagraph.cinemagraph_addon.coordinates import camera_opencv_to_blender  # noqa: E402
from cinemagraph.ml_backend.camera_paths import PATHS, camera_offset, camera_to_world  # noqa: E402

_FOCUS = 1.2  # all of the fake backend's relief is at depth 1; nothing nearer than this is looked at


def _curves(camera: bpy.types.Object) -> list[bpy.types.FCurve]:
    return [*animation_curves(camera), *animation_curves(camera.data)]


def _state(scene: bpy.types.Scene, frame: int) -> np.ndarray:
    scene.frame_set(frame)
    return np.append(np.array(scene.camera.matrix_world).ravel(), scene.camera.data.lens)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_closes(built: bpy.types.Scene, path: str) -> None:
    bpy.ops.cinemagraph.add_camera(path=path)
    assert np.array_equal(_state(built, 1), _state(built, 61))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_starts_at_the_photo(built: bpy.types.Scene, path: str) -> None:
    photo_view = _state(built, 1)
    bpy.ops.cinemagraph.add_camera(path=path)
    assert np.allclose(_state(built, 1), photo_view, atol=1e-6)


@pytest.mark.parametrize("path", ["orbit", "dolly-zoom", "handheld"])
def test_the_camera_is_where_the_formula_says(built: bpy.types.Scene, path: str) -> None:
    bpy.ops.cinemagraph.add_camera(path=path, amplitude=1.5)
    offset = camera_offset(path, 17 / 60, 1.5, _FOCUS)
    expected = camera_opencv_to_blender(np.array(camera_to_world(offset)).reshape(4, 4))
    assert np.allclose(_state(built, 18), [*expected.ravel(), 36.0 * offset.focal_scale], atol=1e-5)


def test_keys_are_ordinary_ones_on_location_rotation_and_lens(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    paths = sorted({curve.data_path for curve in _curves(built.camera)})
    assert paths == ["lens", "location", "rotation_euler"]


def test_spaced_keys_end_on_the_loops_end(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle", key_spacing=25)
    frames = [point.co.x for point in _curves(built.camera)[0].keyframe_points]
    assert frames == [1, 26, 51, 61]


def test_every_curve_is_cyclic(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    assert {modifier.type for curve in _curves(built.camera) for modifier in curve.modifiers} == {"CYCLES"}


def test_the_second_loop_equals_the_first(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    assert np.allclose(_state(built, 85), _state(built, 25), atol=1e-6)


def test_the_new_camera_is_active_and_selected(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="spiral")
    assert [obj.name for obj in bpy.context.selected_objects] == ["Camera Spiral"]


def test_a_bare_call_follows_the_scenes_settings(built: bpy.types.Scene) -> None:
    built.cinemagraph.camera.path = "side"
    bpy.ops.cinemagraph.add_camera()
    assert built.camera.name == "Camera Side to Side"


def test_an_amplitude_that_no_camera_can_follow_is_an_error(built: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="dolly zoom"):
        bpy.ops.cinemagraph.add_camera(path="dolly-zoom", amplitude=9.0)


def test_after_an_error_no_camera_is_left(built: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError):
        bpy.ops.cinemagraph.add_camera(path="dolly-zoom", amplitude=9.0)
    assert len(bpy.data.cameras) == 1


def test_a_camera_needs_a_built_scene(scene: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="Build the scene first"):
        bpy.ops.cinemagraph.add_camera()


def test_no_turn_by_a_whole_circle_between_two_keys(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="orbit")
    for curve in animation_curves(built.camera):
        values = [point.co.y for point in curve.keyframe_points]
        assert max(abs(a - b) for a, b in pairwise(values)) < math.pi


def test_the_path_grows_with_the_depth_of_the_photo(built: bpy.types.Scene, tmp_path: Path) -> None:
    relief = tmp_path / "photo.cinemagraph" / "relief" / "positions.npy"
    np.save(relief, 5 * np.load(relief))  # a metric depth map: the nearest thing is 5 m away
    bpy.ops.cinemagraph.add_camera(path="zoom-in")
    assert _place(built, 31)[1] == pytest.approx(5 * 0.24, abs=1e-5)


def test_two_loops_follow_the_path_twice(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle", loops=2)
    assert np.allclose(_state(built, 41), _state(built, 11), atol=1e-6)
    assert not np.allclose(_state(built, 31), _state(built, 16), atol=1e-3)


@pytest.mark.parametrize("ease", ["none", "gentle", "rest"])
def test_an_eased_path_closes_too(built: bpy.types.Scene, ease: str) -> None:
    bpy.ops.cinemagraph.add_camera(path="side", ease=ease, loops=3)
    assert np.array_equal(_state(built, 1), _state(built, 61))


def test_a_camera_at_rest_at_the_photo_starts_slowly(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="side")
    step = _place(built, 2)[0]
    bpy.ops.cinemagraph.add_camera(path="side", ease="rest")
    assert _place(built, 2)[0] < 0.01 * step


def _place(scene: bpy.types.Scene, frame: int) -> tuple[float, float, float]:
    scene.frame_set(frame)
    return tuple(scene.camera.matrix_world.translation)


def test_adding_a_camera_keeps_the_earlier_one(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    first = built.camera
    before = _state(built, 18)
    bpy.ops.cinemagraph.add_camera(path="side")
    built.camera = first
    assert np.array_equal(_state(built, 18), before)


def test_another_path_replaces_the_keys(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="dolly-zoom")
    camera = built.camera
    bpy.ops.cinemagraph.apply_camera_path(path="orbit", amplitude=1.5)
    replaced = _state(built, 18)
    bpy.ops.cinemagraph.add_camera(path="orbit", amplitude=1.5)
    assert camera != built.camera
    assert np.allclose(replaced, _state(built, 18), atol=1e-6)


def test_a_path_applied_to_a_turned_camera_starts_at_the_photo(built: bpy.types.Scene) -> None:
    photo_view = _state(built, 1)
    camera = _own_camera(built)
    camera.location, camera.rotation_euler, camera.data.lens = (3, 2, 1), (1, 2, 3), 85
    camera.keyframe_insert("location", frame=7)
    bpy.ops.cinemagraph.apply_camera_path(path="circle")
    assert np.allclose(_state(built, 1), photo_view, atol=1e-6)


def test_another_path_can_be_undone(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="side")
    before = _state(built, 18)
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.cinemagraph.apply_camera_path(path="zoom-in")
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert np.array_equal(_state(bpy.context.scene, 18), before)


def test_a_path_that_fails_changes_nothing(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="side")
    before = _state(built, 18)
    with pytest.raises(RuntimeError, match="dolly zoom"):
        bpy.ops.cinemagraph.apply_camera_path(path="dolly-zoom", amplitude=9.0)
    assert np.array_equal(_state(built, 18), before)


def test_a_camera_on_a_crane_is_not_taken_off_it(built: bpy.types.Scene) -> None:
    crane = bpy.data.objects.new("Crane", None)
    built.collection.objects.link(crane)
    _own_camera(built).parent = crane
    with pytest.raises(RuntimeError, match="moves with 'Crane'"):
        bpy.ops.cinemagraph.apply_camera_path(path="side")


def test_the_photos_camera_stays(built: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="stays where it is"):
        bpy.ops.cinemagraph.apply_camera_path(path="side")


def _own_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    camera = bpy.data.objects.new("Mine", bpy.data.cameras.new("Mine"))
    scene.collection.objects.link(camera)
    bpy.context.view_layer.objects.active = camera
    return camera
