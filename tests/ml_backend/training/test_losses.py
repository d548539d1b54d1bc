import math

import pytest
import torch
from torch import Tensor, nn

from ml_backend.training.discriminator import MultiScaleDiscriminator
from ml_backend.training.losses import (
    adversarial_losses,
    endpoint_error,
    feature_matching,
    hinge_of_critic,
    hinge_of_generator,
    masked_l1,
    multi_scale_gradient,
)


def scores(*values: float) -> list[list[Tensor]]:
    """One scale per value, without other layers."""
    return [[torch.full((1, 1, 2, 2), value)] for value in values]


def test_the_critic_loses_nothing_where_it_is_sure_enough() -> None:
    assert float(hinge_of_critic(fake=scores(-1.0, -3.0), real=scores(1.0, 2.0))) == 0.0


def test_the_critic_loses_what_lacks_to_one() -> None:
    assert float(hinge_of_critic(fake=scores(0.5), real=scores(-0.25))) == pytest.approx(1.5 + 1.25)


def test_the_generator_wants_a_high_score() -> None:
    assert float(hinge_of_generator(scores(2.0, 4.0))) == -3.0


def test_feature_matching_sums_the_layers_and_leaves_out_the_score() -> None:
    fake = [[torch.ones(1, 1, 2, 2), torch.full((1, 1, 2, 2), 3.0), torch.full((1, 1, 2, 2), 99.0)]]
    real = [[torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 2, 2)]]

    assert float(feature_matching(fake, real)) == 1.0 + 2.0


def test_one_backward_gives_each_side_its_own_gradient_alone() -> None:
    torch.manual_seed(0)
    critic = MultiScaleDiscriminator(2, width=4, layers=3, scales=2).eval()  # no power iteration: equal calls
    fake, real = torch.randn(1, 2, 32, 32, requires_grad=True), torch.randn(1, 2, 32, 32)

    terms = adversarial_losses(critic, fake, real)
    (terms.generator + 10 * terms.matching + terms.critic).backward()
    together = ([p.grad.clone() for p in critic.parameters()], fake.grad.clone())
    critic.zero_grad()
    adversarial_losses(critic, fake.detach(), real).critic.backward()

    # The bias before an instance normalisation has none; such a parameter would be useless.
    assert all(torch.equal(a, p.grad) for a, p in zip(together[0], critic.parameters(), strict=True))
    assert float(together[1].abs().sum()) > 0


def test_the_discriminator_halves_the_picture_for_each_scale() -> None:
    outputs = MultiScaleDiscriminator(3, width=4, layers=4, scales=2)(torch.rand(2, 3, 64, 48))

    assert [len(scale) for scale in outputs] == [5, 5]
    assert [tuple(scale[0].shape) for scale in outputs] == [(2, 4, 33, 25), (2, 4, 17, 13)]


def test_the_critic_of_the_paper_has_the_authors_size() -> None:
    critic = MultiScaleDiscriminator(3)

    count = sum(p.numel() for p in critic.parameters())
    assert count == pytest.approx(5.53e6, rel=0.005)  # REFERENCE: the published checkpoint's netD


def test_endpoint_error_is_the_length_of_the_difference() -> None:
    found, truth = torch.zeros(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    truth[0, :, 0, 0] = torch.tensor([3.0, 4.0])

    assert float(endpoint_error(found, truth)) == pytest.approx(2.5)


def test_endpoint_error_has_a_finite_slope_where_the_flows_agree() -> None:
    found = torch.zeros(1, 2, 1, 1, requires_grad=True)
    endpoint_error(found, torch.zeros(1, 2, 1, 1)).backward()

    assert float(found.grad.abs().sum()) == 0.0


def test_what_is_not_known_does_not_count() -> None:
    known = torch.tensor([[[[1.0, 0.0]]]])

    assert float(masked_l1(torch.tensor([[[[0.5, 9.0]]]]), torch.zeros(1, 1, 1, 2), known)) == 0.5


def test_a_shift_of_the_whole_map_is_no_error_of_its_slopes() -> None:
    truth = torch.rand(1, 1, 16, 16)

    assert float(multi_scale_gradient(truth + 0.3, truth, torch.ones(1, 1, 16, 16))) == pytest.approx(0, abs=1e-6)


def test_slopes_next_to_unknown_pixels_do_not_count() -> None:
    truth, known = torch.zeros(1, 1, 8, 8), torch.ones(1, 1, 8, 8)
    found = truth.clone()
    found[0, 0, 2, 2], known[0, 0, 2, 2] = 100.0, 0.0

    assert float(multi_scale_gradient(found, truth, known)) == 0.0


def test_a_critic_may_be_any_module_with_outputs_by_scale_and_layer() -> None:
    class One(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 1)

        def forward(self, x: Tensor) -> list[list[Tensor]]:
            return [[x, self.conv(x)]]

    terms = adversarial_losses(One(), torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
    assert math.isfinite(float(terms.critic.detach()))
    assert float(terms.matching) == 1.0
