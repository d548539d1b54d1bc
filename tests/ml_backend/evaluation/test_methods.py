from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.evaluation.datasets.find import find_sources, open_sample
from ml_backend.evaluation.inputs import make_inputs
from ml_backend.evaluation.methods.baselines import neighbouring_cameras, view_motion
from ml_backend.evaluation.methods.catalog import METHODS
from ml_backend.evaluation.methods.image_animation import animate_image, splat_bilinear
from ml_backend.evaluation.methods.method import Inputs, Method
from ml_backend.evaluation.sample import Shot
from ml_backend.structures import MotionField

MakeScene = Callable[..., Path]

_PREPARED = [method for method in METHODS if method.prepare]
every_method = pytest.mark.parametrize("method", _PREPARED, ids=[method.name for method in _PREPARED])


@pytest.fixture
def inputs(make_scene: MakeScene) -> Inputs:
    return make_inputs(open_sample(find_sources([make_scene()])[0], 768), "given")


def _shots(inputs: Inputs, times: tuple[int, ...], shift: float = 0.0) -> list[Shot]:
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3] = -shift
    camera = replace(inputs.camera, world_to_camera=pose)
    return [Shot(f"side_{t}", "side", t, camera) for t in times]


def _draw(method: Method, inputs: Inputs, shots: list[Shot], index: int) -> torch.Tensor:
    assert method.prepare is not None
    return method.prepare(inputs, shots)(index).rgb


@every_method
def test_first_frame_in_the_own_view_is_the_photo(method: Method, inputs: Inputs) -> None:
    drawn = _draw(method, inputs, _shots(inputs, (0, 4)), 0)

    assert torch.allclose(drawn, inputs.image, atol=0.5 / 255)


@every_method
def test_picture_does_not_depend_on_the_order_of_the_shots(method: Method, inputs: Inputs) -> None:
    assert method.prepare is not None
    shots = _shots(inputs, (0, 4, 7), shift=0.1)
    straight, backward = method.prepare(inputs, shots), method.prepare(inputs, shots)
    forward = [straight(k).rgb for k in range(3)]

    assert all(torch.equal(backward(k).rgb, forward[k]) for k in (2, 1, 0))


@every_method
def test_picture_is_a_picture_of_the_cameras_size(method: Method, inputs: Inputs) -> None:
    drawn = _draw(method, inputs, _shots(inputs, (5,), shift=0.1), 0)

    assert tuple(drawn.shape) == (3, 32, 48)
    assert bool(((drawn >= -1e-6) & (drawn <= 1 + 1e-6)).all())


@pytest.mark.parametrize("name", ["animate-view", "view-animate", "naive", "naive-3dsa", "ours"])
def test_water_moves(inputs: Inputs, name: str) -> None:
    method = next(m for m in METHODS if m.name == name)
    change = (_draw(method, inputs, _shots(inputs, (4,)), 0) - inputs.image).abs().mean(dim=0)

    assert float(change[20:28, 20:40].mean()) > 0.02
    assert float(change[:14].max()) < 0.5 / 255


def test_method_without_meaning_gives_its_reason() -> None:
    assert all(method.reason for method in METHODS if method.prepare is None)


def test_names_of_methods_are_unique_and_fit_for_folders() -> None:
    names = [method.name for method in METHODS]

    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() for name in names)


def test_pixels_are_added_to_the_four_around_their_aim() -> None:
    image = torch.zeros(1, 4, 5)
    image[0, 1, 1] = 1.0
    offset = torch.zeros(2, 4, 5)
    offset[0, 1, 1], offset[1, 1, 1] = 1.25, 0.5
    sums, _ = splat_bilinear(image, offset)

    assert sums[0].nonzero().tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]
    assert sums[0, 1:3, 2:4].tolist() == [[0.375, 0.125], [0.375, 0.125]]


def test_what_leaves_the_picture_is_gone() -> None:
    _, weights = splat_bilinear(torch.ones(1, 4, 5), torch.full((2, 4, 5), 9.0))

    assert float(weights.sum()) == 0.0


def test_2d_animation_mixes_both_clouds_by_time() -> None:
    # A flow that turns nothing over: all of a row moves right by 1 px per frame; colours are the column.
    image = torch.arange(12.0).expand(3, 4, 12) / 12
    motion = MotionField(torch.stack([torch.ones(4, 12), torch.zeros(4, 12)]))
    frame = animate_image(image, motion, 1, 4)

    # Column 5 shows column 4 moved by 1 (weight 3/4) and column 8 moved by -3 (weight 1/4).
    assert frame[0, 2, 5].item() == pytest.approx((0.75 * 4 + 0.25 * 8) / 12, abs=1e-6)


def test_2d_animation_loops() -> None:
    image = torch.rand(3, 8, 12, generator=torch.Generator().manual_seed(0))
    motion = MotionField(torch.full((2, 8, 12), 0.3))

    assert torch.allclose(animate_image(image, motion, 8, 8), image, atol=1e-6)


def test_motion_in_the_own_view_is_the_given_one(inputs: Inputs) -> None:
    assert view_motion(inputs, inputs.camera) is inputs.motion


def test_motion_of_flat_water_looks_the_same_from_the_side(inputs: Inputs) -> None:
    camera = _shots(inputs, (0,), shift=0.1)[0].camera
    flow = view_motion(inputs, camera).flow

    assert flow[0, 24, 30].item() == pytest.approx(0.5, rel=0.1)
    assert abs(flow[1, 24, 30].item()) < 0.05


def test_neighbouring_cameras_lie_on_the_path(inputs: Inputs) -> None:
    shots = [*_shots(inputs, (0,), shift=0.0), *_shots(inputs, (10,), shift=1.0)]
    cameras = neighbouring_cameras(shots, 10)
    positions = [float(torch.linalg.inv(camera.world_to_camera)[0, 3]) for camera in cameras]

    assert np.allclose(positions, [0.8, 0.9, 1.0, 1.0, 1.0])
    assert all(isinstance(camera, PinholeCamera) for camera in cameras)


@pytest.mark.parametrize("name", ["naive-filled", "no-inpainting"])
def test_fluid_that_the_photo_hides_is_left_to_the_full_method(
    inputs: Inputs, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml_backend.loop.find_unseen", lambda *_: pytest.fail("nothing hidden may be continued"))

    assert _draw(next(m for m in METHODS if m.name == name), inputs, _shots(inputs, (4,)), 0) is not None
