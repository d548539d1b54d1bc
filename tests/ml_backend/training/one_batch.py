"""Trainings on one sample, again and again: what any network must be able to learn."""

from pathlib import Path

import torch
from torch.utils.data import Dataset, default_collate

from ml_backend.training.loop import train
from ml_backend.training.stage import Batch, Stage


class Same(Dataset[Batch]):
    """Sample 0 of another dataset under all numbers."""

    def __init__(self, of: Dataset[Batch]) -> None:
        self.sample = of[0]

    def __getitem__(self, index: int) -> Batch:
        return self.sample


def losses_before_and_after(stage: Stage, out: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The generator's terms on one batch before and after training on it alone."""
    same = Same(stage.dataset())
    stage.dataset = lambda: same  # type: ignore[method-assign]
    batch = default_collate([same.sample])

    def losses() -> dict[str, float]:
        with torch.no_grad():
            return {name: float(value) for name, value in stage(batch).generator.items()}

    before = losses()
    train(stage, out)
    return before, losses()
