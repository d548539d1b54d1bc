import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_stage import TINY, TinyStage, values

from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.training.checkpoint import checkpoints, load_last_state, read_state
from ml_backend.training.loop import train


class Bomb:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return (exec, ("raise SystemExit",))


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """The folder of a training of one step."""
    train(TinyStage(values(steps=1)), tmp_path)
    return tmp_path


def rewrite(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)


def test_a_truncated_checkpoint_is_named_with_a_way_out(trained: Path) -> None:
    path = checkpoints(trained)[-1]
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(WeightsMismatch, match=r"step-00000001\.pt: expected a checkpoint of format 1, found") as told:
        load_last_state(trained, "tiny", TINY)
    assert "one before it" in told.value.hint


def test_code_in_a_checkpoint_is_refused(trained: Path) -> None:
    checkpoints(trained)[-1].write_bytes(pickle.dumps(Bomb()))

    with pytest.raises(WeightsMismatch, match="may be code"):
        load_last_state(trained, "tiny", TINY)


def test_a_checkpoint_of_another_stage_is_refused(trained: Path) -> None:
    with pytest.raises(WeightsMismatch, match="expected a checkpoint of the stage depth, found one of tiny"):
        load_last_state(trained, "depth", TINY)


def test_a_checkpoint_of_another_seed_is_refused(trained: Path) -> None:
    with pytest.raises(WeightsMismatch, match="expected seed 7, found 0"):
        load_last_state(trained, "tiny", values(seed=7))


def test_more_steps_and_another_batch_may_go_on(trained: Path) -> None:
    again = train(TinyStage(values(steps=2, batch=4)), trained, resume=True)

    assert (again.step, read_state(checkpoints(trained)[-1]).samples) == (2, 2 + 4)


def test_another_format_is_refused(trained: Path) -> None:
    path = checkpoints(trained)[-1]
    rewrite(path, lambda content: content.update(format=99))

    with pytest.raises(WeightsMismatch, match="found format 99"):
        read_state(path)


def test_a_weight_of_another_shape_is_named(trained: Path) -> None:
    path = checkpoints(trained)[-1]
    rewrite(path, lambda content: content["networks"].update({"doubler.bias": torch.zeros(5)}))

    with pytest.raises(WeightsMismatch, match=r"doubler\.bias does not fit: expected shape \(3,\), found \(5,\)"):
        train(TinyStage(values(steps=2)), trained, resume=True)


def test_an_average_that_lacks_a_weight_is_named(trained: Path) -> None:
    path = checkpoints(trained)[-1]
    rewrite(path, lambda content: content["average"].pop("doubler.bias"))

    with pytest.raises(WeightsMismatch, match=r"expected doubler\.bias of shape \(3,\) in the average, found None"):
        train(TinyStage(values(steps=2)), trained, resume=True)


def test_resuming_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no checkpoint"):
        load_last_state(tmp_path, "tiny", TINY)
