"""Named camera paths: they start at the photo, close smoothly, look where they should, and have the promised size."""

import itertools
import math

import numpy as np
import pytest

from ml_backend.camera_paths import EASES, LABELS, PATHS, CameraOffset, camera_offset, camera_to_world, path_phase

NO_OFFSET = CameraOffset((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.0)
LOOKING_PATHS = ("orbit", "arc")


def numbers(name: str, phase: float, **options: float) -> np.ndarray:
    offset = camera_offset(name, phase, **options)
    return np.array([*offset.translation, *offset.rotation, offset.focal_scale])


@pytest.mark.parametrize("name", PATHS)
def test_path_starts_at_the_photo_exactly(name: str) -> None:
    assert camera_offset(name, 0.0) == NO_OFFSET


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("num_frames", [1, 3, 7, 60, 90])
def test_frame_n_is_frame_0_exactly(name: str, num_frames: int) -> None:
    assert camera_offset(name, num_frames / num_frames) == camera_offset(name, 0.0)


@pytest.mark.parametrize("name", PATHS)
def test_path_is_smooth_across_the_wrap(name: str) -> None:
    step = 1e-5
    before = (numbers(name, 1.0) - numbers(name, 1.0 - step)) / step
    after = (numbers(name, step) - numbers(name, 0.0)) / step

    # The two slopes differ by step times the second derivative, which is below 10 for every path.
    np.testing.assert_allclose(before, after, atol=10 * step * 2 * math.pi)


@pytest.mark.parametrize("name", PATHS)
def test_path_never_jumps_between_frames(name: str) -> None:
    frames = np.stack([numbers(name, k / 240) for k in range(241)])

    assert np.abs(np.diff(frames, axis=0)).max() < 0.02


@pytest.mark.parametrize("name", [name for name in PATHS if name != "static"])
def test_path_moves(name: str) -> None:
    assert np.abs(numbers(name, 0.3) - numbers(name, 0.0)).max() > 1e-3


@pytest.mark.parametrize("name", PATHS)
def test_amplitude_zero_stands_still(name: str) -> None:
    assert camera_offset(name, 0.3, amplitude=0.0) == NO_OFFSET


def test_negative_phase_counts_from_the_end() -> None:
    assert camera_offset("side", -0.25) == camera_offset("side", 0.75)


@pytest.mark.parametrize(
    ("name", "phase", "axis", "expected"),
    [
        ("zoom-in", 0.5, 2, 0.24),
        ("side", 0.25, 0, 0.09),
        ("side", 0.75, 0, -0.09),
        ("up-down", 0.25, 1, -0.08),
        ("up-down", 0.75, 1, 0.08),
        ("circle", 0.25, 0, 0.04),
        ("circle", 0.5, 1, -0.08),
        ("circle", 0.5, 2, 0.09),
    ],
)
def test_size_at_amplitude_one_is_the_authors(name: str, phase: float, axis: int, expected: float) -> None:
    assert camera_offset(name, phase).translation[axis] == pytest.approx(expected)


def test_amplitude_scales_the_way() -> None:
    assert camera_offset("side", 0.25, amplitude=3.0).translation[0] == pytest.approx(0.27)


@pytest.mark.parametrize("name", LOOKING_PATHS)
@pytest.mark.parametrize("phase", [0.1, 0.25, 0.4, 0.7])
def test_orbit_and_arc_look_at_the_focus(name: str, phase: float) -> None:
    pose = np.array(camera_to_world(camera_offset(name, phase, focus_depth=3.0))).reshape(4, 4)
    focus = np.linalg.inv(pose) @ [0.0, 0.0, 3.0, 1.0]

    np.testing.assert_allclose(focus, [0.0, 0.0, 3.0, 1.0], atol=1e-12)


@pytest.mark.parametrize("phase", [0.1, 0.5, 0.9])
def test_dolly_zoom_keeps_the_size_of_the_focus_plane(phase: float) -> None:
    offset = camera_offset("dolly-zoom", phase, focus_depth=2.5)

    assert offset.focal_scale / (2.5 - offset.translation[2]) == pytest.approx(1 / 2.5)


def test_only_dolly_zoom_changes_the_lens() -> None:
    changing = [name for name in PATHS if camera_offset(name, 0.3).focal_scale != 1.0]

    assert changing == ["dolly-zoom"]


def test_dolly_zoom_that_would_pass_its_focus_says_how_far_it_may_go() -> None:
    with pytest.raises(ValueError, match=r"below 2\.5"):
        camera_offset("dolly-zoom", 0.0, amplitude=3.0, focus_depth=0.6)


def test_unknown_path_lists_the_names() -> None:
    with pytest.raises(ValueError, match=r"'loop'.*zoom-in.*handheld"):
        camera_offset("loop", 0.0)


@pytest.mark.parametrize(("phase", "amplitude", "focus"), [(math.nan, 1, 2), (0, math.inf, 2), (0, 1, 0), (0, 1, -1)])
def test_impossible_numbers_are_refused(phase: float, amplitude: float, focus: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        camera_offset("side", phase, amplitude, focus)


def test_every_path_has_a_label() -> None:
    assert tuple(LABELS) == PATHS
    assert all(LABELS.values())


def test_pose_without_offset_is_the_identity() -> None:
    assert camera_to_world(NO_OFFSET) == (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("rotation", "forward"),
    [
        ((math.pi / 2, 0.0, 0.0), [0, -1, 0]),  # pitch looks up; y points down
        ((0.0, math.pi / 2, 0.0), [1, 0, 0]),  # yaw looks right
        ((0.0, 0.0, math.pi / 2), [0, 0, 1]),  # roll keeps looking ahead
    ],
)
def test_rotation_turns_the_view(rotation: tuple[float, float, float], forward: list[float]) -> None:
    pose = np.array(camera_to_world(CameraOffset(rotation=rotation))).reshape(4, 4)

    np.testing.assert_allclose(pose[:3, 2], forward, atol=1e-15)


def test_roll_turns_the_camera_clockwise() -> None:
    pose = np.array(camera_to_world(CameraOffset(rotation=(0.0, 0.0, math.pi / 2)))).reshape(4, 4)

    np.testing.assert_allclose(pose[:3, 0], [0, 1, 0], atol=1e-15)  # the camera's right is now the photo's down


def test_pose_is_a_rigid_motion() -> None:
    pose = np.array(camera_to_world(CameraOffset((1.0, 2.0, 3.0), (0.3, -0.7, 1.1)))).reshape(4, 4)

    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
    assert pose[:3, 3].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("ease", EASES)
@pytest.mark.parametrize("loops", [1, 2, 5])
def test_eased_path_ends_a_whole_number_of_turns_later(ease: str, loops: int) -> None:
    assert (path_phase(0.0, loops, ease), path_phase(1.0, loops, ease)) == (0.0, loops)


@pytest.mark.parametrize("ease", EASES)
def test_eased_camera_never_turns_back(ease: str) -> None:
    phases = [path_phase(step / 200, 1, ease) for step in range(-200, 401)]
    assert all(later >= earlier for earlier, later in itertools.pairwise(phases))


@pytest.mark.parametrize(("ease", "speed"), [("none", 3.0), ("gentle", 1.5), ("rest", 0.0)])
def test_ease_sets_the_speed_at_the_photo(ease: str, speed: float) -> None:
    before = (path_phase(1.0, 3, ease) - path_phase(1.0 - 1e-4, 3, ease)) / 1e-4
    after = (path_phase(1e-4, 3, ease) - path_phase(0.0, 3, ease)) / 1e-4
    assert (before, after) == pytest.approx((speed, speed), abs=1e-5)


@pytest.mark.parametrize(("loops", "ease"), [(0, "none"), (1, "bounce")])
def test_path_that_cannot_be_followed_is_refused(loops: int, ease: str) -> None:
    with pytest.raises(ValueError, match="one or more loops"):
        path_phase(0.5, loops, ease)
