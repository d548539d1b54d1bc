from pathlib import Path

import pytest
import torch

from ml_backend.errors import WeightsMismatch
from ml_backend.training.perceptual_loss import VGG_FILE, VggLoss, load_perceptual_term


def test_without_weights_the_substitute_is_named(tmp_path: Path) -> None:
    term = load_perceptual_term(tmp_path)

    assert "multi-scale gradients" in term.note
    assert VGG_FILE in term.note


def test_weights_on_disk_are_used_and_frozen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weights = {f"features.{name}": tensor for name, tensor in VggLoss().features.state_dict().items()}
    torch.save(weights | {"classifier.0.bias": torch.zeros(3)}, tmp_path / VGG_FILE)
    term = load_perceptual_term(tmp_path)

    assert "VGG-19" in term.note
    assert not any(parameter.requires_grad for parameter in term.loss.parameters())
    assert torch.equal(term.loss.features[0].weight, weights["features.0.weight"])


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / VGG_FILE)

    with pytest.raises(WeightsMismatch, match="weights are missing"):
        load_perceptual_term(tmp_path)


def test_vgg_sees_a_difference_only_where_it_is_known() -> None:
    torch.manual_seed(0)
    truth, loss = torch.rand(1, 3, 32, 32), VggLoss()
    found, known = truth.clone(), torch.ones(1, 1, 32, 32)
    found[..., 4:8, 4:8] = 0

    assert float(loss(found, truth, known).detach()) > 0
    known[..., 4:8, 4:8] = 0
    assert float(loss(found, truth, known).detach()) == 0
