"""Filters of masks: their shapes, and that no artist waits for them."""

import numpy as np
import pytest
from cinemagraph.cinemagraph_addon import mask_filters
from processor_time import processor_ms

_LONGEST_MS = 50.0


@pytest.fixture
def dots() -> np.ndarray:
    """Grey dots of different values on black, some of them on the border."""
    random = np.random.default_rng(3)
    values = np.where(random.random((40, 60)) < 0.01, random.integers(50, 255, (40, 60)), 0).astype(np.uint8)
    values[0, 0], values[-1, 30], values[20, -1] = 90, 150, 210
    return values


@pytest.fixture(scope="module")
def painted() -> np.ndarray:
    """A mask of a photo's usual working size, with hard edges, soft ones, and noise."""
    values = np.zeros((853, 1280), np.uint8)
    values[200:600, 300:900] = 255
    values[100:150] = np.random.default_rng(3).integers(0, 255, (50, 1280))
    values[700:800] = np.linspace(0, 255, 1280)
    return values


def _octagon(mask: np.ndarray, radius: int) -> np.ndarray:
    """Largest value of a square of round(0.59 radius), then of a diamond of the rest, pixel by pixel."""
    square = round(0.59 * radius)
    for reach, is_diamond in ((square, False), (radius - square, True)):
        grown = np.zeros_like(mask)
        for row, column in np.argwhere(mask):
            for y in range(max(0, row - reach), min(mask.shape[0], row + reach + 1)):
                wide = reach - abs(y - row) if is_diamond else reach
                part = grown[y, max(0, column - wide) : column + wide + 1]
                np.maximum(part, mask[row, column], out=part)
        mask = grown
    return mask


@pytest.mark.parametrize("radius", [1, 2, 3, 4, 8, 15, 16])
def test_white_grows_in_an_octagon(dots: np.ndarray, radius: int) -> None:
    assert np.array_equal(mask_filters.grow(dots, radius), _octagon(dots, radius))


def test_shrinking_is_growing_of_black(dots: np.ndarray) -> None:
    assert np.array_equal(mask_filters.shrink(255 - dots, 7), 255 - mask_filters.grow(dots, 7))


@pytest.mark.parametrize("radius", [1, 4, 9, 40, 500])
def test_feather_is_a_mean_under_a_tent(dots: np.ndarray, radius: int) -> None:
    half = max(1, round(radius / 2))
    box = np.ones(2 * half + 1) / (2 * half + 1)
    tent = np.convolve(box, box)
    expected = np.pad(dots.astype(float), 2 * half, mode="edge")
    for axis in (0, 1):
        expected = np.apply_along_axis(np.convolve, axis, expected, tent, mode="valid")
    assert np.abs(mask_filters.feather(dots, radius) - expected).max() <= 0.6


@pytest.mark.parametrize("radius", [1, 4, 500])
def test_feather_leaves_an_even_mask(radius: int) -> None:
    assert np.unique(mask_filters.feather(np.full((30, 50), 255, np.uint8), radius)).tolist() == [255]


@pytest.mark.parametrize("radius", [4, 50, 500])
@pytest.mark.parametrize("change", [mask_filters.grow, mask_filters.shrink, mask_filters.feather])
def test_filters_are_not_felt(painted: np.ndarray, change: object, radius: int) -> None:
    assert processor_ms(lambda: change(painted, radius)) < _LONGEST_MS
