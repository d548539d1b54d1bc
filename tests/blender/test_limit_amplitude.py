"""Measuring views and limiting paths, with the fake backend: a tenth is unknown per unit away from the photo."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

UseBackend = Callable[[str], None]


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    return json.loads((Path(bpy.path.abspath(scene.cinemagraph.scene_dir)) / "last_measure.json").read_text())


def _farthest(scene: bpy.types.Scene) -> float:
    places = []
    for frame in range(1, 61):
        scene.frame_set(frame)
        places.append(scene.camera.matrix_world.translation.length)
    scene.frame_set(1)
    return max(places)


@pytest.fixture
def camera(built: bpy.types.Scene) -> bpy.types.Object:
    """A camera that goes 0.5 into the picture and back, two of a hundred too many for the fake backend."""
    bpy.ops.cinemagraph.add_camera(path="zoom-in", amplitude=0.5 / 0.24)
    built.cinemagraph.camera.max_unknown = 3.0
    return built.camera


def test_the_photos_view_is_known(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.measure_view()
    assert built.cinemagraph.camera.view_unknown == pytest.approx(0.0, abs=1e-4)


def test_a_moved_camera_is_measured_where_it_is(built: bpy.types.Scene) -> None:
    built.camera.location.x = 0.7
    bpy.ops.cinemagraph.measure_view()
    settings = built.cinemagraph.camera
    assert (settings.view_unknown, settings.view_holes) == (pytest.approx(7.0), pytest.approx(3.5))


def test_the_frame_is_the_rendered_one(built: bpy.types.Scene) -> None:
    built.render.resolution_percentage = 50
    bpy.ops.cinemagraph.measure_view()
    assert (_request(built)["width"], _request(built)["height"]) == (48, 32)


def test_hidden_layers_are_not_measured(built: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 1 (far)"].hide_render = True
    bpy.ops.cinemagraph.measure_view()
    assert _request(built)["hidden_layers"] == [1]


def test_a_view_needs_a_camera(built: bpy.types.Scene) -> None:
    built.camera = None
    with pytest.raises(RuntimeError, match="press Add Camera"):
        bpy.ops.cinemagraph.measure_view()


def test_a_path_is_scaled_until_it_is_safe(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    bpy.ops.cinemagraph.limit_amplitude()
    assert 0.3 * 0.98 < _farthest(built) <= 0.3 + 1e-6  # 3 % at a tenth per unit; found to 1 % of the scale


def test_a_scaled_path_still_starts_at_the_photo(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    bpy.ops.cinemagraph.limit_amplitude()
    assert np.allclose(camera.matrix_basis, built.cinemagraph.photo_camera.matrix_basis, atol=1e-6)


def test_a_safe_path_stays(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    built.cinemagraph.camera.max_unknown = 6.0
    bpy.ops.cinemagraph.limit_amplitude()
    assert _farthest(built) == pytest.approx(0.5, abs=1e-5)


def test_what_is_sent_is_what_blender_sees(built: bpy.types.Scene) -> None:
    from cinemagraph.cinemagraph_addon.view_measure import scene_view

    bpy.ops.cinemagraph.add_camera(path="handheld")
    built.camera.data.shift_x = 0.05
    built.camera.data.keyframe_insert("shift_x", frame=1)
    built.cinemagraph.camera.max_unknown = 50.0
    bpy.ops.cinemagraph.limit_amplitude()
    sent = _request(built)
    built.frame_set(1 + 25, subframe=0.0)  # the tenth of 24 samples of 60 frames
    view = scene_view(built, bpy.context.evaluated_depsgraph_get())
    assert np.allclose(sent["world_to_camera"][10], view.world_to_camera.ravel(), atol=1e-5)
    assert np.allclose(sent["intrinsics"][10], view.intrinsics, atol=1e-3)


def test_rotation_lens_and_shift_are_scaled_too(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    camera.data.shift_y, camera.data.lens = 0.2, 48.0
    for frame, angle in ((1, math.pi / 2), (31, math.pi / 2 + 0.5)):
        camera.rotation_euler.x = angle
        camera.keyframe_insert("rotation_euler", frame=frame)
    for curve in _curves(camera.data, "lens"):
        for point in curve.keyframe_points:
            point.co.y = point.handle_left.y = point.handle_right.y = 48.0
    bpy.ops.cinemagraph.limit_amplitude()
    built.frame_set(31)
    scale = camera.data.shift_y / 0.2
    assert 0.55 < scale < 0.61
    assert camera.data.lens == pytest.approx(36 + 12 * scale, abs=1e-4)
    assert camera.rotation_euler.x - math.pi / 2 == pytest.approx(0.5 * scale, abs=1e-5)


def _curves(owner: bpy.types.ID, path: str) -> list[bpy.types.FCurve]:
    from cinemagraph.cinemagraph_addon.camera_animation import animation_curves

    return [curve for curve in animation_curves(owner) if curve.data_path == path]


def test_camera_shake_by_a_noise_modifier_is_scaled_too(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    noise = _curves(camera, "location")[0].modifiers.new("NOISE")
    noise.strength = 0.2
    bpy.ops.cinemagraph.limit_amplitude()
    assert 0.1 < noise.strength < 0.15
    assert _farthest(built) < 0.31


def test_a_camera_on_a_moving_parent_is_not_scaled(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    crane = bpy.data.objects.new("Crane", None)
    built.collection.objects.link(crane)
    crane.location.x = 1.0
    camera.parent = crane
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="Something else than its own keys"):
        bpy.ops.cinemagraph.limit_amplitude()


def test_a_camera_that_tracks_something_is_not_scaled(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    target = bpy.data.objects.new("Target", None)
    built.collection.objects.link(target)
    target.location = (1, 2, 0)
    track = camera.constraints.new("TRACK_TO")
    track.target = target
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="Something else than its own keys"):
        bpy.ops.cinemagraph.limit_amplitude()


def test_the_photos_camera_is_not_scaled(built: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="stays where it is"):
        bpy.ops.cinemagraph.limit_amplitude()


def test_limiting_can_be_undone(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.cinemagraph.limit_amplitude()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert _farthest(bpy.context.scene) == pytest.approx(0.5, abs=1e-5)


def test_a_backend_that_dies_changes_nothing(
    built: bpy.types.Scene, camera: bpy.types.Object, use_backend: UseBackend
) -> None:
    use_backend("crash")
    with pytest.raises(RuntimeError, match="stopped unexpectedly"):
        bpy.ops.cinemagraph.limit_amplitude()
    assert _farthest(built) == pytest.approx(0.5, abs=1e-5)
