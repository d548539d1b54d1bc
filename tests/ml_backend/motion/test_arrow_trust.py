"""Arrows that the network cannot foretell from each other are not carried by it."""

import numpy as np
import pytest
import torch

from ml_backend.motion.arrow_trust import trust_in_arrows
from ml_backend.motion.carry_arrows import Spots, all_cells, at_cells
from ml_backend.motion.estimate import estimate_motion
from ml_backend.motion.photo_reading import read_photo
from ml_backend.motion.small_net import SmallMotionNet, network_input
from ml_backend.structures import DepthMap, MotionHints


def _starts(count: int) -> Spots:
    """Places in a row on what an untrained network takes for one plain wall."""
    blank = torch.zeros(1, 1, 32, 32)
    given = torch.ones(1, 1, 1, 1)
    network = SmallMotionNet().eval().requires_grad_(False)
    reading = network(network_input(blank.expand(-1, 3, -1, -1), blank, blank, given))
    return at_cells(all_cells(reading), torch.arange(count)[None] + 100)


def _trust(vectors: list[tuple[float, float]], regions: list[int]) -> list[float]:
    return trust_in_arrows(_starts(len(vectors)), torch.tensor([vectors]), np.array(regions)).tolist()


def test_arrows_that_agree_are_trusted() -> None:
    assert _trust([(1.0, 0.2), (0.9, 0.2), (1.1, 0.1)], [0, 0, 0]) == [1, 1, 1]


def test_opposite_arrows_are_not_trusted() -> None:
    assert _trust([(1.0, 0.0), (-1.0, 0.0)], [0, 0]) == pytest.approx([0, 0], abs=0.1)


def test_an_arrow_alone_in_its_region_is_trusted() -> None:
    assert _trust([(1.0, 0.0), (-1.0, 0.0)], [0, 1]) == [1, 1]


def test_regions_are_judged_apart() -> None:
    trust = _trust([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, 1.0)], [0, 0, 1, 1])
    assert max(trust[:2]) < 0.1
    assert trust[2:] == [1, 1]


def test_without_an_arrow_there_is_nothing_to_trust() -> None:
    assert trust_in_arrows(_starts(0), torch.zeros(1, 0, 2), np.zeros(0, int)).shape == (0,)


def test_arrows_that_contradict_each_other_are_spread_as_without_surfaces() -> None:
    photo, mask = torch.rand(3, 64, 96, generator=torch.Generator().manual_seed(0)), torch.ones(1, 64, 96)
    reading = read_photo(SmallMotionNet().eval(), photo, DepthMap(torch.ones(1, 64, 96)), mask)
    arrows = torch.tensor([(20.0, 32.0), (76.0, 32.0)])
    hints = MotionHints(mask, arrows, torch.tensor([(1.0, 0.0), (-1.0, 0.0)]))
    found, spread = estimate_motion(photo, hints, reading=reading).flow, estimate_motion(photo, hints).flow
    torch.testing.assert_close(found, spread, atol=0.05, rtol=0)
