import math

import pytest
import torch
from torch import Tensor

from ml_backend.training.depth_losses import (
    align,
    gradient_loss,
    relative_loss,
    sky_loss,
    spread_loss,
    standing_weight,
    true_disparity,
)


def _truth() -> Tensor:
    return torch.rand(2, 1, 24, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("loss", [spread_loss, gradient_loss, relative_loss])
def test_scale_and_shift_do_not_count(loss: object) -> None:
    truth = _truth()
    assert float(loss(0.5 * truth + 0.2, truth)) < 0.02  # type: ignore[operator]


@pytest.mark.parametrize("loss", [spread_loss, gradient_loss, relative_loss])
def test_another_shape_counts(loss: object) -> None:
    assert float(loss(_truth().flip(3), _truth())) > 0.2  # type: ignore[operator]


def test_alignment_is_the_least_squares_fit() -> None:
    truth = _truth()
    found = truth + 0.3 * torch.rand(2, 1, 24, 32, generator=torch.Generator().manual_seed(1))
    pairs = torch.stack([found[0].flatten(), torch.ones(24 * 32)], dim=1)
    fit = torch.linalg.lstsq(pairs, truth[0].flatten()[:, None]).solution
    torch.testing.assert_close(align(found, truth)[0].flatten(), (pairs @ fit)[:, 0], atol=1e-4, rtol=1e-4)


def test_a_flat_prediction_has_finite_gradients() -> None:
    flat = torch.zeros(2, 1, 24, 32, requires_grad=True)
    (spread_loss(flat, _truth()) + gradient_loss(flat, _truth()) + relative_loss(flat, _truth())).backward()
    assert flat.grad is not None
    assert bool(torch.isfinite(flat.grad).all())


def test_the_sky_has_no_disparity_and_the_near_plane_has_one() -> None:
    depth = torch.linspace(2, 50, 24 * 32).view(1, 1, 24, 32)
    disparity = true_disparity(depth, depth > 40)
    assert float(disparity[depth > 40].max()) == 0
    assert 1.0 <= float(disparity.max()) < 1.3


def test_what_stands_on_a_ramp_weighs_four_times_its_ground() -> None:
    truth = torch.linspace(0, 1, 24)[:, None].expand(2, 1, 24, 32).clone()
    plain = standing_weight(truth)
    truth[..., 4:12, 10:14] = 0.5
    weight = standing_weight(truth)

    assert torch.equal(plain, torch.ones_like(plain))
    torch.testing.assert_close(weight.mean(dim=(2, 3)), torch.ones(2, 1))
    assert float(weight[0, 0, 6, 12] / weight[0, 0, 6, 2]) == pytest.approx(4)


def test_a_haze_in_the_sky_costs_as_much_near_as_far() -> None:
    truth = _truth().clamp(min=0.1)
    truth[..., :8, :] = 0
    sky = (truth == 0).float()

    assert float(sky_loss(truth, truth)) == 0
    assert float(sky_loss(truth + 0.5 * (1 - sky), truth)) == 0
    assert float(sky_loss(truth + 0.04 * sky, truth)) == pytest.approx(math.log(2) / 3)  # in a third of the picture


def test_what_is_far_too_near_in_the_sky_still_has_a_gradient() -> None:
    found = torch.full((1, 1, 4, 4), 0.8, requires_grad=True)
    sky_loss(found, torch.zeros(1, 1, 4, 4)).backward()
    assert found.grad is not None
    assert float(found.grad.min()) > 0.01
