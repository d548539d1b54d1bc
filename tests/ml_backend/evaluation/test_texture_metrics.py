import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ml_backend.evaluation.texture_metrics import measure_texture, patch_distance, relative_sharpness

_ALL = np.ones((64, 96), bool)


def _waves(seed: int, *, sigma: float = 1.5) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(64, 96))
    smooth = gaussian_filter(noise, sigma, mode="wrap")
    return np.repeat((0.5 + 0.1 * smooth / smooth.std())[..., None], 3, axis=2).astype(np.float32)


def test_photo_is_as_sharp_as_itself() -> None:
    assert relative_sharpness(_waves(0), _waves(0), _ALL) == pytest.approx(1)


def test_double_exposure_of_independent_waves_is_softer_by_the_root_of_two() -> None:
    doubled = (_waves(0) + _waves(1)) / 2

    assert relative_sharpness(doubled, _waves(0), _ALL) == pytest.approx(1 / np.sqrt(2), abs=0.05)


def test_flat_photo_has_no_sharpness_to_keep() -> None:
    assert relative_sharpness(_waves(0), np.full((64, 96, 3), 0.5, np.float32), _ALL) is None


def test_other_waves_of_the_same_kind_are_near() -> None:
    other = patch_distance(_waves(1), _ALL, _waves(0), _ALL)
    blurred = patch_distance(_waves(1, sigma=3.0), _ALL, _waves(0), _ALL)

    assert other is not None
    assert blurred is not None
    assert other < 0.3 * blurred


def test_moved_texture_keeps_its_statistics() -> None:
    moved = np.roll(_waves(0), (7, 11), axis=(0, 1))

    assert patch_distance(moved, _ALL, _waves(0), _ALL) == pytest.approx(0, abs=0.05)


def test_turned_texture_is_another_one() -> None:
    rng = np.random.default_rng(0)
    stripes = np.repeat(np.repeat(rng.random((1, 96, 1)), 64, axis=0), 3, axis=2).astype(np.float32)
    turned = np.repeat(np.repeat(rng.random((64, 1, 1)), 96, axis=1), 3, axis=2).astype(np.float32)

    distance = patch_distance(turned, _ALL, stripes, _ALL)

    assert distance is not None
    assert distance > 0.5


def test_what_lies_outside_the_region_does_not_count() -> None:
    region = np.zeros((64, 96), bool)
    region[:, :48] = True
    half_wrong = _waves(0)
    half_wrong[:, 49:] = 0

    assert patch_distance(half_wrong, region, _waves(0), region) == pytest.approx(0, abs=1e-9)


def test_region_of_a_few_pixels_has_no_distance() -> None:
    region = np.zeros((64, 96), bool)
    region[:6, :6] = True

    assert patch_distance(_waves(0), region, _waves(0), _ALL) is None


def test_strip_tells_its_softest_and_its_sharpest_frame() -> None:
    photo = _waves(0)
    strip = {0: photo, 1: (photo + _waves(1)) / 2, 2: 0.5 + 1.2 * (photo - 0.5)}

    measures = measure_texture(strip, photo, _ALL)

    assert measures.least_sharpness == pytest.approx(1 / np.sqrt(2), abs=0.05)
    assert measures.most_sharpness == pytest.approx(1.2, abs=1e-4)


def test_strip_without_fluid_has_no_measures() -> None:
    measures = measure_texture({0: _waves(0)}, _waves(0), ~_ALL)

    assert (measures.least_sharpness, measures.most_sharpness, measures.patch_distance) == (None, None, None)
