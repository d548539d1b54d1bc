import numpy as np
import pytest

from ml_backend.motion.arrows import Arrows
from ml_backend.motion.first_guess import FALLS, SKY, SURFACE, guess_missing, region_kinds
from ml_backend.motion.regions import Regions, find_regions


def _regions(*boxes: tuple[int, int, int, int], height: int = 100, width: int = 640) -> Regions:
    mask = np.zeros((height, width), dtype=np.float32)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = 1
    return find_regions(mask)


def _no_arrows() -> Arrows:
    return Arrows(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, dtype=int))


def test_a_wide_region_at_the_top_is_sky() -> None:
    assert region_kinds(_regions((0, 0, 640, 40))).tolist() == [SKY]


def test_a_tall_narrow_region_is_falls() -> None:
    assert region_kinds(_regions((300, 10, 320, 70))).tolist() == [FALLS]


def test_a_wide_region_below_is_a_surface() -> None:
    assert region_kinds(_regions((0, 60, 640, 100))).tolist() == [SURFACE]


def test_sky_drifts_sideways() -> None:
    guess = guess_missing(_no_arrows(), _regions((0, 0, 640, 40)))
    np.testing.assert_allclose(guess.vectors, [[0.4, 0.0]])


def test_falls_go_down() -> None:
    guess = guess_missing(_no_arrows(), _regions((300, 10, 320, 70)))
    np.testing.assert_allclose(guess.vectors, [[0.0, 1.0]])


def test_near_water_moves_faster_and_towards_the_camera() -> None:
    vectors = guess_missing(_no_arrows(), _regions((0, 55, 640, 100))).vectors
    assert (vectors[:, 0] == 0).all()
    assert (np.diff(vectors[:, 1]) > 0).all()
    assert 0.4 <= vectors[:, 1].min() <= vectors[:, 1].max() <= 1.2


def test_a_slanting_river_flows_along_itself() -> None:
    mask = np.zeros((200, 200), dtype=np.float32)
    for row in range(200):
        mask[row, max(0, row - 12) : row + 12] = 1
    vectors = guess_missing(_no_arrows(), find_regions(mask)).vectors
    np.testing.assert_allclose(vectors[:, 0], vectors[:, 1], rtol=0.1)
    assert (vectors > 0).all()


def test_speeds_grow_with_the_photo() -> None:
    guess = guess_missing(_no_arrows(), _regions((0, 0, 1280, 80), height=200, width=1280))
    np.testing.assert_allclose(guess.vectors, [[0.8, 0.0]])


def test_given_arrows_are_kept_as_they_are() -> None:
    regions = _regions((0, 0, 640, 40), (0, 60, 640, 100))
    given = Arrows(np.array([[9.0, 80.0]]), np.array([[3.0, 4.0]]), np.array([1]))
    guess = guess_missing(given, regions)
    assert guess.regions.tolist() == [1, 0]
    np.testing.assert_allclose(guess.vectors[0], [3.0, 4.0])


def test_a_region_follows_the_nearest_arrow_of_its_kind() -> None:
    regions = _regions((0, 60, 200, 100), (220, 60, 240, 70), (300, 60, 640, 100))
    given = Arrows(np.array([[9.0, 80.0], [320.0, 80.0]]), np.array([[1.0, 0.0], [2.0, 0.0]]), np.array([0, 2]))
    np.testing.assert_allclose(guess_missing(given, regions).vectors[2], [2.0, 0.0])


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (5, 50, 7, 52), (0, 99, 640, 100), (639, 0, 640, 100)])
def test_guessed_arrows_start_in_their_region(box: tuple[int, int, int, int]) -> None:
    regions = _regions(box)
    guess = guess_missing(_no_arrows(), regions)
    columns, rows = guess.starts.astype(int).T
    assert (regions.labels[rows, columns] == 1).all()
