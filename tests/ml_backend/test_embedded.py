from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml_backend.depth.choice import choose_depth
from ml_backend.depth.embedded import RULE, embedded_depth
from ml_backend.depth.small_net import SmallDepthNet
from ml_backend.doctor import check_depth
from ml_backend.errors import WeightsMismatch
from ml_backend.ldi.embedded import embedded_fill
from ml_backend.ldi.inpainting import continue_layer
from ml_backend.weights.checkpoint import load_network
from ml_backend.weights.location import BUILTIN

_MOST_BYTES = 16 * 2**20


@pytest.mark.parametrize("file", sorted(BUILTIN.glob("*.safetensors")), ids=lambda path: path.stem)
def test_a_shipped_file_is_small_and_has_a_card(file: Path) -> None:
    assert file.stat().st_size <= _MOST_BYTES
    card = file.with_suffix(".md").read_text(encoding="utf-8")
    assert all(word in card for word in ("Steps", "Seed", "Command", "Attribution", "Limits"))


def test_the_embedded_depth_is_the_network() -> None:
    assert (embedded_depth().name, embedded_depth().warning) == ("embedded network", "")


def test_the_embedded_fill_is_the_network() -> None:
    assert (embedded_fill().name, embedded_fill().warning) == ("embedded network", "")


def test_a_broken_depth_file_is_named_and_the_rule_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "depth.safetensors").write_bytes(b"not weights")
    found = embedded_depth(tmp_path / "depth.safetensors")
    assert found.estimate is RULE.estimate
    assert "depth.safetensors" in found.warning
    assert "rule" in found.warning


def test_a_missing_depth_file_is_named_and_the_rule_takes_its_place(tmp_path: Path) -> None:
    assert "nowhere.safetensors" in embedded_depth(tmp_path / "nowhere.safetensors").warning


def test_weights_of_another_network_are_refused_with_what_was_expected(tmp_path: Path) -> None:
    save_file({"other": torch.zeros(1)}, tmp_path / "depth.safetensors")
    with pytest.raises(WeightsMismatch, match=r"depth\.safetensors.*expected.*found"):
        load_network(SmallDepthNet(), tmp_path / "depth.safetensors")


def test_a_weight_of_another_shape_is_refused_by_name(tmp_path: Path) -> None:
    state = SmallDepthNet().state_dict()
    state["head.1.bias"] = torch.zeros(7)
    save_file(state, tmp_path / "depth.safetensors")
    with pytest.raises(WeightsMismatch, match=r"head\.1\.bias"):
        load_network(SmallDepthNet(), tmp_path / "depth.safetensors")


def test_a_broken_inpainting_file_is_named_and_the_continuation_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "inpainting.safetensors").write_bytes(b"not weights")
    found = embedded_fill(tmp_path / "inpainting.safetensors")
    assert found.fill is continue_layer
    assert "inpainting.safetensors" in found.warning


def test_the_rule_alone_can_be_asked_for(tmp_path: Path) -> None:
    choice = choose_depth(only_rule=True, root=tmp_path)
    assert choice.embedded.estimate is RULE.estimate


def test_doctor_names_the_embedded_network(tmp_path: Path) -> None:
    assert "embedded network" in check_depth(choose_depth(root=tmp_path)).found
