import json
import math
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_stage import TinyStage, values

from ml_backend.errors import BadInput, Diverged, WeightsMismatch
from ml_backend.training.checkpoint import checkpoints, read_state
from ml_backend.training.configs import rate_at
from ml_backend.training.loop import train

TIMEOUT_S = 120


def test_three_steps_and_three_more_are_six_to_the_bit(tmp_path: Path) -> None:
    train(TinyStage(values(steps=6)), tmp_path / "straight")
    train(TinyStage(values(steps=3)), tmp_path / "parts")
    train(TinyStage(values(steps=6)), tmp_path / "parts", resume=True)

    assert state_bytes(tmp_path / "straight") == state_bytes(tmp_path / "parts")


def test_a_training_out_of_time_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    train(TinyStage(values(steps=3)), tmp_path / "straight")
    ended = [train(TinyStage(values(steps=3)), tmp_path / "pieces", time_limit_s=1e-9)]
    while ended[-1].step < 3:
        ended.append(train(TinyStage(values(steps=3)), tmp_path / "pieces", resume=True, time_limit_s=1e-9))

    assert [piece.step for piece in ended] == [1, 2, 3]
    assert state_bytes(tmp_path / "straight") == state_bytes(tmp_path / "pieces")


def test_a_training_begins_with_the_weights_of_a_file(tmp_path: Path) -> None:
    first = train(TinyStage(values(steps=2)), tmp_path / "first")
    again = TinyStage(values(start_from=str(first.weights), seed=5))
    again.start_from(first.weights)
    trained = train(
        TinyStage(values(steps=1, start_from=str(first.weights), learning_rate=0.0, seed=5)), tmp_path / "then"
    )

    assert torch.equal(again.networks["doubler"].weight, load_file(first.weights)["weight"])
    assert torch.equal(load_file(trained.weights)["weight"], load_file(first.weights)["weight"])


def test_weights_of_another_network_are_no_beginning(tmp_path: Path) -> None:
    save_file({"other": torch.zeros(1)}, tmp_path / "other.safetensors")

    with pytest.raises(WeightsMismatch, match=r"other\.safetensors"):
        train(TinyStage(values(start_from=str(tmp_path / "other.safetensors"))), tmp_path / "run")


def test_the_loss_of_the_generator_goes_down(tmp_path: Path) -> None:
    first = TinyStage(values()).validate().figures["error"]
    trained = train(TinyStage(values(steps=200, average=0.9)), tmp_path)

    assert trained.figures["error"] < first / 4


def test_no_gradient_of_the_critic_reaches_the_generator(tmp_path: Path) -> None:
    stages = [TinyStage(values(steps=4, critic_learning_rate=rate)) for rate in (1e-4, 1.0)]
    for number, stage in enumerate(stages):
        train(stage, tmp_path / str(number))

    first, second = (stage.networks["doubler"].weight for stage in stages)
    assert torch.equal(first, second)


def test_exported_are_the_averaged_weights_with_their_history(tmp_path: Path) -> None:
    trained = train(TinyStage(values(steps=2)), tmp_path)

    average = read_state(checkpoints(tmp_path)[-1]).average
    found = load_file(trained.weights)
    with safe_open(trained.weights, "pt") as file:
        about = file.metadata()
    assert all(torch.equal(found[name], average[f"doubler.{name}"]) for name in found)
    assert (about["kind"], about["step"], about["samples"]) == ("tiny", "2", "4")
    assert float(about["figure/error"]) == pytest.approx(trained.figures["error"], rel=1e-5)


def test_exported_weights_do_not_tell_where_they_were_trained(tmp_path: Path) -> None:
    first = train(TinyStage(values(steps=1)), tmp_path / "first")
    places = {"data": ("worlds:/home/me/pool", "worlds", "clips/sea"), "photos": "/home/me/photos"}
    trained = train(TinyStage(values(steps=1, start_from=str(first.weights), **places)), tmp_path / "then")

    with safe_open(trained.weights, "pt") as file:
        config = json.loads(file.metadata()["config"])
    assert config["data"] == ["worlds:pool", "worlds", "sea"]
    assert (config["photos"], config["start_from"]) == ("photos", "tiny.safetensors")


def test_only_the_last_two_checkpoints_are_kept(tmp_path: Path) -> None:
    train(TinyStage(values(steps=5, save_every=1)), tmp_path)

    assert [path.stem for path in checkpoints(tmp_path)] == ["step-00000004", "step-00000005"]


def test_a_loss_that_is_no_number_ends_the_training_and_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    with pytest.raises(Diverged, match="Step 4: double") as told:
        train(TinyStage(values(steps=6, save_every=1), spoil_at=3), tmp_path)

    assert told.value.hint
    state = read_state(checkpoints(tmp_path)[-1])
    assert state.step == 3
    assert all(bool(torch.isfinite(tensor).all()) for tensor in state.networks.values())


def test_a_folder_with_a_training_is_not_overwritten(tmp_path: Path) -> None:
    train(TinyStage(values(steps=1)), tmp_path)

    with pytest.raises(BadInput, match="holds a training already"):
        train(TinyStage(values(steps=1)), tmp_path)


def test_resuming_a_finished_training_says_so(tmp_path: Path) -> None:
    train(TinyStage(values(steps=1)), tmp_path)

    with pytest.raises(BadInput, match="has done its 1 steps"):
        train(TinyStage(values(steps=1)), tmp_path, resume=True)


def test_samples_made_by_other_processes_give_the_same_bits(tmp_path: Path) -> None:
    for workers in (0, 1):
        train(TinyStage(values(steps=2, workers=workers)), tmp_path / str(workers))

    assert state_bytes(tmp_path / "0") == state_bytes(tmp_path / "1")


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_reduced_precision_trains_on_the_cpu(tmp_path: Path, precision: str) -> None:
    trained = train(TinyStage(values(steps=2, precision=precision)), tmp_path)

    assert math.isfinite(trained.figures["error"])


def test_curves_and_pictures_are_written_for_tensorboard(tmp_path: Path) -> None:
    train(TinyStage(values(steps=2, log_every=1)), tmp_path)

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss/total")] == [1, 2]
    assert [event.step for event in events.Scalars("validation/error")] == [2]
    assert events.Tags()["images"] == ["noise"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("constant", [1.0, 1.0, 1.0]), ("exponential", [1.0, 0.1, 0.01]), ("cosine", [1.0, 0.505, 0.01])],
)
def test_the_learning_rate_falls_by_its_schedule(schedule: str, expected: list[float]) -> None:
    config = values(steps=100, schedule=schedule, final_rate=0.01)

    assert [rate_at(config, step) for step in (0, 50, 100)] == pytest.approx(expected)


def test_two_processes_agree_and_equal_one_with_the_double_batch(tmp_path: Path) -> None:
    run_ranks(tmp_path / "two", world_size=2, steps=4, batch=2)
    alone = TinyStage(values(steps=4, batch=4), noise=0.0)
    train(alone, tmp_path / "one")

    first, second = (torch.load(tmp_path / "two" / f"rank-{rank}.pt", weights_only=True) for rank in (0, 1))
    together = alone.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    # The mean of two means is rounded elsewhere than one mean.
    assert all(torch.allclose(first[name], together[name], atol=1e-6) for name in first)


def run_ranks(out: Path, *, world_size: int, steps: int, batch: int) -> None:
    """Train in processes that find each other as torchrun's do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = Path(__file__).parent
    root = here.parents[2]
    shared = {
        **os.environ,
        "PYTHONPATH": f"{root}{os.pathsep}{here}",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(world_size),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, str(here / "train_as_rank.py"), str(out), str(steps), str(batch)]
    processes = [
        subprocess.Popen(command, env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}, stderr=subprocess.PIPE)
        for rank in range(world_size)
    ]
    try:
        told = [process.communicate(timeout=TIMEOUT_S)[1].decode() for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * world_size, told


def state_bytes(out: Path) -> dict[str, bytes]:
    """All tensors of the newest checkpoint, by where they are in it."""
    state = read_state(checkpoints(out)[-1])
    groups = {"networks": state.networks, "critics": state.critics, "average": state.average}
    found = {f"{g}/{n}": t.numpy().tobytes() for g, tensors in groups.items() for n, t in tensors.items()}
    for name, optimizer in state.optimizers.items():
        for index, values_ in optimizer["state"].items():
            found |= {f"{name}/{index}/{key}": tensor.numpy().tobytes() for key, tensor in values_.items()}
    return found | {"step": bytes([state.step]), "samples": bytes([state.samples])}
