import torch

from ml_backend.camera import camera_from_focal, unproject
from ml_backend.structures import FeaturePointCloud
from ml_backend.unseen_fluid import find_unseen, is_inside, with_unseen

_HEIGHT, _WIDTH = 8, 20


def _moving() -> torch.Tensor:
    """Water in columns 4 to 15, with a post at 8 and 9."""
    moving = torch.zeros(_HEIGHT, _WIDTH, dtype=torch.bool)
    moving[:, 4:16] = True
    moving[:, 8:10] = False
    return moving


def _flow(x: float) -> torch.Tensor:
    return torch.stack([torch.full((_HEIGHT, _WIDTH), x), torch.zeros(_HEIGHT, _WIDTH)])


def _cloud(moving: torch.Tensor) -> FeaturePointCloud:
    row, col = torch.nonzero(moving, as_tuple=True)
    pixels = torch.stack([col, row], dim=1) + 0.5
    colors = torch.stack([pixels[:, 0] / _WIDTH] * 3, dim=1)
    positions = unproject(pixels, torch.full((len(col),), 2.0), camera_from_focal(20.0, _WIDTH, _HEIGHT))
    layers = torch.where(col < 9, 1, 3).to(torch.uint8)
    inpainted, opacities = torch.zeros(len(col), dtype=torch.bool), torch.ones(len(col))
    return FeaturePointCloud(positions, colors, colors, pixels, layers, inpainted, opacities)


def test_water_comes_to_light_from_behind_the_post_and_from_both_banks() -> None:
    moving = _moving()
    cells = find_unseen(moving, moving, _flow(1.0), 3)

    # Two steps at 1 px: columns 2, 3 flow in forward, 16, 17 backward, and what the post hides both ways.
    assert sorted(set(cells[:, 0].tolist())) == [2, 3, 8, 9, 16, 17]


def test_still_water_hides_nothing_that_could_come_to_light() -> None:
    assert len(find_unseen(_moving(), _moving(), _flow(0.0), 30)) == 0


def test_cells_that_have_points_get_no_second_one() -> None:
    everywhere = torch.ones(_HEIGHT, _WIDTH, dtype=torch.bool)

    assert len(find_unseen(_moving(), everywhere, _flow(1.0), 3)) == 0


def test_beyond_the_canvas_nothing_is_inside() -> None:
    positions = torch.tensor([[4.0, 0.0], [-1.0, 0.0], [4.0, 99.0], [8.4, 0.0], [7.4, 0.0]])

    assert is_inside(_moving(), positions).tolist() == [True, False, False, False, True]


def test_new_points_follow_the_old_ones_as_inpainted_parts_of_the_nearest_water() -> None:
    moving = _moving()
    cloud, cells = _cloud(moving), torch.tensor([[8, 3], [9, 3]])
    surface, camera = torch.full((1, _HEIGHT, _WIDTH), 2.0), camera_from_focal(20.0, _WIDTH, _HEIGHT)
    grown = with_unseen(cloud, torch.arange(len(cloud.layers)), cells, surface, camera, border=0)

    assert torch.equal(grown.positions[:-2], cloud.positions)
    assert grown.layers[-2:].tolist() == [1, 3]
    assert grown.inpainted[-2:].all()
    assert float(grown.positions[-1, 2]) == 2.0


def test_colours_of_new_points_are_between_those_around() -> None:
    moving = _moving()
    cloud = _cloud(moving)
    surface, camera = torch.full((1, _HEIGHT, _WIDTH), 2.0), camera_from_focal(20.0, _WIDTH, _HEIGHT)
    every = torch.arange(len(cloud.layers))
    grown = with_unseen(cloud, every, torch.tensor([[8, 4]]), surface, camera, border=0)

    assert 7 / _WIDTH < float(grown.colors[-1, 0]) < 11 / _WIDTH
