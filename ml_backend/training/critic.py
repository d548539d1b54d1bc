"""What a critic adds to the losses of a stage, the same for pictures and for flows (Eq. 7 and 8)."""

from collections.abc import Mapping

from torch import Tensor, nn

from ml_backend.training.configs import AnimationConfig, MotionConfig
from ml_backend.training.losses import adversarial_losses
from ml_backend.training.stage import Losses


def needs_critic(config: AnimationConfig | MotionConfig) -> bool:
    """Whether any of the critic's terms counts."""
    return bool(config.adversarial_weight or config.matching_weight)


def losses_with_critic(
    terms: Mapping[str, Tensor],
    critics: nn.ModuleDict,
    config: AnimationConfig | MotionConfig,
    found: Tensor,
    truth: Tensor,
) -> Losses:
    """The terms alone where a stage has no critic, else with what its only one says of two maps (B, C, H, W)."""
    if not critics:
        return Losses(terms)
    (critic,) = critics.values()
    judged = adversarial_losses(critic, found, truth)
    of_critic = {
        "adversarial": config.adversarial_weight * judged.generator,
        "matching": config.matching_weight * judged.matching,
    }
    return Losses({**terms, **of_critic}, {"critic": judged.critic})
