from functools import cache

import pytest
import torch
from torch import Tensor

from ml_backend.camera import project
from ml_backend.loop import Loop
from ml_backend.pipeline import prepare_scene
from ml_backend.scene.preview_flow import preview_flow
from ml_backend.structures import DepthMap, MotionField, Scene

_HEIGHT, _WIDTH, _FRAMES = 96, 144, 60


@cache
def _scene(*, is_moving: bool = True) -> Scene:
    """Water to a horizon at row 30, which flows towards the camera and to the right."""
    y = (torch.arange(_HEIGHT) + 0.5)[:, None].expand(_HEIGHT, _WIDTH)
    depth = torch.where(y > 32, 66 / (y - 30).clamp(min=1), 200.0).clamp(min=1)
    flow = torch.zeros(2, _HEIGHT, _WIDTH)
    if is_moving:
        flow[0, 34:90, 10:130], flow[1, 34:90, 10:130] = 0.3, 0.2
    photo = torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(0))
    return prepare_scene(photo, depth=DepthMap(depth[None].contiguous()), motion=MotionField(flow))


def _at(frame: int) -> Tensor:
    preview = preview_flow(_scene())
    return _scene().cloud.positions + preview.flow * frame + preview.bend * frame**2


def _truth(frame: int) -> Tensor:
    return _scene().cloud.positions + Loop(_scene(), _FRAMES).scene_flow(frame)


@pytest.mark.parametrize("frame", [-_FRAMES, 0, _FRAMES])
def test_the_preview_meets_the_render_at_the_ends_of_the_usual_loop(frame: int) -> None:
    assert torch.allclose(_at(frame), _truth(frame), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("frame", range(-50, 60, 10))
def test_the_preview_is_a_few_pixels_off_in_between(frame: int) -> None:
    seen, expected = (project(points, _scene().camera)[0] for points in (_at(frame), _truth(frame)))
    assert (seen - expected).norm(dim=1).max() < 12  # near the horizon, where depth changes a hundredfold


@pytest.mark.parametrize("frame", range(-_FRAMES, _FRAMES + 1, 10))
def test_no_point_of_the_preview_comes_behind_the_camera(frame: int) -> None:
    assert _at(frame)[:, 2].min() > 0


def test_nothing_moves_in_a_still_photo() -> None:
    preview = preview_flow(_scene(is_moving=False))
    assert not preview.flow.any()
