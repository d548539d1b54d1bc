import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from torch import Tensor

from ml_backend.camera import PinholeCamera, pixel_centres, project, unproject
from ml_backend.training.worlds import (
    Textures,
    View,
    World,
    first_camera,
    load_textures,
    make_world,
    nearby_camera,
    render_view,
)
from ml_backend.training.worlds.landscapes import KINDS

SIZE = (96, 64)
FLUID_KINDS = ("sea", "river", "rapids", "falls")


def see(world: World, time: float = 0.0) -> View:
    return render_view(world, first_camera(world, *SIZE), time)


def without_light_effects(world: World) -> World:
    """The same world without what does not travel with the water: reflections, waves, the bed, and fixed foam."""
    scene = world.scene
    water = scene.water._replace(mirror=0.0, wave=0.0, clarity=0.0, shore_foam=0.0, splash_radius=0.0)
    return replace(world, scene=scene._replace(water=water, light=scene.light._replace(fog=0.0)))


def sampled(image: Tensor, positions: Tensor) -> Tensor:
    """Bilinear values (C, N) of an image (C, H, W) at positions (N, 2) in pixels, centres at +0.5."""
    at = (positions.numpy() - 0.5).T[::-1]
    return torch.from_numpy(np.stack([map_coordinates(p, at, order=1, mode="nearest") for p in image.numpy()]))


def seen_again(view: View, camera: PinholeCamera, other: View, other_camera: PinholeCamera) -> tuple[Tensor, Tensor]:
    """For the pixels of a view that fall into another: relative error of depth there, and error of colour."""
    pixels = pixel_centres(camera.height, camera.width).reshape(-1, 2)
    points = unproject(pixels, view.depth.reshape(-1), camera)
    positions, z = project(points, other_camera)
    inside = (positions > 1).all(1) & (positions[:, 0] < SIZE[0] - 1) & (positions[:, 1] < SIZE[1] - 1)
    inside &= ~view.sky.reshape(-1)
    depth = sampled(other.depth, positions[inside])[0]
    color = sampled(other.color, positions[inside])
    error = (depth - z[inside]).abs() / z[inside]
    return error, (color - view.color.reshape(3, -1)[:, inside]).abs().mean(0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_world_gives_a_complete_view(textures: Textures, kind: str) -> None:
    view = see(make_world(11, textures, kind=kind))

    assert view.color.shape == (3, 64, 96)
    assert 0 <= view.color.min() <= view.color.max() <= 1
    assert view.color.std() > 0.02
    assert view.depth.min() > 0.1
    assert all(torch.isfinite(t).all() for t in (view.color, view.depth, view.flow))


def test_same_seed_gives_the_same_picture(textures: Textures) -> None:
    first, second = see(make_world(5, textures)), see(make_world(5, textures))

    assert torch.equal(first.color, second.color)
    assert torch.equal(first.depth, second.depth)


def test_textures_of_the_same_seed_are_equal() -> None:
    first, second = load_textures(copies=1, seed=3), load_textures(copies=1, seed=3)

    assert np.array_equal(first.texels, second.texels)
    assert np.array_equal(first.masks, second.masks)


def test_other_seed_gives_another_picture(textures: Textures) -> None:
    assert not torch.equal(see(make_world(5, textures)).color, see(make_world(6, textures)).color)


@pytest.mark.parametrize("kind", KINDS)
def test_points_are_found_again_in_a_nearby_view(textures: Textures, kind: str) -> None:
    world = make_world(23, textures, kind=kind)
    camera = first_camera(world, *SIZE)
    other = nearby_camera(world, camera, np.random.default_rng(1))

    error, color = seen_again(see(world), camera, render_view(world, other, 0.0), other)

    # What is hidden in the other view, and edges between pixels, may differ; surfaces must not.
    assert error.median() < 0.003
    assert (error < 0.05).float().mean() > 0.75
    assert color.median() < 0.06  # textures are seen at other pixels, water mirrors something else


@pytest.mark.parametrize("kind", FLUID_KINDS)
def test_color_travels_with_the_flow(textures: Textures, kind: str) -> None:
    world = without_light_effects(make_world(32, textures, kind=kind))
    camera, now = first_camera(world, *SIZE), see(world)
    rows, columns = torch.nonzero(_inside_of_one_surface(now) & now.fluid[0], as_tuple=True)
    chosen = torch.linspace(0, len(rows) - 1, 60).long()
    errors, unmoved = [], []
    for row, column in zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True):
        here, there = now.color[:, row, column], (column + 0.5, row + 0.5)
        moved = (there[0] + now.flow[0, row, column].item(), there[1] + now.flow[1, row, column].item())
        errors.append((_color_at(world, camera, moved, 1.0) - here).abs().mean())
        unmoved.append((_color_at(world, camera, there, 1.0) - here).abs().mean())

    # Light and the levels of detail change a little on the way.
    assert torch.stack(errors).median() < 0.004
    assert torch.stack(errors).mean() < 0.4 * torch.stack(unmoved).mean()


def _color_at(world: World, camera: PinholeCamera, position: tuple[float, float], time: float) -> Tensor:
    """The colour (3,) at an image position: a picture of one pixel whose centre lies there."""
    intrinsics = camera.intrinsics.clone()
    intrinsics[:2, 2] += 0.5 - torch.tensor(position, dtype=torch.float64)
    one_pixel = PinholeCamera(intrinsics, camera.world_to_camera, 1, 1)
    return render_view(world, one_pixel, time).color[:, 0, 0]


def _inside_of_one_surface(view: View) -> Tensor:
    """Pixels (H, W) around which three pixels to all sides show the same surface."""
    surface = view.surface[None].float()
    most = torch.nn.functional.max_pool2d(surface, 7, 1, 3)
    least = -torch.nn.functional.max_pool2d(-surface, 7, 1, 3)
    return (most == least)[0, 0]


@pytest.mark.parametrize("kind", FLUID_KINDS)
def test_water_looks_as_rich_after_an_hour(textures: Textures, kind: str) -> None:
    world = make_world(31, textures, kind=kind)
    world = replace(world, scene=world.scene._replace(water=world.scene.water._replace(shear=0.0)))
    now, later = see(world), see(world, 100_000.0)

    assert now.fluid.any()
    assert later.color[:, now.fluid[0]].std() == pytest.approx(now.color[:, now.fluid[0]].std().item(), rel=0.4)


@pytest.mark.parametrize("kind", KINDS)
def test_flow_is_zero_off_the_fluid_and_depth_does_not_change_with_time(textures: Textures, kind: str) -> None:
    world = make_world(41, textures, kind=kind)
    now, later = see(world), see(world, 13.0)

    assert (now.flow[:, ~now.fluid[0]] == 0).all()
    solid = ~now.fluid & ~later.fluid  # smoke comes and goes
    assert torch.equal(now.depth[solid], later.depth[solid])


def test_sky_is_far_and_alone_is_sky(textures: Textures) -> None:
    view = see(make_world(5, textures, kind="sea"))

    assert view.sky.any()
    assert (view.depth[view.sky] == 10000).all()
    assert (view.depth[~view.sky] < 1000).all()
    assert torch.equal(view.sky, view.surface == 0)


def test_rooms_have_no_sky(textures: Textures) -> None:
    assert not see(make_world(2, textures, kind="room")).sky.any()


def test_what_stands_behind_is_farther_where_something_stood(textures: Textures) -> None:
    world = make_world(8, textures, kind="forest")
    camera = first_camera(world, *SIZE)
    front = see(world)

    behind = render_view(world, camera, 0.0, without_first_surface=True)

    objects = front.surface > 2
    assert objects.any()
    assert (behind.depth >= front.depth - 1e-4).all()
    assert (behind.depth[objects] > front.depth[objects]).all()
    assert torch.equal(behind.depth[~objects], front.depth[~objects])


def test_nearby_camera_stays_within_its_reach(textures: Textures) -> None:
    world = make_world(8, textures, kind="land")
    camera = first_camera(world, *SIZE)
    rng = np.random.default_rng(0)

    steps = [nearby_camera(world, camera, rng).world_to_camera @ camera.world_to_camera.inverse() for _ in range(50)]

    centres = [torch.linalg.inv(step)[:3, 3].norm().item() for step in steps]
    assert max(centres) <= 0.16 * world.near + 1e-9
    assert min(centres) > 0
    angles = [math.acos(min(1.0, (torch.trace(step[:3, :3]).item() - 1) / 2)) for step in steps]
    assert max(angles) < 0.2
