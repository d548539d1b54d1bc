"""The smallest stage with a generator and a critic: a convolution learns to double its input."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from ml_backend.training.configs import TrainingConfig
from ml_backend.training.stage import Batch, Losses, Stage, Validation

TINY = TrainingConfig(
    steps=6, batch=2, width=8, height=8, learning_rate=0.01, save_every=1000, validate_every=1000, precision="float32"
)


class Doubles(Dataset[Batch]):
    """Noise and twice that noise, endless."""

    def __getitem__(self, index: int) -> Batch:
        noise = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(index))
        return {"x": noise, "y": 2 * noise}


class TinyStage(Stage):
    """`spoil_at`: the step, from 0, at which the loss is NaN. noise: drawn at each step, as dropout would."""

    name = "tiny"

    def __init__(self, config: TrainingConfig = TINY, *, spoil_at: int = -1, noise: float = 0.01) -> None:
        super().__init__(config)
        self.networks["doubler"] = nn.Conv2d(3, 3, 3, padding=1)
        self.critics["judge"] = nn.Conv2d(3, 1, 3)
        self._spoil_at, self._noise, self._calls = spoil_at, noise, 0

    def dataset(self) -> Dataset[Batch]:
        return Doubles()

    def forward(self, batch: Batch) -> Losses:
        found = self.networks["doubler"](batch["x"] + self._noise * torch.rand_like(batch["x"]))
        loss = (found - batch["y"]).square().mean()
        if self._calls == self._spoil_at:
            loss = loss * torch.nan
        self._calls += 1
        judge = self.critics["judge"]
        critic = judge(found.detach()).mean() ** 2 + (judge(batch["y"]) - 1).square().mean()
        return Losses({"double": loss}, {"judge": critic})

    @torch.no_grad()
    def validate(self) -> Validation:
        x = Doubles()[10**6]
        error = float((self.networks["doubler"](x["x"][None].to(self.device)) - x["y"].to(self.device)).abs().mean())
        return Validation({"error": error}, {"noise": x["x"]})

    def export(self) -> tuple[dict[str, Tensor], dict[str, str]]:
        return dict(self.networks["doubler"].state_dict()), {"kind": "tiny"}


def values(**changes: Any) -> TrainingConfig:  # noqa: ANN401  values of any field
    """`TINY` with other values."""
    from dataclasses import replace

    return replace(TINY, **changes)
