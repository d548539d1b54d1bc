import numpy as np
import pytest

from ml_backend.evaluation.depth_metrics import edge_f1, measure_depth

_RAMP = np.linspace(1.0, 5.0, 20 * 30).reshape(20, 30)


def _step(column: int) -> np.ndarray:
    depth = np.full((20, 30), 4.0)
    depth[:, :column] = 1.0
    return depth


def test_depth_is_judged_up_to_scale_and_shift_of_disparity() -> None:
    measures = measure_depth(1 / (3.0 / _RAMP + 0.5), _RAMP)

    assert measures.abs_rel == pytest.approx(0.0, abs=1e-9)
    assert measures.delta_1 == 1.0


def test_flat_guess_is_the_mean_disparity() -> None:
    truth = np.where(np.arange(30) < 15, 1.0, 2.0) * np.ones((20, 1))
    # Disparities 1 and 1/2, so z = 1 / 0.75 everywhere: off by 1/3, and by 1/3 the other way.
    measures = measure_depth(np.full((20, 30), 7.0), truth)

    assert measures.abs_rel == pytest.approx(1 / 3, abs=1e-9)
    assert measures.delta_1 == 0.0


def test_unknown_depth_is_left_out() -> None:
    truth = _RAMP.copy()
    truth[:, 10:] = np.inf

    assert measure_depth(np.where(np.isinf(truth), 1.0, _RAMP), truth).abs_rel == pytest.approx(0.0, abs=1e-9)


def test_depth_without_truth_has_no_value() -> None:
    assert measure_depth(_RAMP, np.full((20, 30), np.inf)).abs_rel is None


def test_edges_in_the_right_place_have_f1_of_one() -> None:
    assert edge_f1(_step(12), _step(12)) == 1.0


def test_edges_two_pixels_off_still_count() -> None:
    assert edge_f1(_step(14), _step(12)) == 1.0


def test_edges_farther_off_do_not_count() -> None:
    assert edge_f1(_step(20), _step(12)) == 0.0


def test_extra_edges_cost_precision() -> None:
    depth = _step(12)
    depth[:, 22:] = 9.0  # as many wrong edge pixels as right ones: precision 1/2, recall 1

    assert edge_f1(depth, _step(12)) == pytest.approx(2 / 3)


def test_truth_without_edges_has_no_f1() -> None:
    assert edge_f1(_step(12), np.full((20, 30), 2.0)) is None
