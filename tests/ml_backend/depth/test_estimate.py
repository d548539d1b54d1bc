import pytest
import torch
from torch import Tensor

from ml_backend.depth.estimate import FARTHEST, estimate_depth, fatten_near, sharpen_edges


def _two_sides() -> Tensor:
    """Photo (3, 20, 640): a dark thing on the left half, bright sky on the right."""
    image = torch.full((3, 20, 640), 0.9)
    image[:, :, :320] = 0.1
    return image


def _smeared_step() -> Tensor:
    """Nearness (20, 640): 1 on the left half, 0.2 on the right, a straight slope of 4 pixels between."""
    x = torch.arange(640) + 0.5 - 320
    return (0.6 - 0.4 * (x / 2).clamp(-1, 1)).expand(20, 640).contiguous()


def test_near_plane_is_one() -> None:
    ramp = torch.linspace(3.0, 900.0, 100)[:, None].expand(100, 80)
    depth = estimate_depth(torch.rand(3, 100, 80), lambda image: ramp).depth

    assert float(depth.quantile(0.02)) == pytest.approx(1.0, rel=0.02)


def test_scale_of_the_disparity_does_not_matter() -> None:
    ramp = torch.linspace(0.1, 1.0, 100)[:, None].expand(100, 80)
    small, large = (estimate_depth(torch.ones(3, 100, 80), lambda _, s=s: s * ramp).depth for s in (1, 700))

    torch.testing.assert_close(small, large)


@pytest.mark.parametrize("sky", [0.0, -3.0])
def test_zero_and_negative_disparity_is_the_farthest_depth(sky: float) -> None:
    disparity = torch.ones(60, 80)
    disparity[:30] = sky
    depth = estimate_depth(torch.rand(3, 60, 80), lambda _: disparity).depth

    assert depth[0, 0, 0].item() == pytest.approx(FARTHEST)


def test_disparity_of_zero_everywhere_is_still_a_depth() -> None:
    depth = estimate_depth(torch.rand(3, 16, 16), lambda _: torch.zeros(16, 16)).depth

    assert bool((torch.isfinite(depth) & (depth > 0)).all())


def test_embedded_estimate_has_the_photos_size_and_is_positive() -> None:
    depth = estimate_depth(torch.rand(3, 70, 50, generator=torch.Generator().manual_seed(0))).depth

    assert depth.shape == (1, 70, 50)
    assert bool((torch.isfinite(depth) & (depth > 0)).all())


def test_smeared_step_becomes_one_sharp_step() -> None:
    row = sharpen_edges(_smeared_step(), _two_sides())[10]

    assert bool(((row - 1.0).abs() < 1e-6).logical_or((row - 0.2).abs() < 1e-6).all())


def test_step_lies_where_the_colours_change() -> None:
    row = sharpen_edges(_smeared_step(), _two_sides())[10]

    assert int((row > 0.6).sum()) == 320


def test_what_only_looks_like_the_near_side_stays_far() -> None:
    image = _two_sides()
    image[:, 8:10, 320:322] = image[:, 0, 0][:, None, None]  # a speck of the near side, where depth is smeared

    assert torch.equal(sharpen_edges(_smeared_step(), image), sharpen_edges(_smeared_step(), _two_sides()))


def test_even_slope_is_left_alone() -> None:
    ground = torch.linspace(0.05, 1.0, 60)[:, None].expand(60, 40).contiguous()

    assert torch.equal(sharpen_edges(ground, torch.rand(3, 60, 40)), ground)


def test_near_surface_grows_over_its_rim() -> None:
    nearness = torch.full((20, 20), 0.1)
    nearness[:, 10:] = 1.0

    assert fatten_near(nearness)[5, 9].item() == 1.0


def test_small_steps_do_not_grow() -> None:
    nearness = torch.full((20, 20), 0.5)
    nearness[:, 10:] = 0.55

    assert torch.equal(fatten_near(nearness), nearness)
