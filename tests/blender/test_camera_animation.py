"""Cameras on named paths: ordinary keyframes, closed and cyclic."""

import math
from itertools import pairwise

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.camera_animation import animation_curves  # noqa: E402
from cinemagraph.cinemagraph_addon.coordinates import camera_opencv_to_blender  # noqa: E402
from cinemagraph.ml_backend.camera_paths import PATHS, camera_offset, camera_to_world  # noqa: E402


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
    offset = camera_offset(path, 17 / 60, 1.5)
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
