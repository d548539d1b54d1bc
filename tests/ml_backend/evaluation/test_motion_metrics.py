import numpy as np
import pytest

from ml_backend.evaluation.motion_metrics import measure_motion, sample_arrows

_MASK = np.zeros((20, 30), bool)
_MASK[4:16, 5:25] = True


def _flow(x: float, y: float) -> np.ndarray:
    return np.where(_MASK[..., None], np.array([x, y], np.float32), np.float32(0))


def _uniform(mask: np.ndarray, speed: float) -> np.ndarray:
    return np.where(mask[..., None], np.full(2, speed, np.float32), np.float32(0))


def test_right_angle_of_equal_speed_is_the_diagonal_away() -> None:
    measures = measure_motion(_flow(0, 2), _flow(2, 0), _MASK)

    assert measures.endpoint_error == pytest.approx(2 * np.sqrt(2))
    assert measures.relative_error == pytest.approx(np.sqrt(2))
    assert measures.angle == pytest.approx(90.0)


def test_standing_still_misses_all_speed_and_has_no_direction() -> None:
    measures = measure_motion(_flow(0, 0), _flow(3, 4), _MASK)

    assert measures.endpoint_error == pytest.approx(5.0)
    assert measures.angle == pytest.approx(90.0)


def test_motion_outside_the_mask_does_not_count() -> None:
    found = _flow(1, 0)
    found[~_MASK] = 9.0

    assert measure_motion(found, _flow(1, 0), _MASK).endpoint_error == 0.0


def test_empty_mask_has_no_value() -> None:
    assert measure_motion(_flow(1, 0), _flow(1, 0), np.zeros_like(_MASK)).endpoint_error is None


def test_first_arrow_starts_deepest_in_the_fluid() -> None:
    mask = np.zeros((15, 15), bool)
    mask[3:12, 3:12] = True
    hints = sample_arrows(_uniform(mask, 1.5), mask, 1)

    assert hints.starts.tolist() == [[7.5, 7.5]]
    assert hints.vectors.tolist() == [[1.5, 1.5]]


def test_arrows_are_spread_and_start_in_the_fluid() -> None:
    starts = sample_arrows(_flow(1, 0), _MASK, 3).starts.numpy()
    rows, cols = (starts[:, 1] - 0.5).astype(int), (starts[:, 0] - 0.5).astype(int)
    nearest = min(np.linalg.norm(starts[i] - starts[j]) for i in range(3) for j in range(i))

    assert _MASK[rows, cols].all()
    assert nearest > 5


def test_fluid_of_one_pixel_gets_one_arrow() -> None:
    mask = np.zeros((9, 9), bool)
    mask[4, 4] = True

    assert len(sample_arrows(_uniform(mask, 1.0), mask, 5).starts) == 1


def test_still_fluid_gets_no_arrow() -> None:
    assert len(sample_arrows(np.zeros((20, 30, 2), np.float32), _MASK, 3).starts) == 0
