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
        # Fresh processes: forked ones would inherit the threads of torch and numba in whatever state they are.
        multiprocessing_context="spawn" if workers else None,
        worker_init_fn=_use_one_thread,
    )


def _use_one_thread(worker: int) -> None:
    """Each worker computes with one thread, as torch has it already; there are several of them."""
    import numba  # noqa: PLC0415  only in workers

    numba.set_num_threads(1)
