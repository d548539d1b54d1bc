from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, photo_camera, pixel_centres, project, unproject
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.parallax import disc_growth, neighbour_steps, pulled_apart
from ml_backend.structures import DepthMap

_HEIGHT, _WIDTH = 24, 32
_PHOTO = photo_camera(_WIDTH, _HEIGHT)
_GENERATOR = torch.Generator().manual_seed(0)


def _moved(x: float = 0.0, y: float = 0.0, z: float = 0.0, turn: float = 0.0) -> PinholeCamera:
    """The photo's camera moved to a place and turned to the side, in radians."""
    pose = torch.eye(4, dtype=torch.float64)
    turned = torch.tensor([[0.0, 0.0, turn], [0.0, 0.0, 0.0], [-turn, 0.0, 0.0]], dtype=torch.float64)
    pose[:3, :3] = torch.linalg.matrix_exp(turned)
    pose[:3, 3] = torch.tensor([x, y, z], dtype=torch.float64)
    return replace(_PHOTO, world_to_camera=torch.linalg.inv(pose))


def _slope(right: float = 0.008, down: float = 0.005) -> Tensor:
    """Depth (1, h, w) of a plane whose disparity grows to the right and downwards."""
    y, x = torch.meshgrid(torch.arange(_HEIGHT), torch.arange(_WIDTH), indexing="ij")
    return 1 / (0.4 + right * x + down * y)[None]


def _apart(depth: Tensor, camera: PinholeCamera) -> Tensor:
    """(h, w), of the pixels of a photo with that depth."""
    scene = prepare_scene(torch.rand(3, _HEIGHT, _WIDTH, generator=_GENERATOR), depth=DepthMap(depth.float()))
    apart = pulled_apart(neighbour_steps(scene, near=1.0), camera)
    of_photo = ~scene.cloud.inpainted
    column, row = scene.cloud.pixels[of_photo].long().T
    seen = torch.zeros(_HEIGHT, _WIDTH)
    seen[row, column] = apart[of_photo]
    return seen


@pytest.mark.parametrize("camera", [_moved(x=-0.6), _moved(x=0.5, y=0.4), _moved(z=0.4), _moved(x=-0.5, y=0.2, z=-0.6)])
def test_the_distance_is_that_of_the_projected_neighbours(camera: PinholeCamera) -> None:
    depth = _slope()
    pixels = pixel_centres(_HEIGHT, _WIDTH).view(-1, 2)
    seen, z = project(unproject(pixels, depth.flatten(), _PHOTO), camera)
    seen, parallel = seen.view(_HEIGHT, _WIDTH, 2), (depth.flatten() / z).view(_HEIGHT, _WIDTH)
    aside, along = seen[:, 1:, 0] - seen[:, :-1, 0], seen[1:, :, 1] - seen[:-1, :, 1]
    inner = (slice(1, -1), slice(1, -1))
    farthest = torch.stack([aside[1:-1, 1:], aside[1:-1, :-1], along[1:, 1:-1], along[:-1, 1:-1]]).amax(dim=0)

    expected = (farthest / parallel[inner]).clamp(min=1)
    torch.testing.assert_close(_apart(depth, camera)[inner], expected, rtol=0.03, atol=0)


def test_a_camera_that_stands_or_turns_pulls_nothing_apart() -> None:
    for camera in (_moved(), _moved(turn=0.2)):
        assert torch.equal(_apart(_slope(), camera), torch.ones(_HEIGHT, _WIDTH))


def test_a_wall_parallel_to_the_picture_stays_together() -> None:
    apart = _apart(torch.full((1, _HEIGHT, _WIDTH), 2.0), _moved(x=3.0))
    torch.testing.assert_close(apart, torch.ones(_HEIGHT, _WIDTH), rtol=0, atol=1e-3)


def test_a_thing_stays_apart_from_what_is_behind_it() -> None:
    depth = torch.full((1, _HEIGHT, _WIDTH), 4.0)
    depth[:, 8:16, 8:16] = 1.0
    apart = _apart(depth, _moved(x=0.5))
    torch.testing.assert_close(apart, torch.ones(_HEIGHT, _WIDTH), rtol=0, atol=1e-3)


def test_discs_reach_the_middle_of_neighbours_and_are_left_alone_where_these_are_close() -> None:
    apart = torch.linspace(1, 4, 31)
    reach = 0.9 * disc_growth(apart)  # the renderer's radius, in pixels
    assert (reach > ((1 + apart.square()) / 4).sqrt()).all()
    assert torch.equal(disc_growth(torch.ones(3)), torch.ones(3))
