"""Several processes that train one network, as torchrun starts them; one process is the ordinary case."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from ml_backend.errors import BadInput


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's number and how many there are."""

    rank: int = 0
    world_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and talks."""
        return self.rank == 0

    def all_agree(self, flags: Tensor) -> Tensor:
        """The smallest of each value over all processes."""
        if self.world_size > 1:
            dist.all_reduce(flags, op=dist.ReduceOp.MIN)
        return flags

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world_size > 1:
            dist.barrier()


ALONE = Ranks()


def is_under_torchrun(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether torchrun has started this process as one of several."""
    return int(environment.get("WORLD_SIZE", "1")) > 1


@contextmanager
def join_ranks(device: str, environment: Mapping[str, str] = os.environ) -> Iterator[tuple[Ranks, torch.device]]:
    """This process among those of torchrun, and its own device: GPU number LOCAL_RANK, or the CPU.

    Raises:
        BadInput: there are more processes than GPUs.
    """
    chosen = torch.device(device)
    if not is_under_torchrun(environment):
        yield ALONE, chosen
        return
    if chosen.type == "cuda":
        local = int(environment.get("LOCAL_RANK", "0"))
        if local >= torch.cuda.device_count():
            raise BadInput(
                f"There are {torch.cuda.device_count()} GPUs for process {local}.",
                hint="Give torchrun as many --nproc-per-node as there are GPUs.",
            )
        chosen = torch.device("cuda", local)
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size()), chosen
    finally:
        dist.destroy_process_group()
