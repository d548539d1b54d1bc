import math

import pytest
import torch
from torch import Tensor

from ml_backend.animation.scene_flow import fluid_surface, lift_to_scene_flow, local_stretch
from ml_backend.camera import photo_camera, pixel_centres, project, unproject
from ml_backend.structures import Displacement

_HEIGHT, _WIDTH, _BORDER = 32, 48, 4
_CAMERA = photo_camera(_WIDTH, _HEIGHT)
_GROUND_Y = 1.0  # below the camera


def _canvas_pixels() -> Tensor:
    return pixel_centres(_HEIGHT + 2 * _BORDER, _WIDTH + 2 * _BORDER) - _BORDER


def _ground_depth(pixels: Tensor) -> Tensor:
    """Depth of a level plane under image positions (..., 2), far above the horizon's row + 2."""
    below = (pixels[..., 1] - _HEIGHT / 2).clamp(min=2)
    return _GROUND_Y * float(_CAMERA.intrinsics[1, 1]) / below


def _points() -> Tensor:
    """Pixels (n, 2) well below the horizon."""
    return pixel_centres(_HEIGHT, _WIDTH)[22:28, 8:40].reshape(-1, 2)


def _flow(offset: tuple[float, float], surface: Tensor | None = None) -> Tensor:
    pixels = _points()
    surface = _ground_depth(_canvas_pixels())[None] if surface is None else surface
    offsets = torch.tensor(offset).expand_as(pixels)
    return lift_to_scene_flow(pixels, _ground_depth(pixels), offsets, surface, _CAMERA, border=_BORDER)


def _displacement(matrix: list[list[float]], size: int = 8) -> Displacement:
    """Every pixel moved to `matrix` times its position."""
    pixels = pixel_centres(size, size)
    moved = pixels @ torch.tensor(matrix).T
    return Displacement((moved - pixels).permute(2, 0, 1), torch.ones(1, size, size, dtype=torch.bool))


def test_no_displacement_is_no_flow() -> None:
    assert not _flow((0.0, 0.0)).any()


@pytest.mark.parametrize("offset", [(3.0, 0.0), (0.0, 4.0), (-2.0, -3.0)])
def test_points_stay_on_the_ground(offset: tuple[float, float]) -> None:
    moved = unproject(_points(), _ground_depth(_points()), _CAMERA) + _flow(offset)

    torch.testing.assert_close(moved[:, 1], torch.full((len(moved),), _GROUND_Y), atol=1e-5, rtol=0)


def test_points_stay_on_the_ground_between_pixels() -> None:
    moved = unproject(_points(), _ground_depth(_points()), _CAMERA) + _flow((1.3, 1.6))

    # Depth is read bilinearly, and between two rows the plane's depth is not linear.
    torch.testing.assert_close(moved[:, 1], torch.full((len(moved),), _GROUND_Y), atol=0.02, rtol=0)


@pytest.mark.parametrize("offset", [(3.0, 0.0), (1.25, 2.5)])
def test_moved_point_is_seen_where_the_flow_puts_it(offset: tuple[float, float]) -> None:
    moved = unproject(_points(), _ground_depth(_points()), _CAMERA) + _flow(offset)
    pixels, _ = project(moved, _CAMERA)

    torch.testing.assert_close(pixels, _points() + torch.tensor(offset), atol=1e-4, rtol=0)


def test_water_that_flows_toward_the_camera_comes_nearer() -> None:
    assert bool((_flow((0.0, 3.0))[:, 2] < 0).all())


def test_stray_arrival_on_a_wall_does_not_throw_a_point_away() -> None:
    surface = _ground_depth(_canvas_pixels())[None].clone()
    surface[..., 40:] = 1000.0
    pixels = torch.tensor([[33.5, 24.5]])
    depth = _ground_depth(pixels)
    flow = lift_to_scene_flow(pixels, depth, torch.tensor([[4.0, 0.0]]), surface, _CAMERA, border=_BORDER)
    _, z = project(unproject(pixels, depth, _CAMERA) + flow, _CAMERA)

    assert z.item() <= 2 * depth.item() + 1e-4


def test_surface_of_the_fluid_is_its_own_depth() -> None:
    depth = _ground_depth(_canvas_pixels())[None]
    moving = torch.zeros_like(depth, dtype=torch.bool)
    moving[:, 25:] = True

    torch.testing.assert_close(fluid_surface(depth, moving)[moving], depth[moving])


def test_surface_of_the_fluid_goes_on_below_what_stands_in_it() -> None:
    depth = torch.full((1, 40, 40), 5.0)
    moving = torch.ones(1, 40, 40, dtype=torch.bool)
    depth[:, 15:25, 15:25], moving[:, 15:25, 15:25] = 1.0, False  # a rock

    torch.testing.assert_close(fluid_surface(depth, moving), torch.full((1, 40, 40), 5.0))


def test_surface_without_any_fluid_is_finite() -> None:
    surface = fluid_surface(torch.ones(1, 6, 6), torch.zeros(1, 6, 6, dtype=torch.bool))

    assert bool(torch.isfinite(surface).all())


def test_uniform_displacement_does_not_stretch() -> None:
    uniform = Displacement(torch.full((2, 6, 7), 3.5), torch.ones(1, 6, 7, dtype=torch.bool))

    assert torch.equal(local_stretch(uniform), torch.ones(1, 6, 7))


@pytest.mark.parametrize(
    ("matrix", "factor"),
    [
        ([[1.5, 0.0], [0.0, 1.5]], 1.5),
        ([[2.0, 0.0], [0.0, 1.0]], 2.0),
        ([[0.5, 0.0], [0.0, 0.5]], 1.0),  # never below one: points do not shrink
        ([[math.cos(0.7), -math.sin(0.7)], [math.sin(0.7), math.cos(0.7)]], 1.0),
        ([[1.0, 1.0], [0.0, 1.0]], (1 + math.sqrt(5)) / 2),  # a shear's larger singular value: the golden ratio
    ],
)
def test_stretch_is_the_factor_by_which_neighbours_part(matrix: list[list[float]], factor: float) -> None:
    inner = local_stretch(_displacement(matrix))[:, 1:, 1:]

    torch.testing.assert_close(inner, torch.full((1, 7, 7), factor), atol=1e-4, rtol=0)


def test_shore_that_stands_does_not_stretch_the_water_beside_it() -> None:
    offset = torch.zeros(2, 6, 6)
    offset[0, :, 3:] = 10.0
    valid = torch.zeros(1, 6, 6, dtype=torch.bool)
    valid[..., 3:] = True

    assert torch.equal(local_stretch(Displacement(offset, valid)), torch.ones(1, 6, 6))
