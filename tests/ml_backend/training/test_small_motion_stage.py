from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.utils.data import default_collate

from ml_backend.errors import BadInput
from ml_backend.motion.small_net import SmallMotionNet
from ml_backend.training.configs import small_motion
from ml_backend.training.datasets.flow_views import open_flow_views, reduced
from ml_backend.training.loop import train
from ml_backend.training.motion_samples import NOWHERE, STRIDE, FlowView, allowed_arrows, draw_sample
from ml_backend.training.small_motion_stage import SmallMotionStage, relative_error
from ml_backend.training.worlds.pool import render_pool

_CONFIG = replace(
    small_motion(),
    width=48,
    height=32,
    batch=2,
    steps=2,
    warmup=0,
    validation_samples=2,
    validate_every=2,
    save_every=2,
)


def _river(height: int, width: int) -> FlowView:
    """A river in the lower half that flows to the right, faster below; a still sky above."""
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None].repeat(width, 1)
    fluid = rows > 0
    flow = np.stack([np.where(fluid, rows, 0), np.zeros_like(rows)], axis=-1)
    color = np.where(fluid[..., None], (40, 90, 160), (200, 210, 220)).astype(np.uint8)
    return FlowView(
        color=color,
        disparity=rows.clip(0),
        flow=flow,
        fluid=fluid,
        sky=~fluid,
        surface=np.where(fluid, 2, 0),
    )


class _Rivers:
    def draw(self, rng: np.random.Generator, *, is_portrait: bool, with_estimate: bool = False) -> FlowView:
        return _river(48, 32) if is_portrait else _river(32, 48)

    def held_out(self, number: int) -> FlowView:
        return _river(32, 48)


def _stage() -> SmallMotionStage:
    return SmallMotionStage(_CONFIG, _Rivers())


def test_a_sample_is_a_function_of_its_number() -> None:
    first, second = (_stage().dataset()[5] for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_batches_change_their_format_as_a_whole() -> None:
    data = _stage().dataset()
    shapes = [tuple(data[index]["photo"].shape[1:]) for index in range(4)]
    assert shapes == [(24, 16), (24, 16), (16, 24), (16, 24)]


def test_arrows_start_where_something_flows() -> None:
    sample = draw_sample(_river(32, 48), np.random.default_rng(0), 5, augment=False, least_arrows=5)
    rows = sample["cells"] // (48 // STRIDE)
    assert bool((rows >= 16 // STRIDE).all())
    assert bool((sample["arrow_regions"] == 0).all())


def test_flow_is_in_long_sides() -> None:
    sample = draw_sample(_river(32, 48), np.random.default_rng(0), 1, augment=False)
    assert float(sample["flow"][0].max()) == pytest.approx(1 / 48, rel=0.15)


def test_a_still_view_has_no_arrows() -> None:
    river = _river(32, 48)
    still = replace(river, flow=0 * river.flow, fluid=np.zeros_like(river.fluid))
    sample = draw_sample(still, np.random.default_rng(0), 3, augment=True)
    assert bool((sample["arrow_regions"] == NOWHERE).all())


def test_an_arrow_speaks_for_its_region_and_for_those_that_have_none() -> None:
    regions = torch.tensor([[0, 0, 1, 2]])
    allowed = allowed_arrows(regions, torch.tensor([[0, 1, NOWHERE]]))
    expected = [[True, True, False, True], [False, False, True, True], [False] * 4]
    assert allowed.tolist() == [expected]


def test_all_losses_are_finite_and_reach_every_weight() -> None:
    stage = _stage()
    losses = stage(default_collate([stage.dataset()[index] for index in range(10, 14)])).generator
    sum(losses.values()).backward()
    assert all(bool(torch.isfinite(value)) for value in losses.values())
    assert all(parameter.grad is not None for parameter in stage.parameters())


def test_a_batch_without_any_flow_gives_no_loss_of_flow() -> None:
    river = _river(32, 48)
    still = replace(river, flow=0 * river.flow, fluid=np.zeros_like(river.fluid))
    batch = default_collate([draw_sample(still, np.random.default_rng(i), 3, augment=True) for i in range(2)])
    assert float(_stage()(batch).generator["arrows"].detach()) == 0


def test_a_few_steps_learn_the_river() -> None:
    stage = _stage()
    optimizer = torch.optim.AdamW(stage.parameters(), lr=3e-3)
    batch = default_collate([stage.dataset()[index] for index in range(2, 4)])
    errors = []
    for _ in range(12):
        loss = stage(batch).generator["arrows"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(float(loss.detach()))
    assert errors[-1] < 0.8 * errors[0]


def test_what_is_trained_fits_the_embedded_network(tmp_path: Path) -> None:
    trained = train(_stage(), tmp_path)
    tensors = load_file(tmp_path / "motion.safetensors")
    assert trained.figures["error, 3 arrows"] > 0
    assert all(tensor.dtype == torch.float16 for tensor in tensors.values())
    SmallMotionNet().load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, strict=True)


def test_the_error_of_standing_still_is_one() -> None:
    truth = torch.randn(3, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(relative_error(0 * truth, truth, torch.ones(3, 1, 4, 5)), torch.ones(3))


def test_clips_are_refused_in_words() -> None:
    with pytest.raises(BadInput, match="generated worlds"):
        open_flow_views(replace(_CONFIG, data=("clips",)))


def test_views_of_a_pool_are_split_for_validation(tmp_path: Path) -> None:
    render_pool(tmp_path, range(100, 124), (48, 32), "depth")
    views = open_flow_views(replace(_CONFIG, data=(f"worlds:{tmp_path}",)))
    apart = views.held_out(0).color
    assert views.draw(np.random.default_rng(0), is_portrait=False, with_estimate=True).estimated.shape == (32, 48)
    drawn = (views.draw(np.random.default_rng(seed), is_portrait=False).color for seed in range(40))
    assert not any(np.array_equal(apart, color) for color in drawn)


def test_a_reduced_view_flows_by_fewer_pixels() -> None:
    small = reduced(_river(32, 48), 24)
    assert small.fluid.shape == (16, 24)
    assert float(small.flow.max()) == pytest.approx(0.5, abs=0.05)
    assert reduced(small, 24) is small


def test_an_estimated_depth_is_seen_in_place_of_the_true_one() -> None:
    river = _river(32, 48)
    seen = replace(river, estimated=np.full((32, 48), 7.0, np.float32))
    disparity = draw_sample(seen, np.random.default_rng(0), 1, augment=True)["disparity"]
    assert float(disparity.min()) > 0.5
