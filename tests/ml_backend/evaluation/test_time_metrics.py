import numpy as np
import pytest

from ml_backend.evaluation.time_metrics import measure_loop, seam_ratio, warping_error

_NO_FLOW = np.zeros((16, 24, 2), np.float32)
_ALL = np.ones((16, 24), bool)


def _picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((16, 24, 3)).astype(np.float32)


def _brightening(num_frames: int) -> dict[int, np.ndarray]:
    """Frames that get brighter by 0.1 each, and so jump back at the seam."""
    return {t: np.full((16, 24, 3), 0.1 * t, np.float32) for t in range(num_frames)}


@pytest.fixture(autouse=True)
def _needs_flip() -> None:
    pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")


def test_still_strip_does_not_flicker_and_has_no_seam() -> None:
    measures = measure_loop(dict.fromkeys(range(4), _picture()), 4, _NO_FLOW, _ALL)

    assert measures.flicker == 0.0
    assert measures.seam_l1 is None


def test_flicker_is_the_mean_change_of_the_still_pixels() -> None:
    strip = _brightening(3)
    still = np.zeros((16, 24), bool)
    still[:4] = True

    # Steps 0.1, 0.1, and 0.2 back at the seam.
    assert measure_loop(strip, 3, _NO_FLOW, still).flicker == pytest.approx(0.4 / 3, abs=1e-6)


def test_flicker_without_still_pixels_has_no_value() -> None:
    assert measure_loop(_brightening(3), 3, _NO_FLOW, ~_ALL).flicker is None


def test_jump_back_is_a_seam_as_many_steps_high() -> None:
    assert measure_loop(_brightening(6), 6, _NO_FLOW, _ALL).seam_l1 == pytest.approx(5.0, rel=1e-5)


def test_even_circle_has_a_seam_of_one_in_flip() -> None:
    frames = [_picture(seed) for seed in range(2)]
    strip = {t: frames[t % 2] for t in range(6)}  # 5 -> 0 differs as 0 -> 1 does

    assert measure_loop(strip, 6, _NO_FLOW, _ALL).seam_flip == pytest.approx(1.0, rel=1e-3)


def test_seam_without_its_last_frame_has_no_value() -> None:
    strip = _brightening(6)
    del strip[5]

    assert measure_loop(strip, 6, _NO_FLOW, _ALL).seam_l1 is None


def test_worst_step_over_the_median_finds_a_jump_inside_the_loop() -> None:
    strip = _brightening(8)
    strip[4] = strip[4] + 0.3
    strip[5] = strip[5] + 0.3
    steps = [0.1, 0.1, 0.1, 0.4, 0.1, 0.2, 0.1, 0.7]

    assert measure_loop(strip, 8, _NO_FLOW, _ALL).worst_l1 == pytest.approx(max(steps) / np.median(steps), rel=1e-4)


def test_picture_carried_by_its_flow_has_no_warping_error() -> None:
    flow = _NO_FLOW.copy()
    flow[..., 0] = 2.0
    frame = _picture()

    assert warping_error(frame, np.roll(frame, 2, axis=1), flow) == pytest.approx(0.0, abs=1e-6)


def test_picture_that_ignores_its_flow_has_a_warping_error() -> None:
    flow = _NO_FLOW.copy()
    flow[..., 0] = 1.0
    ramp = np.repeat(np.arange(24, dtype=np.float32)[None, :, None] * 0.01, 16, axis=0).repeat(3, axis=2)

    assert warping_error(ramp, ramp, flow) == pytest.approx(0.01, abs=1e-5)


def test_still_picture_has_no_warping_error_to_measure() -> None:
    assert warping_error(_picture(), _picture(), _NO_FLOW) is None


def test_seam_ratio_of_one_step_has_no_median() -> None:
    assert seam_ratio({3: 0.5}, 4) is None
