"""What the loop knows of a network that is trained: its samples, its losses, its figures, and what is shipped."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from ml_backend.training.configs import TrainingConfig
from ml_backend.weights.checkpoint import load_strictly, read_tensors

Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Losses:
    """Scalars by name, weighted already; the loop adds them up. Means over the batch, so that ranks can be averaged."""

    generator: Mapping[str, Tensor]
    critic: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validation:
    """Figures by name, and pictures (3, H, W) in [0, 1] by name."""

    figures: Mapping[str, float]
    pictures: Mapping[str, Tensor] = field(default_factory=dict)


class Stage(nn.Module):
    """Networks and how they are trained.

    Everything that learns is in `networks` (averaged and exported) or in `critics` (another optimiser). One forward
    and one backward serve both: the generator's adversarial loss calls the critic with detached parameters
    (`losses.call_frozen`), and the critic's loss sees detached pictures. Each parameter takes part in each step.

    Weights are drawn from the configuration's seed: networks are made after `super().__init__`.
    """

    name: str  # the command's word and the exported file's name
    notes: tuple[str, ...] = ()  # what people should know of this training, such as a substitute in a loss

    def __init__(self, config: TrainingConfig) -> None:
        torch.manual_seed(config.seed)
        super().__init__()
        self.config = config
        self.networks = nn.ModuleDict()
        self.critics = nn.ModuleDict()

    @abstractmethod
    def dataset(self) -> Dataset[Batch]:
        """Endless samples to train on: sample i is a function of (config.seed, i) alone, and on the CPU."""

    @abstractmethod
    def forward(self, batch: Batch) -> Losses:
        """The losses of a batch on the networks' device. Random numbers may be drawn: the loop seeds each step."""

    @abstractmethod
    def validate(self) -> Validation:
        """Figures on held-out samples; the averaged weights are in, in evaluation mode, without gradients."""

    @abstractmethod
    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        """What is shipped: tensors by name, and what belongs beside them; the averaged weights are in."""

    def start_from(self, path: Path) -> None:
        """Begin with the weights of a file that a training of this stage wrote.

        Raises:
            WeightsMismatch: it is missing, damaged, or of other networks.
        """
        networks = list(self.networks.children())
        load_strictly(networks[0] if len(networks) == 1 else self.networks, read_tensors(path), path.name)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.networks.parameters()).device
