"""The shipped networks on worlds that they were not trained on, against what they took the place of."""

import pytest
from torch import Tensor

from ml_backend.depth.embedded import FILE, load_small_depth
from ml_backend.depth.prior import landscape_disparity
from ml_backend.depth.small_disparity import small_disparity
from ml_backend.evaluation.depth_metrics import measure_depth
from ml_backend.training.datasets.views import rendered
from ml_backend.training.stage import Batch
from ml_backend.training.worlds.textures import procedural_textures

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
    estimate = small_disparity(load_small_depth(FILE))
    ours = sum(_abs_rel(estimate(view["color"]), view["depth"]) for view in views)
    rule = sum(_abs_rel(landscape_disparity(view["color"]), view["depth"]) for view in views)
    assert ours < 0.8 * rule
