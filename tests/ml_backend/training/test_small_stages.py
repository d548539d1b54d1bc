from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.data import default_collate

from ml_backend.errors import BadInput
from ml_backend.training.configs import TrainingConfig, small_depth, small_inpainting
from ml_backend.training.datasets.layers import Layers
from ml_backend.training.datasets.views import Views, held_out
from ml_backend.training.depth_stage import DepthStage
from ml_backend.training.inpainting_stage import InpaintingStage
from ml_backend.training.stage import Stage
from ml_backend.training.worlds.pool import render_pool

_SMALL = {"width": 96, "height": 64, "batch": 2, "validation_samples": 2, "warmup": 0}


def _stage(name: str) -> Stage:
    if name == "depth":
        return DepthStage(replace(small_depth(), **_SMALL))
    return InpaintingStage(replace(small_inpainting(), **_SMALL))


@pytest.mark.parametrize("name", ["depth", "inpainting"])
def test_a_few_steps_on_one_batch_reduce_the_loss(name: str) -> None:
    stage = _stage(name)
    dataset = stage.dataset()
    batch = default_collate([dataset[2], dataset[3]])
    optimizer = torch.optim.Adam(stage.parameters(), 2e-3)
    totals = []
    for _ in range(16):
        torch.manual_seed(0)
        total = torch.stack(list(stage(batch).generator.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < 0.95 * totals[0]


@pytest.mark.parametrize("name", ["depth", "inpainting"])
def test_each_weight_takes_part(name: str) -> None:
    stage = _stage(name)
    dataset = stage.dataset()
    torch.stack(list(stage(default_collate([dataset[0], dataset[1]])).generator.values())).sum().backward()
    assert all(parameter.grad is not None for parameter in stage.parameters())


@pytest.mark.parametrize("name", ["depth", "inpainting"])
def test_validation_gives_finite_figures_and_a_picture(name: str) -> None:
    stage = _stage(name).eval()
    with torch.no_grad():
        found = stage.validate()
    assert found.pictures
    assert all(torch.isfinite(torch.tensor(value)) for value in found.figures.values())


@pytest.mark.parametrize("name", ["depth", "inpainting"])
def test_what_is_exported_is_half_precision(name: str) -> None:
    tensors, about = _stage(name).export()
    assert {value.dtype for value in tensors.values()} == {torch.float16, torch.int64}
    assert about["network"]


def test_sample_depends_on_its_number_alone() -> None:
    config = replace(small_depth(), **_SMALL)
    first, second = Views(config)[5], Views(config)[5]
    assert torch.equal(first["color"], second["color"])
    assert not torch.equal(first["color"], Views(config)[6]["color"])


def test_held_out_worlds_come_in_batches() -> None:
    config = replace(small_depth(), **_SMALL)
    batches = held_out(config, lambda view, _: view, 2)
    assert [len(batch["color"]) for batch in batches] == [2]


def test_data_that_are_no_worlds_are_refused() -> None:
    config: TrainingConfig = replace(small_depth(), data=("clips",))
    with pytest.raises(BadInput, match="clips"):
        Views(config)


def test_layers_are_cut_from_pools_of_larger_pictures(tmp_path: Path) -> None:
    render_pool(tmp_path, range(3), (120, 72), "depth")
    config = replace(small_inpainting(), **_SMALL, data=(f"worlds:{tmp_path}",))
    assert {Layers(config)[index]["color"].shape for index in range(4)} == {(3, 64, 96)}
