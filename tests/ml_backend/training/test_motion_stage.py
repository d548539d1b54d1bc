from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from one_batch import losses_before_and_after
from safetensors.torch import load_file

from ml_backend.motion.spade_unet import SpadeUNet, follow_weights
from ml_backend.training.configs import MotionConfig
from ml_backend.training.motion_stage import MotionStage, draw_sigma, motion_input
from ml_backend.weights.checkpoint import load_strictly

# In a handful of steps the critic only gets in the way: little weight, so that the error itself can be judged.
TINY = MotionConfig(
    width=256,
    height=256,
    steps=6,
    batch=1,
    learning_rate=1e-3,
    betas=(0.5, 0.9),
    critic_width=4,
    adversarial_weight=0.01,
    matching_weight=0.01,
    validation_samples=1,
    precision="float32",
    average=0.5,
)


@pytest.fixture
def stage(river: Path) -> MotionStage:
    return MotionStage(replace(TINY, data=(str(river),)))


def test_the_endpoint_error_of_one_world_goes_down_and_the_weights_can_be_loaded(tmp_path: Path) -> None:
    before, after = losses_before_and_after(MotionStage(TINY), tmp_path / "out")

    assert after["endpoint"] < 0.5 * before["endpoint"]
    assert set(after) == {"endpoint", "adversarial", "matching"}
    load_strictly(SpadeUNet(), load_file(tmp_path / "out" / "motion.safetensors"), "motion.safetensors")


def test_a_sample_is_the_same_whatever_was_asked_before(stage: MotionStage) -> None:
    first = stage.dataset()[5]
    stage.dataset()[3]

    again = stage.dataset()[5]
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_the_flow_of_a_squashed_picture_is_in_its_new_pixels(stage: MotionStage) -> None:
    samples = [stage.dataset()[index] for index in range(4)]

    moving = torch.cat([s["flow"][0][s["mask"][0] > 0].abs() for s in samples])
    assert float(moving.median()) == pytest.approx(256 / 64, rel=0.25)  # one pixel per frame of 64; DIS is not exact


def test_hints_are_arrows_of_the_flow_inside_the_mask(stage: MotionStage) -> None:
    sample = next(s for index in range(20) if (s := stage.dataset()[index])["hints"].abs().sum() > 0)

    inside, outside = sample["mask"][0] > 0, sample["mask"][0] == 0
    assert float(sample["hints"][:, outside].abs().sum()) == 0
    hints, flow = (sample[name][0][inside] for name in ("hints", "flow"))  # the river runs to one side
    assert 0 < float(hints.abs().max()) <= float(flow.abs().max()) + 1e-4
    assert float(hints.sum().sign()) == float(flow.sum().sign())


def test_some_samples_have_no_arrows(stage: MotionStage) -> None:
    sums = [float(stage.dataset()[index]["hints"].abs().sum()) for index in range(30)]

    assert 0 < sum(value == 0 for value in sums) < 30


def test_the_width_of_the_hints_is_drawn_as_the_authors_draw_it() -> None:
    drawn = {draw_sigma(np.random.default_rng(seed), 720, 5) for seed in range(500)}

    assert min(drawn) >= 72
    assert max(drawn) < 288
    assert len(drawn) > 100


def test_the_network_reads_the_picture_between_minus_one_and_one() -> None:
    x = motion_input(torch.ones(1, 3, 2, 2), torch.zeros(1, 1, 2, 2), torch.full((1, 2, 2, 2), 5.0))

    assert x[0, :, 0, 0].tolist() == [1.0, 1.0, 1.0, 0.0, 5.0, 5.0]


def test_followed_weights_have_a_largest_singular_value_of_one() -> None:
    torch.manual_seed(0)
    network = SpadeUNet(in_channels=3, widths=(4, 8, 8))
    follow_weights(network, 100)

    layer = network.encoder[1]
    matrix = layer.weight_orig.detach().flatten(1)
    estimated = layer.weight_u @ matrix @ layer.weight_v
    assert float(estimated) == pytest.approx(float(torch.linalg.matrix_norm(matrix, 2)), rel=1e-3)
