"""Which samples each process takes at each step, so that a training can go on at any step as if never stopped."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch.utils.data import DataLoader, Dataset, Sampler

from ml_backend.training.ranks import Ranks
from ml_backend.training.stage import Batch


@dataclass(frozen=True, slots=True)
class Schedule:
    """`steps` steps after `first_sample` samples were used, `batch` samples in each process at each."""

    first_sample: int
    steps: int
    batch: int


class StepSampler(Sampler[list[int]]):
    """The sample numbers of each step: step * batch * processes + rank * batch + i, from the first sample on."""

    def __init__(self, schedule: Schedule, ranks: Ranks) -> None:
        self._schedule, self._ranks = schedule, ranks

    def __len__(self) -> int:
        return self._schedule.steps

    def __iter__(self) -> Iterator[list[int]]:
        batch, ranks = self._schedule.batch, self._ranks
        for step in range(self._schedule.steps):
            first = self._schedule.first_sample + (step * ranks.world_size + ranks.rank) * batch
            yield list(range(first, first + batch))


def load_batches(
    dataset: Dataset[Batch], schedule: Schedule, ranks: Ranks, *, workers: int, pin_memory: bool
) -> DataLoader[Batch]:
    """The batches of all steps to come, on the CPU."""
    return DataLoader(
        dataset,
        batch_sampler=StepSampler(schedule, ranks),
        num_workers=workers,
        pin_memory=pin_memory,
        persistent_workers=workers > 0,
    )
