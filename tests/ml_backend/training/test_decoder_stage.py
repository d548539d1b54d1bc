from dataclasses import replace
from pathlib import Path

import pytest
import torch
from one_batch import losses_before_and_after
from torch import Tensor

from ml_backend.errors import BadInput
from ml_backend.models import load_gated_decoder
from ml_backend.rendering.gated_decoder import colors_of, open_gate
from ml_backend.rendering.gated_decoder_net import CLUES
from ml_backend.training.configs import small_animation
from ml_backend.training.datasets.decoder_crops import PLAIN, Look, held_out_crops, seen_as
from ml_backend.training.decoder_samples import KIND, make_decoder_sample
from ml_backend.training.decoder_stage import DecoderStage
from ml_backend.training.worlds import procedural_textures
from ml_backend.training.worlds.pool import Pool, render_pool

TINY = replace(
    small_animation(), width=48, height=32, steps=12, warmup=0, validation_samples=1, average=0.5, precision="float32"
)


@pytest.fixture(scope="module")
def sample() -> dict[str, Tensor]:
    return DecoderStage(TINY).dataset()[0]


def test_sample_holds_crops_of_clues_and_of_what_is_seen(sample: dict[str, Tensor]) -> None:
    assert sample["clues"].shape == (8, CLUES, 32, 32)
    assert sample["truth"].shape == (8, 3, 32, 32)
    assert bool(torch.isfinite(sample["clues"]).all())


def test_where_the_gate_is_shut_the_free_chain_is_right_already(sample: dict[str, Tensor]) -> None:
    shut = open_gate(sample["clues"]) == 0
    error = (colors_of(sample["clues"]) - sample["truth"]).abs().mean(dim=1, keepdim=True)

    assert float(error[shut].mean()) < float(error[~shut].mean())


def test_loss_of_one_batch_goes_down_and_what_is_written_draws(tmp_path: Path) -> None:
    before, after = losses_before_and_after(DecoderStage(TINY), tmp_path / "out")

    assert after["l1"] < before["l1"]
    assert load_gated_decoder(tmp_path / "out" / "animation.safetensors")


def test_other_data_than_worlds_are_refused() -> None:
    with pytest.raises(BadInput, match="no generated worlds"):
        DecoderStage(replace(TINY, data=("clips",))).dataset()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worlds") / "pool"
    for name, first in (("pool", 0), ("pool_held_out", 2_000_000_000)):
        place = folder.with_name(name)
        render_pool(place, range(first, first + 1), (48, 32), KIND, make=make_decoder_sample)
    return folder


def test_pool_gives_what_is_rendered_to_the_byte(pool: Path) -> None:
    stored = Pool(pool)[0]
    made = make_decoder_sample(0, KIND, 48, 32, procedural_textures())

    assert torch.equal(stored["shares"], torch.from_numpy(made["shares"]))
    torch.testing.assert_close(stored["truth_color"] * 255, torch.from_numpy(made["truth_color"]).float())


def test_gate_of_a_stored_sample_is_that_of_the_frame(pool: Path) -> None:
    sample = seen_as(PLAIN, Pool(pool)[0])
    gate = open_gate(sample["clues"])

    assert sample["clues"].shape == (8, CLUES, 32, 32)
    assert 0 < float(gate.mean()) < 1


def test_training_reads_a_pool_and_its_held_out_worlds(pool: Path) -> None:
    config = replace(TINY, data=(f"worlds:{pool}",), validation_samples=8)
    stage = DecoderStage(config)
    stored, drawn = seen_as(PLAIN, Pool(pool)[0])["clues"], [stage.dataset()[i]["clues"] for i in range(4)]

    # Whatever is turned and recoloured, the same values are in it.
    assert all(torch.equal(clues.flatten().sort().values, stored.flatten().sort().values) for clues in drawn)
    assert any(not torch.equal(clues, stored) for clues in drawn)
    assert len(held_out_crops(config)) == 1
    with torch.no_grad():
        figures = stage.validate().figures
    assert figures["psnr"] == figures["psnr, colours"]


def test_turned_sample_has_its_truth_turned_too(pool: Path) -> None:
    look = Look(turns=1, is_mirrored=True, channels=(2, 0, 1))
    sample, other = (seen_as(each, Pool(pool)[0]) for each in (PLAIN, look))

    assert torch.equal(look.turn(sample["truth"][:, [2, 0, 1]]), other["truth"])
    assert torch.equal(look.turn(colors_of(sample["clues"])[:, [2, 0, 1]]), colors_of(other["clues"]))
    assert torch.equal(look.turn(open_gate(sample["clues"])), open_gate(other["clues"]))


def test_critic_learns_beside_the_decoder_and_can_be_left_out(sample: dict[str, Tensor]) -> None:
    batch = {name: value[None] for name, value in sample.items()}
    with_critic = DecoderStage(TINY)(batch)
    without = DecoderStage(replace(TINY, adversarial_weight=0.0, matching_weight=0.0))(batch)

    assert {"adversarial", "matching"} <= with_critic.generator.keys()
    assert with_critic.critic.keys() == {"critic"}
    assert not without.critic


def test_worlds_of_another_network_are_refused() -> None:
    with pytest.raises(BadInput, match="not for the decoder"):
        seen_as(PLAIN, {"color": torch.zeros(3, 4, 4)})
