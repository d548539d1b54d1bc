import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ml_backend.errors import WeightsMismatch
from ml_backend.weights.checkpoint import load_strictly, read_tensors


class _Harmful:
    """Unpickled by the usual reader, it makes a file."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self._mark),)


def _network() -> nn.Linear:
    return nn.Linear(3, 2)


def _misfit(tensors: dict[str, torch.Tensor]) -> str:
    with pytest.raises(WeightsMismatch) as caught:
        load_strictly(_network(), tensors, "file.pth")
    return caught.value.message


@pytest.mark.parametrize("legacy", [False, True])
def test_pickled_tensors_are_read(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "net.pth"
    torch.save(_network().state_dict(), path, _use_new_zipfile_serialization=not legacy)

    assert read_tensors(path).keys() == {"weight", "bias"}


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file(_network().state_dict(), tmp_path / "net.safetensors")

    assert read_tensors(tmp_path / "net.safetensors").keys() == {"weight", "bias"}


def test_part_of_a_training_checkpoint_is_read(tmp_path: Path) -> None:
    network = _network()
    optimiser = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1)
    network(torch.ones(3)).sum().backward()
    optimiser.step()
    content = {"optimG": optimiser.state_dict(), "schedG": schedule.state_dict(), "net": network.state_dict()}
    torch.save(content, tmp_path / "net.pth")

    assert torch.equal(read_tensors(tmp_path / "net.pth", part="net")["bias"], network.bias)


@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_checkpoint_is_not_run(tmp_path: Path, legacy: bool) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "net.pth"
    torch.save({"weight": torch.ones(2), "x": _Harmful(mark)}, path, _use_new_zipfile_serialization=not legacy)

    with pytest.raises(WeightsMismatch, match=r"net\.pth: expected tensors only, found .*code"):
        read_tensors(path)
    assert not mark.exists()


def test_bare_pickle_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(pickle.dumps(_Harmful(tmp_path / "mark")))

    with pytest.raises(WeightsMismatch, match=r"net\.pth"):
        read_tensors(tmp_path / "net.pth")
    assert not (tmp_path / "mark").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_torchscript_is_not_opened_as_a_checkpoint(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.trace(_network(), torch.ones(3)), tmp_path / "net.pt")

    with pytest.raises(WeightsMismatch, match=r"net\.pt"):
        read_tensors(tmp_path / "net.pt")


@pytest.mark.parametrize("keep", [0, 10, 500, -1])
def test_truncated_file_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "net.pth"
    torch.save(_network().state_dict(), path)
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(WeightsMismatch, match=r"net\.pth"):
        read_tensors(path)


@pytest.mark.parametrize("name", ["net.pth", "net.safetensors"])
def test_file_that_is_no_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html>404 not found</html>")

    with pytest.raises(WeightsMismatch, match="net"):
        read_tensors(tmp_path / name)


def test_zip_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(WeightsMismatch, match=r"net\.pth"):
        read_tensors(tmp_path / "net.pth")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatch, match="nowhere"):
        read_tensors(tmp_path / "nowhere.pth")


def test_missing_part_is_told_with_what_was_found(tmp_path: Path) -> None:
    torch.save({"model": _network().state_dict()}, tmp_path / "net.pth")

    with pytest.raises(WeightsMismatch, match=r"net\.pth: expected the entry 'netG', found 'model'"):
        read_tensors(tmp_path / "net.pth", part="netG")


@pytest.mark.parametrize("content", [[1, 2], 3.0, {}, {"a": 1}, {"a": {"b": torch.ones(1)}}])
def test_content_that_is_no_weights_is_told(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "net.pth")

    with pytest.raises(WeightsMismatch, match="expected named tensors"):
        read_tensors(tmp_path / "net.pth")


def test_fitting_weights_are_loaded() -> None:
    network, other = _network(), _network()
    load_strictly(network, other.state_dict(), "file.pth")

    assert torch.equal(network.weight, other.weight)


def test_missing_weight_is_named() -> None:
    tensors = _network().state_dict()
    del tensors["bias"]

    assert "file.pth: 1 of 2 weights are missing, first is 'bias'" in _misfit(tensors)


def test_unknown_weight_is_named() -> None:
    assert "unknown, first is 'more'" in _misfit({**_network().state_dict(), "more": torch.ones(1)})


def test_other_shape_is_told_with_both() -> None:
    message = _misfit({**_network().state_dict(), "weight": torch.ones(5, 3)})

    assert message == "file.pth: weight does not fit: expected shape (2, 3), found (5, 3)."


def test_integers_for_weights_are_told() -> None:
    assert "expected torch.float32, found torch.int64" in _misfit(
        {**_network().state_dict(), "bias": torch.ones(2, dtype=torch.int64)}
    )


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_weights_that_are_not_finite_are_told(value: float) -> None:
    message = _misfit({**_network().state_dict(), "bias": torch.tensor([1.0, value])})

    assert "bias is broken: expected finite values, found 1" in message


def test_misfit_leaves_the_network_as_it_was() -> None:
    network = _network()
    before = network.weight.clone()
    with pytest.raises(WeightsMismatch):
        load_strictly(network, {"weight": torch.zeros(2, 3), "bias": torch.tensor([0.0, torch.nan])}, "file.pth")

    assert torch.equal(network.weight, before)
