import pytest
import torch
from torch import Tensor

from ml_backend.rendering.decoder import decode_colors, fill_depth, hole_fraction
from ml_backend.structures import FeatureMap


def _map(colors: Tensor, alpha: Tensor, depth: float = 2.0) -> FeatureMap:
    empty = alpha == 0
    return FeatureMap(colors * ~empty, torch.where(empty, torch.inf, torch.full_like(alpha, depth)), alpha)


def _with_hole(value: float = 0.4, size: int = 16) -> FeatureMap:
    alpha = torch.ones(1, size, size)
    alpha[:, 6:10, 6:10] = 0
    return _map(torch.full((3, size, size), value), alpha)


def test_covered_picture_is_passed_through() -> None:
    colors = torch.rand(3, 5, 7, generator=torch.Generator().manual_seed(0))

    assert torch.equal(decode_colors(_map(colors, torch.ones(1, 5, 7)), near=1.0), colors)


def test_only_the_first_three_features_are_colours() -> None:
    features = torch.cat([torch.full((3, 4, 4), 0.5), torch.ones(2, 4, 4)])

    assert decode_colors(_map(features, torch.ones(1, 4, 4)), near=1.0).shape == (3, 4, 4)


def test_hole_takes_the_colour_around_it() -> None:
    decoded = decode_colors(_with_hole(0.4), near=1.0)

    torch.testing.assert_close(decoded, torch.full((3, 16, 16), 0.4))


def test_hole_between_two_colours_stays_between_them() -> None:
    colors = torch.zeros(3, 8, 24)
    colors[:, :, 12:] = 1
    alpha = torch.ones(1, 8, 24)
    alpha[:, :, 9:15] = 0
    middle = decode_colors(_map(colors, alpha), near=1.0)[:, :, 9:15]

    assert float(middle.min()) >= 0
    assert float(middle.max()) <= 1
    assert float(middle.mean()) == pytest.approx(0.5, abs=0.1)


def test_hole_beside_something_near_takes_what_is_behind_it() -> None:
    colors = torch.zeros(3, 24, 40)
    colors[:, :, 20:] = 1
    alpha = torch.ones(1, 24, 40)
    alpha[:, :, 17:23] = 0
    depth = torch.full((1, 24, 40), 20.0)
    depth[:, :, :20] = 1.0
    seen = FeatureMap(colors * alpha, torch.where(alpha > 0, depth, torch.inf), alpha)

    assert float(decode_colors(seen, near=1.0)[:, :, 17:23].min()) > 0.75
    assert torch.equal(decode_colors(seen, near=1.0)[:, :, :17], colors[:, :, :17])


def test_colours_beyond_the_range_are_clamped() -> None:
    decoded = decode_colors(_map(torch.full((3, 2, 2), 1.4), torch.ones(1, 2, 2)), near=1.0)

    assert float(decoded.max()) == 1


def test_picture_without_any_point_is_finite() -> None:
    decoded = decode_colors(_map(torch.zeros(3, 8, 8), torch.zeros(1, 8, 8)), near=1.0)

    assert bool(torch.isfinite(decoded).all())


def test_hole_fraction_counts_pixels_that_are_less_than_half_covered() -> None:
    alpha = torch.tensor([[[0.0, 0.49, 0.5, 1.0]]])

    assert hole_fraction(_map(torch.zeros(3, 1, 4), alpha)) == 0.5


def test_depth_of_a_hole_is_that_of_its_surroundings() -> None:
    torch.testing.assert_close(fill_depth(_with_hole()), torch.full((1, 16, 16), 2.0))


def test_depth_where_points_are_is_kept() -> None:
    near_hole = fill_depth(_with_hole())[0, :6]

    assert torch.equal(near_hole, torch.full((6, 16), 2.0))


def test_depth_without_any_point_is_finite() -> None:
    filled = fill_depth(_map(torch.zeros(3, 4, 4), torch.zeros(1, 4, 4)))

    assert bool(torch.isfinite(filled).all())
