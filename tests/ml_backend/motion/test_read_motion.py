"""Motion from arrows with a network's reading: what the product promises holds, whatever the network says."""

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.motion.estimate import estimate_motion
from ml_backend.motion.guess_mask import mask_by_network
from ml_backend.motion.photo_reading import read_photo
from ml_backend.motion.small_net import Reading, SmallMotionNet
from ml_backend.structures import DepthMap, MotionHints

_ARROWS = ((20.0, 40.0, 0.5, 0.2), (70.0, 30.0, -0.3, 0.4), (45.0, 55.0, 0.0, 0.8))


def _network() -> SmallMotionNet:
    torch.manual_seed(3)
    network = SmallMotionNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.1)
    return network


def _photo(height: int, width: int) -> Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(0))


def _read(image: Tensor, mask: Tensor | None) -> Reading:
    return read_photo(_network(), image, DepthMap(torch.ones(1, *image.shape[1:])), mask)


def _hints(mask: Tensor, *arrows: tuple[float, float, float, float]) -> MotionHints:
    table = torch.tensor(arrows).reshape(-1, 4)
    return MotionHints(mask, table[:, :2], table[:, 2:])


def _estimate(hints: MotionHints) -> Tensor:
    image = _photo(*hints.mask.shape[1:])
    return estimate_motion(image, hints, reading=_read(image, hints.mask)).flow


@pytest.mark.parametrize("size", [(64, 96), (97, 61), (200, 333)])
def test_flow_has_the_photos_size(size: tuple[int, int]) -> None:
    flow = _estimate(_hints(torch.ones(1, *size), (20.0, 30.0, 0.5, 0.0)))
    assert flow.shape == (2, *size)
    assert bool(torch.isfinite(flow).all())


def test_each_arrow_is_followed_at_its_start() -> None:
    flow = _estimate(_hints(torch.ones(1, 64, 96), *_ARROWS))
    found = [flow[:, int(y) - 1 : int(y) + 1, int(x) - 1 : int(x) + 1].mean(dim=(1, 2)) for x, y, _, _ in _ARROWS]
    torch.testing.assert_close(torch.stack(found), torch.tensor(_ARROWS)[:, 2:], atol=0.03, rtol=0)


def test_outside_the_mask_nothing_moves() -> None:
    mask = torch.ones(1, 64, 96)
    mask[:, :20] = 0
    assert not _estimate(_hints(mask, *_ARROWS))[:, :20].any()


def test_without_arrows_each_region_moves() -> None:
    mask = torch.ones(1, 64, 96)
    mask[:, :, 45:50] = 0
    flow = _estimate(_hints(mask))
    assert bool(flow[:, :, :45].any())
    assert bool(flow[:, :, 50:].any())


def test_a_black_mask_stands_still() -> None:
    assert not _estimate(_hints(torch.zeros(1, 64, 96))).any()


def test_the_same_drawing_gives_the_same_bytes() -> None:
    first, second = (_estimate(_hints(torch.ones(1, 64, 96), *_ARROWS)) for _ in range(2))
    assert torch.equal(first, second)


def test_twice_the_arrow_is_twice_the_flow() -> None:
    image, mask = _photo(64, 96), torch.ones(1, 64, 96)
    one_kind = read_photo(SmallMotionNet().eval(), image, DepthMap(torch.ones(1, 64, 96)), mask)
    hints = (_hints(mask, (20.0, 40.0, 0.2 * k, 0.1 * k)) for k in (1, 2))
    once, twice = (estimate_motion(image, h, reading=one_kind).flow for h in hints)
    torch.testing.assert_close(twice, 2 * once, atol=1e-4, rtol=1e-3)


def test_an_arrow_in_a_region_of_its_own_does_not_move_another_with_an_arrow() -> None:
    mask = torch.ones(1, 64, 96)
    mask[:, :, 40:56] = 0
    left, right = (10.0, 30.0, 1.0, 0.0), (80.0, 30.0, 0.0, 1.0)
    first = _estimate(_hints(mask, left, right))
    second = _estimate(_hints(mask, left, (80.0, 30.0, 0.0, -1.0)))
    torch.testing.assert_close(first[:, :, :40], second[:, :, :40])


def test_a_proposed_mask_lies_between_black_and_white() -> None:
    image = _photo(64, 96)
    mask = mask_by_network(image, _read(image, None)).numpy()
    assert mask.shape == (1, 64, 96)
    assert np.all((mask >= 0) & (mask <= 1))
