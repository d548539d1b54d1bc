import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.motion.carry_arrows import all_cells, at_cells, at_positions, carry_arrows, likely_flow
from ml_backend.motion.photo_reading import input_size, read_photo
from ml_backend.motion.small_net import INPUTS, MULTIPLE, STRIDE, Reading, SmallMotionNet, network_input
from ml_backend.structures import DepthMap


def _network(seed: int = 0) -> SmallMotionNet:
    """A network whose last layer says something."""
    torch.manual_seed(seed)
    network = SmallMotionNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.05)
    return network


def _input(height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    photo, disparity, mask = (torch.rand(1, c, height, width, generator=generator) for c in (3, 1, 1))
    return network_input(photo, disparity, mask, torch.ones(1, 1, 1, 1))


def _level_ground(height: int = 12, width: int = 16) -> Reading:
    """What a network should say of a plain that fills the picture below a horizon at its upper edge."""
    reading = SmallMotionNet().eval()(_input(2 * height, 2 * width))
    y = (torch.arange(height) + 0.5)[None, None, :, None] / width
    basis = torch.eye(2).view(1, 2, 2, 1, 1) * y[:, None]
    return Reading(
        mask=reading.mask,
        kinds=reading.kinds,
        likeness=torch.zeros_like(reading.likeness),
        basis=basis.expand(1, 2, 2, height, width),
        velocity=reading.velocity,
        doubt=torch.full_like(reading.doubt, 1e-4),
        reach=torch.full_like(reading.reach, 1e-3),
        places=reading.places,
    )


def _carry(reading: Reading, cells: list[int], vectors: list[list[float]]) -> Tensor:
    height, width = reading.mask.shape[-2:]
    here = all_cells(reading)
    allowed = torch.ones(1, len(cells), height * width, dtype=torch.bool)
    flow = carry_arrows(here, at_cells(here, torch.tensor([cells])), torch.tensor([vectors]), allowed)
    return flow.view(2, height, width)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (96, 64), (96, 96), (32, 96)])
def test_a_cell_answers_for_each_two_pixels(height: int, width: int) -> None:
    reading = _network()(_input(height, width))
    assert reading.mask.shape == (1, 1, height // STRIDE, width // STRIDE)
    assert reading.basis.shape == (1, 2, 2, height // STRIDE, width // STRIDE)


@pytest.mark.parametrize(("height", "width"), [(427, 640), (640, 427), (1, 5000), (333, 331)])
def test_any_photo_has_a_size_that_the_network_takes(height: int, width: int) -> None:
    sides = input_size(height, width)
    assert all(side % MULTIPLE == 0 and side >= MULTIPLE for side in sides)
    assert (sides[0] - sides[1]) * (height - width) >= 0


def test_the_same_photo_is_read_the_same_twice() -> None:
    network, depth = _network(), DepthMap(torch.ones(1, 50, 70))
    image = torch.rand(3, 50, 70, generator=torch.Generator().manual_seed(1))
    first, second = (read_photo(network, image, depth, torch.ones(1, 50, 70)) for _ in range(2))
    assert torch.equal(first.basis, second.basis)


def test_a_black_mask_and_no_mask_are_two_things() -> None:
    network, depth = _network(), DepthMap(torch.ones(1, 50, 70))
    image = torch.rand(3, 50, 70, generator=torch.Generator().manual_seed(1))
    assert not torch.equal(
        read_photo(network, image, depth, torch.zeros(1, 50, 70)).mask, read_photo(network, image, depth, None).mask
    )


def test_an_untrained_network_carries_one_arrow_everywhere_unchanged() -> None:
    reading = SmallMotionNet().eval()(_input(24, 32))
    here = all_cells(reading)
    starts = at_cells(here, torch.tensor([[100]]))
    ones = torch.ones(1, 1, 12 * 16, dtype=torch.bool)
    flow = carry_arrows(here, starts, torch.tensor([[[0.0, 1.0]]]), ones)  # the likely direction
    torch.testing.assert_close(flow[0, 1], torch.ones(12 * 16), atol=1e-4, rtol=0)


def test_an_arrow_slows_down_towards_the_horizon() -> None:
    reading = _level_ground()
    flow = _carry(reading, [11 * 16 + 8], [[1.0, 0.0]])
    expected = (torch.arange(12) + 0.5) / 11.5
    torch.testing.assert_close(flow[0, :, 8], expected, atol=5e-3, rtol=0)


def test_an_arrow_does_not_speak_for_a_place_that_is_unlike_its_own() -> None:
    reading = _level_ground()
    likeness = reading.likeness.clone()
    likeness[:, 0, :6] = 10
    parts = {
        name: getattr(reading, name) for name in ("mask", "kinds", "basis", "velocity", "doubt", "reach", "places")
    }
    flow = _carry(Reading(likeness=likeness, **parts), [8 * 16, 8], [[1.0, 0.0], [-1.0, 0.0]])
    assert bool((flow[0, 6:] > 0).all())
    assert bool((flow[0, :6] < 0).all())


def test_places_between_cells_are_read_between_them() -> None:
    reading = _network()(_input(24, 32))
    spots = at_positions(reading, torch.tensor([[1.0 / 16, 0.5 / 12]]))  # halfway between the first two cells
    cells = all_cells(reading)
    torch.testing.assert_close(spots.doubt[0, 0, 0], cells.doubt[0, 0, :2].mean())


def test_the_likely_flow_of_a_plain_is_about_one_long() -> None:
    here = all_cells(_level_ground())
    flow = likely_flow(here, torch.ones(1, 1, 12 * 16))
    assert float(flow.norm(dim=1).mean().detach()) == pytest.approx(1, abs=1e-3)


def test_the_input_has_the_channels_that_the_network_wants() -> None:
    assert _input(8, 16).shape == (1, INPUTS, 8, 16)
    assert np.isfinite(_input(8, 16).numpy()).all()
