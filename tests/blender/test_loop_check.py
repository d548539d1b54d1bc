"""Whether the loop closes: named paths, hand-made ones, parents, constraints, lenses, and cameras on markers."""

import math

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.camera_animation import animation_curves  # noqa: E402
from cinemagraph.cinemagraph_addon.loop_seam import camera_at  # noqa: E402
from cinemagraph.ml_backend.camera_paths import PATHS  # noqa: E402


def _check(scene: bpy.types.Scene) -> str:
    bpy.ops.cinemagraph.check_loop()
    return scene.cinemagraph.camera.loop_state


@pytest.fixture
def camera(built: bpy.types.Scene) -> bpy.types.Object:
    """A camera at the photo's view, without keys."""
    bpy.ops.cinemagraph.add_camera(path="static")
    camera = built.camera
    for owner in (camera, camera.data):
        owner.animation_data_clear()
    return camera


def _key(owner: bpy.types.ID, channel: str, values: dict[int, object], interpolation: str = "BEZIER") -> None:
    for frame, value in values.items():
        setattr(owner, channel, value)
        owner.keyframe_insert(channel, frame=frame)
    for curve in animation_curves(owner):
        for point in curve.keyframe_points:
            point.interpolation = interpolation


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_closed(built: bpy.types.Scene, path: str) -> None:
    built.render.resolution_x, built.render.resolution_y = 1920, 1280
    bpy.ops.cinemagraph.add_camera(path=path)
    assert _check(built) == "CLOSED"


def test_a_camera_that_flies_away_is_open(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {1: (0, 0, 0), 61: (0.5, 0, 0)})
    assert _check(built) == "OPEN"


def test_the_seam_is_as_big_as_the_nearest_things_move(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {1: (0, 0, 0), 61: (0.25, 0, 0)})
    _check(built)
    # All of the relief is at depth 1, and the focal length is 96 px.
    assert built.cinemagraph.camera.loop_seam_px == pytest.approx(24.0, abs=1e-3)


def test_a_longer_lens_at_the_end_is_open(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera.data, "lens", {1: 36.0, 61: 40.0})
    assert _check(built) == "OPEN"


def test_an_animated_shift_is_open(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera.data, "shift_x", {1: 0.0, 61: 0.1})
    _check(built)
    assert built.cinemagraph.camera.loop_seam_px == pytest.approx(9.6, abs=1e-3)


def test_a_moving_parent_is_open(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    crane = bpy.data.objects.new("Crane", None)
    built.collection.objects.link(crane)
    camera.parent = crane
    _key(crane, "location", {1: (0, 0, 0), 61: (0, 0, 0.2)})
    assert _check(built) == "OPEN"


def test_a_root_that_carries_its_camera_is_closed(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(built.cinemagraph.root, "location", {1: (0, 0, 0), 61: (9, 0, 0)})
    assert _check(built) == "CLOSED"


def test_a_camera_once_around_a_curve_is_closed(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    bpy.ops.curve.primitive_bezier_circle_add(radius=0.1)
    circle = bpy.context.object
    follow = camera.constraints.new("FOLLOW_PATH")
    follow.target = circle
    circle.data.path_duration = 60
    _key(circle.data, "eval_time", {1: 0.0, 61: 60.0}, "LINEAR")
    assert _check(built) == "CLOSED"


def test_a_camera_half_around_a_curve_is_open(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    bpy.ops.curve.primitive_bezier_circle_add(radius=0.1)
    circle = bpy.context.object
    camera.constraints.new("FOLLOW_PATH").target = circle
    circle.data.path_duration = 60
    _key(circle.data, "eval_time", {1: 0.0, 61: 30.0}, "LINEAR")
    assert _check(built) == "OPEN"


def test_a_camera_that_bounces_is_kinked(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {1: (0, 0, 0), 31: (0.6, 0, 0), 61: (0, 0, 0)}, "LINEAR")
    assert _check(built) == "KINKED"


def test_the_kick_is_the_change_of_speed(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {1: (0, 0, 0), 31: (0.6, 0, 0), 61: (0, 0, 0)}, "LINEAR")
    _check(built)
    # 0.02 a frame away, then 0.02 a frame back, at 96 px.
    assert built.cinemagraph.camera.loop_kick_px == pytest.approx(2 * 0.02 * 96, rel=0.01)


def test_a_closed_path_without_modifiers_is_closed(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    for curve in animation_curves(built.camera):
        curve.modifiers.remove(curve.modifiers[0])
    assert _check(built) == "CLOSED"


def test_a_range_of_two_loops_is_checked_as_a_whole(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    built.frame_end = 120
    _key(camera, "location", {1: (0, 0, 0), 61: (0.5, 0, 0), 121: (0, 0, 0)})
    assert _check(built) == "CLOSED"


def test_the_current_frame_stays(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="side")
    built.frame_set(17, subframe=0.5)
    before = built.camera.matrix_world.copy()
    _check(built)
    assert (built.frame_current, built.frame_subframe) == (17, 0.5)
    assert built.camera.matrix_world == before


def test_two_cameras_on_markers_end_with_a_cut(built: bpy.types.Scene) -> None:
    _two_cameras(built, (1, 31))
    assert _check(built) == "CUT"


def test_the_first_camera_again_at_the_end_must_return(built: bpy.types.Scene) -> None:
    first, _ = _two_cameras(built, (1, 21))
    built.timeline_markers.new("again", frame=41).camera = first
    first.animation_data_clear()
    _key(first, "location", {1: (0, 0, 0), 61: (1, 0, 0)})
    assert _check(built) == "OPEN"


def test_the_scenes_camera_stays_with_markers(built: bpy.types.Scene) -> None:
    _two_cameras(built, (1, 31))
    built.camera = built.cinemagraph.photo_camera
    _check(built)
    assert built.camera == built.cinemagraph.photo_camera


@pytest.mark.parametrize("frame", [-5, 1, 30, 31, 99])
def test_the_camera_of_a_frame_is_blenders(built: bpy.types.Scene, frame: int) -> None:
    _two_cameras(built, (1, 31))
    built.frame_set(frame)
    assert camera_at(built, frame) == built.camera


def _two_cameras(scene: bpy.types.Scene, frames: tuple[int, int]) -> list[bpy.types.Object]:
    cameras = []
    for path, frame in zip(("circle", "side"), frames, strict=True):
        bpy.ops.cinemagraph.add_camera(path=path)
        scene.timeline_markers.new(path, frame=frame).camera = scene.camera
        cameras.append(scene.camera)
    return cameras


def test_an_open_path_is_closed_by_make_cyclic(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {1: (0, 0, 0), 31: (0.3, 0, 0), 90: (0.5, 0, 0)})
    bpy.ops.cinemagraph.make_cyclic()
    assert built.cinemagraph.camera.loop_state == "CLOSED"


def test_make_cyclic_keeps_the_keys_inside_the_loop(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "location", {-9: (1, 1, 1), 1: (0, 0, 0), 31: (0.3, 0, 0), 90: (0.5, 0, 0)})
    bpy.ops.cinemagraph.make_cyclic()
    curve = animation_curves(camera)[0]
    assert [tuple(point.co) for point in curve.keyframe_points] == [(1, 0), (31, pytest.approx(0.3)), (61, 0)]


def test_a_camera_without_keys_cannot_be_made_cyclic(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    with pytest.raises(RuntimeError, match="no keys of its own"):
        bpy.ops.cinemagraph.make_cyclic()


def test_the_frame_range_is_set_to_the_loop(built: bpy.types.Scene) -> None:
    built.frame_start, built.frame_end = 10, 250
    bpy.ops.cinemagraph.fit_frame_range()
    assert (built.frame_start, built.frame_end) == (10, 69)


def test_an_orthographic_camera_cannot_be_checked(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    camera.data.type = "ORTHO"
    with pytest.raises(RuntimeError, match="not a perspective camera"):
        bpy.ops.cinemagraph.check_loop()


def test_a_turn_by_a_whole_circle_is_closed(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    _key(camera, "rotation_euler", {1: (math.pi / 2, 0, 0), 61: (math.pi / 2, math.tau, 0)}, "LINEAR")
    assert _check(built) == "CLOSED"


def test_a_loop_that_starts_later_is_checked_there(built: bpy.types.Scene, camera: bpy.types.Object) -> None:
    built.cinemagraph.loop_start, built.frame_end = 21, 250  # no whole loops: the loop itself counts
    _key(camera, "location", {21: (0, 0, 0), 51: (1, 0, 0), 81: (0, 0, 0)})
    assert _check(built) == "CLOSED"


def test_a_range_of_whole_loops_from_the_middle_of_one_is_checked_as_it_is_seen(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    built.frame_start, built.frame_end = 31, 150
    assert _check(built) == "CLOSED"
