"""The embedded motion network against the solver, on worlds that it was not trained on."""

import numpy as np
import pytest

from ml_backend.depth.estimate import estimate_depth
from ml_backend.evaluation.motion_metrics import measure_motion, sample_arrows
from ml_backend.motion.embedded import load_embedded
from ml_backend.motion.estimate import estimate_motion
from ml_backend.motion.photo_reading import read_photo
from ml_backend.training.worlds import first_camera, make_world, render_view

_SEED = 20_000_000  # far from those of the training
_KINDS = ("falls", "sea", "river", "rapids", "falls", "sea", "river", "falls")


@pytest.fixture(scope="module")
def errors() -> dict[str, float]:
    """Mean relative end-point error with three arrows, by method."""
    found: dict[str, list[float]] = {"network": [], "solver": []}
    for number, kind in enumerate(_KINDS):
        world = make_world(_SEED + number, kind=kind)
        view = render_view(world, first_camera(world, 192, 128), 0.0)
        flow, mask = view.flow.permute(1, 2, 0).numpy(), view.fluid[0].numpy()
        hints = sample_arrows(flow, mask, 3)
        depth = estimate_depth(view.color)
        reading = read_photo(load_embedded(), view.color, depth, hints.mask)
        for method, seen in (("network", reading), ("solver", None)):
            estimated = estimate_motion(view.color, hints, depth, reading=seen).flow.permute(1, 2, 0).numpy()
            measured = measure_motion(estimated, flow, mask).relative_error
            assert measured is not None
            found[method].append(measured)
    return {method: float(np.mean(values)) for method, values in found.items()}


def test_the_network_beats_standing_still_by_far(errors: dict[str, float]) -> None:
    assert errors["network"] < 0.6


def test_the_network_beats_the_solver(errors: dict[str, float]) -> None:
    assert errors["network"] < 0.9 * errors["solver"]
