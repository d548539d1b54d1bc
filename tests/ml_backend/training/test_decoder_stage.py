from dataclasses import replace
from pathlib import Path

import pytest
import torch
from one_batch import losses_before_and_after
from torch import Tensor

from ml_backend.errors import BadInput
from ml_backend.models import load_gated_decoder
from ml_backend.rendering.gated_decoder import colors_of, gate_of
from ml_backend.rendering.gated_decoder_net import CLUES
from ml_backend.training.configs import small_animation
from ml_backend.training.decoder_stage import DecoderStage

TINY = replace(
    small_animation(), width=48, height=32, steps=12, warmup=0, validation_samples=1, average=0.5, precision="float32"
)


@pytest.fixture(scope="module")
def sample() -> dict[str, Tensor]:
    return DecoderStage(TINY).dataset()[0]


def test_sample_holds_crops_of_clues_and_of_what_is_seen(sample: dict[str, Tensor]) -> None:
    assert sample["clues"].shape == (16, CLUES, 32, 32)
    assert sample["truth"].shape == (16, 3, 32, 32)
    assert bool(torch.isfinite(sample["clues"]).all())


def test_where_the_gate_is_shut_the_free_chain_is_right_already(sample: dict[str, Tensor]) -> None:
    shut = gate_of(sample["clues"]) == 0
    error = (colors_of(sample["clues"]) - sample["truth"]).abs().mean(dim=1, keepdim=True)

    assert float(error[shut].mean()) < float(error[~shut].mean())


def test_loss_of_one_batch_goes_down_and_what_is_written_draws(tmp_path: Path) -> None:
    before, after = losses_before_and_after(DecoderStage(TINY), tmp_path / "out")

    assert after["l1"] < before["l1"]
    assert load_gated_decoder(tmp_path / "out" / "animation.safetensors")


def test_other_data_than_worlds_are_refused() -> None:
    with pytest.raises(BadInput, match="generated worlds alone"):
        DecoderStage(replace(TINY, data=("clips",)))
