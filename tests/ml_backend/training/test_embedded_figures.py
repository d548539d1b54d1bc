"""The shipped networks on worlds that they were not trained on, against what they took the place of."""

import pytest
import torch
from torch import Tensor

from ml_backend.depth.embedded import FILE
from ml_backend.depth.prior import landscape_disparity
from ml_backend.depth.small_disparity import small_disparity
from ml_backend.depth.small_net import SmallDepthNet
from ml_backend.evaluation.depth_metrics import measure_depth
from ml_backend.ldi.embedded import FILE as INPAINTING_FILE
from ml_backend.ldi.small_nets import SmallInpaintingNet
from ml_backend.training.configs import small_inpainting
from ml_backend.training.datasets.layers import layer_batch, shape_of
from ml_backend.training.datasets.views import rendered
from ml_backend.training.inpainting_stage import InpaintingStage
from ml_backend.training.stage import Batch
from ml_backend.training.worlds.textures import procedural_textures
from ml_backend.weights.checkpoint import load_network

_SEED = 2_100_000_000  # none of these was trained or validated on
_COUNT = 12


@pytest.fixture(scope="module")
def views() -> list[Batch]:
    """Worlds with procedural textures alone."""
    return [rendered(_SEED + number, 192, 128, procedural_textures()) for number in range(_COUNT)]


def _abs_rel(disparity: Tensor, depth: Tensor) -> float:
    found = 1 / disparity.clamp(min=1e-3)
    value = measure_depth(found.numpy(), depth[0].numpy()).abs_rel
    assert value is not None
    return value


def test_depth_of_unseen_worlds_is_nearer_to_the_truth_than_the_rules(views: list[Batch]) -> None:
    estimate = small_disparity(load_network(SmallDepthNet(), FILE))
    ours = sum(_abs_rel(estimate(view["color"]), view["depth"]) for view in views)
    rule = sum(_abs_rel(landscape_disparity(view["color"]), view["depth"]) for view in views)
    assert ours < 0.8 * rule


def test_fill_of_unseen_worlds_is_nearer_to_the_truth_than_the_continuation(views: list[Batch]) -> None:
    stage = InpaintingStage(small_inpainting())
    stage.networks["inpainting"] = load_network(SmallInpaintingNet(), INPAINTING_FILE)
    stage.eval()
    ours, classical = [], []
    for number, view in enumerate(views):
        batch = layer_batch(view, shape_of(views[number - 1]), torch.Generator().manual_seed(number))
        batch = {name: value[None] for name, value in batch.items()}
        asked, truth = batch["asked"] > 0, batch["color"]
        with torch.no_grad():
            found = stage.fill(batch["given"])[0]
        smooth = batch["given"][:, :3] + batch["given"][:, 3:6]
        ours.append(float(((found.clamp(0, 1) - truth).square() * asked).sum() / asked.sum()))
        classical.append(float(((smooth.clamp(0, 1) - truth).square() * asked).sum() / asked.sum()))
    assert sum(ours) < 0.95 * sum(classical)


def test_hidden_depth_of_unseen_worlds_is_nearer_to_the_truth_than_the_continuation(views: list[Batch]) -> None:
    stage = InpaintingStage(small_inpainting())
    stage.networks["inpainting"] = load_network(SmallInpaintingNet(), INPAINTING_FILE)
    stage.eval()
    ours = classical = 0.0
    for number, view in enumerate(views):
        batch = layer_batch(view, shape_of(views[number - 1]), torch.Generator().manual_seed(number))
        batch = {name: value[None] for name, value in batch.items()}
        asked, truth = batch["asked"] > 0, batch["disparity"]
        with torch.no_grad():
            found = stage.fill(batch["given"])[1]
        ours += float((found - truth)[asked].abs().clamp(max=3).mean())
        classical += float((batch["given"][:, 6:7] - truth)[asked].abs().clamp(max=3).mean())
    assert ours < 0.9 * classical
