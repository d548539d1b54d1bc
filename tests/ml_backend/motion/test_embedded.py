"""When the embedded motion network is used, and what happens where its file is broken."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml_backend.errors import WeightsMismatch
from ml_backend.motion.embedded import AUTO, FILE, auto_warning, embedded_motion, motion_network
from ml_backend.motion.small_net import SmallMotionNet


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A folder with a network in half precision."""
    tensors = {name: tensor.half().contiguous() for name, tensor in SmallMotionNet().state_dict().items()}
    save_file(tensors, tmp_path / FILE)
    return tmp_path


@pytest.fixture
def broken(trained: Path) -> Path:
    content = (trained / FILE).read_bytes()
    (trained / FILE).write_bytes(content[: len(content) // 2])
    return trained


def test_the_solver_needs_no_file(tmp_path: Path) -> None:
    assert motion_network("solver", tmp_path) is None


def test_half_precision_is_read_as_single(trained: Path) -> None:
    network = motion_network("network", trained)
    assert network is not None
    assert network.head.weight.dtype == torch.float32


def test_a_broken_file_that_was_asked_for_is_told(broken: Path) -> None:
    with pytest.raises(WeightsMismatch, match=FILE):
        motion_network("network", broken)


def test_without_being_asked_the_solver_stands_in_for_a_broken_file(broken: Path) -> None:
    assert motion_network("auto", broken) is None


def test_why_a_broken_file_is_not_used_is_told(broken: Path) -> None:
    assert FILE in embedded_motion(broken).warning


def test_a_file_of_another_network_is_told(tmp_path: Path) -> None:
    save_file({"head.weight": torch.zeros(1)}, tmp_path / FILE)
    with pytest.raises(WeightsMismatch, match="missing"):
        motion_network("network", tmp_path)


def test_the_installed_file_gives_no_warning() -> None:
    assert AUTO == "solver" or not auto_warning()
