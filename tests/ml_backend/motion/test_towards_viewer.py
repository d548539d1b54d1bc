"""Lying water without arrows comes nearer along the surface that the network sees."""

from dataclasses import replace

import numpy as np
import torch

from ml_backend.motion.estimate import estimate_motion
from ml_backend.motion.guess_by_kind import guessed_arrows_by_kind
from ml_backend.motion.small_net import LYING, Reading, SmallMotionNet, network_input, place_map
from ml_backend.motion.towards_viewer import towards_viewer
from ml_backend.structures import MotionHints

_HEIGHT, _WIDTH = 64, 96
_INSIDE = np.arange(_HEIGHT)[:, None].repeat(_WIDTH, 1) >= 24
_STARTS = np.array([[10.0, 60.0], [48.0, 60.0], [86.0, 60.0], [48.0, 30.0]])


def _lake() -> Reading:
    """A level surface up to a horizon at a quarter of the height, by hand."""
    blank = torch.zeros(1, 1, _HEIGHT, _WIDTH)
    with torch.no_grad():
        reading = SmallMotionNet().eval()(
            network_input(blank.expand(-1, 3, -1, -1), blank, blank, torch.ones(1, 1, 1, 1))
        )
    x, y = place_map(_HEIGHT // 2, _WIDTH // 2, like=blank)[0]
    near = (y + 0.17).clamp(min=0.01)
    basis = torch.stack([torch.stack([near, x * near]), torch.stack([0 * near, near * near])])[None]
    kinds = torch.zeros_like(reading.kinds)
    kinds[:, LYING] = 5
    return replace(reading, basis=basis, kinds=kinds)


def test_it_moves_downwards_and_outwards() -> None:
    left, middle, right, _ = towards_viewer(_lake(), _INSIDE, _STARTS)
    assert min(left[1], middle[1], right[1]) > 0
    assert left[0] < 0 < right[0]
    assert abs(middle[0]) < 0.1 * middle[1]


def test_near_water_is_faster() -> None:
    flow = towards_viewer(_lake(), _INSIDE, _STARTS)
    assert flow[1, 1] > 3 * flow[3, 1]


def test_its_mean_speed_grows_with_the_photo() -> None:
    y, x = np.nonzero(_INSIDE)
    places = np.stack([x, y], axis=1) + 0.5
    speed = np.linalg.norm(towards_viewer(_lake(), _INSIDE, places), axis=1).mean()
    np.testing.assert_allclose(speed, 1.25e-3 * _WIDTH, rtol=1e-3)
    doubled = np.linalg.norm(towards_viewer(_lake(), _INSIDE.repeat(2, 0).repeat(2, 1), 2 * places), axis=1).mean()
    np.testing.assert_allclose(doubled, 2 * speed, rtol=0.03)


def test_a_lake_without_arrows_comes_nearer() -> None:
    mask = torch.from_numpy(_INSIDE.astype(np.float32))[None]
    hints = MotionHints(mask, torch.zeros(0, 2), torch.zeros(0, 2))
    flow = estimate_motion(torch.zeros(3, _HEIGHT, _WIDTH), hints, reading=_lake()).flow[:, _INSIDE]
    assert bool((flow[1] > 0).all())


def test_a_lakes_arrows_to_edit_are_those_it_moves_by() -> None:
    starts, vectors = guessed_arrows_by_kind(_INSIDE.astype(np.float32), _lake())
    assert len(starts) > 1
    np.testing.assert_allclose(vectors, towards_viewer(_lake(), _INSIDE, starts))


def test_specks_get_no_arrow_to_edit() -> None:
    specks = np.zeros((_HEIGHT, _WIDTH), np.float32)
    specks[60, 5], specks[60, 50] = 1, 1
    assert len(guessed_arrows_by_kind(specks, _lake())[0]) == 0
