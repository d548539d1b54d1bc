"""MeasureViews requests: what is checked, what is answered, and what is kept for the next one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml_backend.errors import BadInput, BadOutput, BadScene, ProtocolError
from ml_backend.protocol import MeasureViews
from ml_backend.rendering.coverage import ThinCloud
from ml_backend.rendering.parallax import NeighbourSteps
from ml_backend.service.jobs import Jobs
from ml_backend.service.view_coverage import measure

IDENTITY = [1.0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
REQUEST = MeasureViews(1, "/scene", [[4.0, 4.0, 2.0, 1.5]], [IDENTITY], 4, 3)
CLOUD = ThinCloud(
    positions=np.array([[0, 0, 1]], np.float32),
    sizes=np.array([9], np.float32),
    layers=np.array([0], np.uint8),
    inpainted=np.array([False]),
    steps=NeighbourSteps(torch.zeros(1, 2), torch.ones(1), torch.zeros(1, 2), torch.zeros(1, 2)),
    near=1.0,
)


def test_each_view_gets_two_shares() -> None:
    values = measure(replace(REQUEST, hidden_layers=[0]), CLOUD)
    assert values == {"unknown": [1.0], "holes": [1.0]}


def test_masks_are_written_where_asked(tmp_path: Path) -> None:
    values = measure(replace(REQUEST, output_dir=str(tmp_path)), CLOUD)
    assert np.array_equal(np.load(str(values["masks"])), np.zeros((1, 3, 4), np.uint8))


@pytest.mark.parametrize(
    "changes",
    [{"intrinsics": []}, {"intrinsics": [[4.0]]}, {"world_to_camera": [[1.0]]}, {"world_to_camera": [IDENTITY] * 2}],
)
def test_lists_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        measure(replace(REQUEST, **changes), CLOUD)


def test_a_view_of_no_pixels_is_refused() -> None:
    with pytest.raises(BadInput, match="0x3"):
        measure(replace(REQUEST, width=0), CLOUD)


def test_masks_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadOutput):
        measure(replace(REQUEST, output_dir=str(tmp_path / "none")), CLOUD)


def test_a_missing_scene_says_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(BadScene, match="no scene"):
        Jobs().perform(replace(REQUEST, scene_dir=str(tmp_path)), lambda stage, fraction: None)
