"""Speed of all motion and of single regions."""

import torch

from ml_backend.motion.estimate import estimate_motion, ignored_region_speeds
from ml_backend.motion.region_list import list_regions
from ml_backend.structures import MotionHints, RegionSpeed

_LEFT, _RIGHT = (10, 30), (50, 30)


def _hints(speed: float = 1.0, *places: RegionSpeed) -> MotionHints:
    """Two pools of 20 x 20 pixels on a photo of 60 x 80; the left one flows right by 1 pixel per frame, one arrow."""
    mask = torch.zeros(1, 60, 80)
    mask[:, 20:40, 5:25] = 1
    mask[:, 20:40, 45:65] = 1
    return MotionHints(mask, torch.tensor([[10.5, 30.5]]), torch.tensor([[1.0, 0.0]]), speed, 0.0, places)


def _at(hints: MotionHints, place: tuple[int, int]) -> float:
    return float(estimate_motion(torch.zeros(3, 60, 80), hints).flow[0, place[1], place[0]])


def test_speed_multiplies_all_motion() -> None:
    assert [round(_at(_hints(2.5), place), 3) for place in (_LEFT, _RIGHT)] == [2.5, 2.5]


def test_speed_of_a_region_leaves_the_others() -> None:
    hints = _hints(1.0, RegionSpeed(55.0, 25.0, 3.0))
    assert [round(_at(hints, place), 3) for place in (_LEFT, _RIGHT)] == [1.0, 3.0]


def test_speed_of_a_region_multiplies_the_speed_of_all() -> None:
    assert round(_at(_hints(2.0, RegionSpeed(55.0, 25.0, 3.0)), _RIGHT), 3) == 6.0


def test_region_of_speed_0_stands_still() -> None:
    assert _at(_hints(1.0, RegionSpeed(55.0, 25.0, 0.0)), _RIGHT) == 0.0


def test_a_speed_where_nothing_moves_is_named() -> None:
    assert ignored_region_speeds(_hints(1.0, RegionSpeed(55.0, 25.0, 3.0), RegionSpeed(1.0, 1.0, 2.0))) == [1]


def test_the_list_says_how_fast_each_region_flows() -> None:
    hints = _hints(1.0, RegionSpeed(55.0, 25.0, 3.0))
    listed = list_regions(hints, estimate_motion(torch.zeros(3, 60, 80), hints))
    found = {(r.x > 40, r.speed, round(r.flow, 2), r.arrows) for r in listed}
    assert found == {(False, 1.0, 1.0, 1), (True, 3.0, 3.0, 0)}


def test_listed_places_lie_in_their_regions() -> None:
    hints = _hints()
    listed = list_regions(hints, estimate_motion(torch.zeros(3, 60, 80), hints))
    assert [float(hints.mask[0, int(r.y), int(r.x)]) for r in listed] == [1.0, 1.0]


def test_specks_do_not_crowd_the_list() -> None:
    mask = torch.zeros(1, 60, 80)
    mask[:, ::4, ::4] = 1
    hints = MotionHints(mask, torch.zeros(0, 2), torch.zeros(0, 2))
    assert len(list_regions(hints, estimate_motion(torch.zeros(3, 60, 80), hints))) == 32
