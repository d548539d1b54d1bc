import numpy as np
import pytest

from ml_backend.evaluation.image_metrics import PSNR_CEILING, flip_map, gradient_energy, mean_inside, psnr, ssim_map

_RNG = np.random.default_rng(0)


def _picture(height: int = 24, width: int = 32) -> np.ndarray:
    return _RNG.random((height, width, 3)).astype(np.float32)


def _wang_ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Eq. (13) of Wang et al. 2004 for one window, unbiased moments."""
    mean_x, mean_y = x.mean(), y.mean()
    covariance = ((x - mean_x) * (y - mean_y)).sum() / (x.size - 1)
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return luminance * (2 * covariance + c2) / (x.var(ddof=1) + y.var(ddof=1) + c2)


def test_psnr_of_an_error_of_a_tenth_is_twenty_decibels() -> None:
    truth = np.full((4, 4, 3), 0.5, np.float32)

    assert psnr(truth + 0.1, truth) == pytest.approx(20.0, abs=1e-3)


def test_psnr_of_equal_pictures_is_the_ceiling() -> None:
    picture = _picture()

    assert psnr(picture, picture) == pytest.approx(PSNR_CEILING)


def test_psnr_counts_only_the_region() -> None:
    truth = np.zeros((4, 4, 3), np.float32)
    picture = truth.copy()
    picture[:2] = 0.1
    picture[2:] = 0.9
    region = np.zeros((4, 4), bool)
    region[:2] = True

    assert psnr(picture, truth, region) == pytest.approx(20.0, abs=1e-3)


def test_region_without_pixels_has_no_value() -> None:
    picture, nothing = _picture(), np.zeros((24, 32), bool)

    assert psnr(picture, picture, nothing) is None
    assert mean_inside(picture[..., 0], nothing) is None
    assert gradient_energy(picture, nothing) is None


def test_ssim_is_the_formula_of_wang() -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    picture, truth = _picture(7, 7), _picture(7, 7)
    expected = np.mean([_wang_ssim(picture[..., c].astype(float), truth[..., c].astype(float)) for c in range(3)])

    assert ssim_map(picture, truth)[3, 3] == pytest.approx(expected, abs=1e-9)


def test_ssim_knows_nothing_where_its_window_leaves_the_picture() -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed")
    known = ~np.isnan(ssim_map(_picture(9, 10), _picture(9, 10)))

    assert known[3:-3, 3:-3].all()
    assert known.sum() == 3 * 4


def test_mean_ssim_is_that_of_scikit_image() -> None:
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    picture, truth = _picture(), _picture()
    expected = metrics.structural_similarity(picture.astype(float), truth.astype(float), channel_axis=-1, data_range=1)

    assert mean_inside(ssim_map(picture, truth)) == pytest.approx(expected, abs=1e-9)


def test_flip_of_equal_pictures_is_zero() -> None:
    pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")
    picture = _picture()

    assert flip_map(picture, picture).max() == 0.0


def test_flip_of_pure_green_and_pure_blue_is_one() -> None:
    # Sec. 4.2 of Andersson et al. 2020: the colour difference is normalised by that of the green and the blue primary.
    pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")
    green, blue = np.zeros((2, 40, 40, 3), np.float32)
    green[..., 1] = blue[..., 2] = 1.0

    assert flip_map(green, blue)[20, 20] == pytest.approx(1.0, abs=2e-3)


def test_flip_has_a_value_for_each_pixel() -> None:
    pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")
    errors = flip_map(_picture(), _picture())

    assert errors.shape == (24, 32)


def test_gradient_energy_of_a_ramp_is_the_square_of_its_slope() -> None:
    ramp = np.repeat(np.arange(8, dtype=np.float32)[None, :, None] * 0.1, 6, axis=0).repeat(3, axis=2)

    assert gradient_energy(ramp) == pytest.approx(0.01, rel=1e-4)


def test_mean_leaves_out_what_is_not_a_number() -> None:
    assert mean_inside(np.array([[1.0, np.nan], [3.0, np.nan]])) == 2.0
