"""A process of several, as torchrun starts it: trains the tiny stage into the folder given, and keeps its weights."""

import sys
from pathlib import Path

import torch
from tiny_stage import TinyStage, values

from ml_backend.training.loop import train
from ml_backend.training.ranks import join_ranks


def main(out: Path, steps: int, batch: int) -> None:
    torch.set_num_threads(1)
    with join_ranks("cpu") as (ranks, device):
        stage = TinyStage(values(steps=steps, batch=batch), noise=0.0)
        train(stage, out, device=device, ranks=ranks)
        torch.save(stage.state_dict(), out / f"rank-{ranks.rank}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
