import io
import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from ml_backend.cli import COMMANDS, run
from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.weights.average import average_weights


def _written(path: Path, value: float, *, width: int = 3, step: int = 5) -> Path:
    tensors = {"layer.weight": torch.full((2, width), value).half(), "layer.count": torch.tensor(step)}
    save_file(tensors, path, {"network": "Tiny", "stage": "depth", "step": str(step)})
    return path


def test_the_share_is_of_the_second(tmp_path: Path) -> None:
    first, second = _written(tmp_path / "a.safetensors", 1.0), _written(tmp_path / "b.safetensors", 3.0, step=7)
    average_weights(first, second, 0.75, tmp_path / "c.safetensors")

    found = load_file(tmp_path / "c.safetensors")
    assert torch.equal(found["layer.weight"], torch.full((2, 3), 2.5).half())
    assert int(found["layer.count"]) == 7
    with safe_open(tmp_path / "c.safetensors", "pt") as file:
        about = file.metadata()
    assert about["network"] == "Tiny"
    assert [(part["file"], part["share"], part["step"]) for part in json.loads(about["averaged"])] == [
        ("a.safetensors", 0.25, "5"),
        ("b.safetensors", 0.75, "7"),
    ]


def test_different_networks_are_refused(tmp_path: Path) -> None:
    first, second = _written(tmp_path / "a.safetensors", 1.0), _written(tmp_path / "b.safetensors", 1.0, width=4)
    with pytest.raises(WeightsMismatch, match=r"layer.weight has \(2, 3\) and \(2, 4\)"):
        average_weights(first, second, 0.5, tmp_path / "c.safetensors")
    assert not (tmp_path / "c.safetensors").exists()


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_beyond_one_is_refused(share: float, tmp_path: Path) -> None:
    first = _written(tmp_path / "a.safetensors", 1.0)
    with pytest.raises(BadInput, match="share"):
        average_weights(first, first, share, tmp_path / "c.safetensors")


def test_the_command_says_what_it_needs_and_what_it_did(tmp_path: Path) -> None:
    first, second = _written(tmp_path / "a.safetensors", 1.0), _written(tmp_path / "b.safetensors", 3.0)
    stdout = io.StringIO()
    code = run(["weights", "average", str(first), str(second), "--json"], stdout, COMMANDS)
    assert (code, json.loads(stdout.getvalue())["error"]["code"]) == (2, "bad_input")

    out = tmp_path / "c.safetensors"
    assert run(["weights", "average", str(first), str(second), "-o", str(out)], io.StringIO(), COMMANDS) == 0
    assert float(load_file(out)["layer.weight"][0, 0]) == 2.0
