"""The terms of Eq. (7) and (8), and the plain ones of the other stages; all are means over the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

Outputs = Sequence[Sequence[Tensor]]
"""What a multi-scale discriminator gives: by scale, by layer; the last layer is the score."""

_TINY = 1e-12  # under the root of a length, whose slope at 0 is infinite


@dataclass(frozen=True, slots=True)
class AdversarialLosses:
    """Without weights: the generator's hinge and feature matching terms, and the critic's hinge."""

    generator: Tensor
    matching: Tensor
    critic: Tensor


def adversarial_losses(critic: nn.Module, fake: Tensor, real: Tensor) -> AdversarialLosses:
    """All terms that need the critic. One backward of their sum is right for both: the generator's terms call the
    critic frozen, and its own term sees the fake picture detached.
    """
    judged_fake, judged_real = critic(fake.detach()), critic(real)
    tried = call_frozen(critic, fake)
    return AdversarialLosses(
        generator=hinge_of_generator(tried),
        matching=feature_matching(tried, judged_real),
        critic=hinge_of_critic(judged_fake, judged_real),
    )


def call_frozen(critic: nn.Module, x: Tensor) -> Outputs:
    """What the critic says of `x`, with a gradient to `x` and none to the critic."""
    frozen = {name: parameter.detach() for name, parameter in critic.named_parameters()}
    return functional_call(critic, frozen, (x,))


def hinge_of_generator(fake: Outputs) -> Tensor:
    """Minus the score, mean of the scales."""
    return -_mean([scale[-1].mean() for scale in fake])


def hinge_of_critic(fake: Outputs, real: Outputs) -> Tensor:
    """What lacks to a score of -1 for fake and 1 for real pictures, mean of the scales."""
    of_fake = _mean([F.relu(1 + scale[-1]).mean() for scale in fake])
    return of_fake + _mean([F.relu(1 - scale[-1]).mean() for scale in real])


def feature_matching(fake: Outputs, real: Outputs) -> Tensor:
    """L1 between what the critic's layers say of both, summed over layers, mean of the scales (pix2pixHD)."""
    scales = []
    for of_fake, of_real in zip(fake, real, strict=True):
        pairs = zip(of_fake[:-1], of_real[:-1], strict=True)
        scales.append(torch.stack([F.l1_loss(f, r.detach()) for f, r in pairs]).sum())
    return _mean(scales)


def endpoint_error(found: Tensor, truth: Tensor) -> Tensor:
    """Mean length of the difference of two flows (B, 2, H, W), in their unit."""
    return torch.sqrt((found - truth).square().sum(dim=1) + _TINY).mean()


def masked_l1(found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """Mean absolute difference (B, C, H, W) where `known` (B, 1, H, W), in [0, 1], says so."""
    weight = known.expand_as(found)
    return ((found - truth).abs() * weight).sum() / weight.sum().clamp(min=1)


def multi_scale_gradient(found: Tensor, truth: Tensor, known: Tensor, *, scales: int = 4) -> Tensor:
    """L1 between the slopes of two maps (B, C, H, W) at several sizes, each half of the one before (MiDaS).

    A slope counts where both of its pixels are known (B, 1, H, W).
    """
    terms = []
    difference = found - truth
    for _ in range(scales):
        for axis in (-1, -2):
            length = difference.shape[axis] - 1
            ahead, behind = difference.narrow(axis, 1, length), difference.narrow(axis, 0, length)
            both = known.narrow(axis, 1, length) * known.narrow(axis, 0, length)
            terms.append(masked_l1(ahead, behind, both))
        if min(difference.shape[-2:]) < 4:
            break
        # Averages of known pixels alone, so that what is unknown does not bleed.
        weight = F.avg_pool2d(known, 2)
        difference = F.avg_pool2d(difference * known, 2) / weight.clamp(min=1e-6)
        known = (weight > 0.5).to(known.dtype)
    return torch.stack(terms).mean()


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean()
