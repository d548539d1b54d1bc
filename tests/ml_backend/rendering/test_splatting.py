import math
import time
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
import pytest
import torch
from splat_loop import splat_slowly
from torch import Tensor

from ml_backend.camera import pixel_centres
from ml_backend.rendering.splatting import (
    Sheets,
    composite,
    composite_weights,
    count_points,
    rasterize,
    rasterize_torch,
    splat,
)

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Cloud:
    """Projected points: pixels (N, 2), z (N,), radii (N,), features (N, C)."""

    pixels: Tensor
    z: Tensor
    radii: Tensor
    features: Tensor


def _cloud(*points: tuple[float, float, float, float]) -> Cloud:
    """Points given as (x, y, z, colour), of radius 1 px."""
    values = torch.tensor(points, dtype=torch.float64).reshape(-1, 4)
    return Cloud(values[:, :2], values[:, 2], torch.ones(len(values)).double(), values[:, 3:].float())


def _random_cloud(seed: int, count: int, *, height: int, width: int, planes: bool = False) -> Cloud:
    generator = torch.Generator().manual_seed(seed)
    unit = torch.rand(count, 5, generator=generator, dtype=torch.float64)
    pixels = unit[:, :2] * torch.tensor([width + 4.0, height + 4.0]) - 2
    z = torch.floor(unit[:, 2] * 4) if planes else unit[:, 2] * 4 - 0.2
    return Cloud(pixels, z, 0.5 + 2 * unit[:, 3], torch.rand(count, 3, generator=generator))


def test_point_on_a_pixel_centre_covers_it_alone_and_wholly() -> None:
    cloud = _cloud((1.5, 0.5, 2.0, 0.7))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=2, width=3).feature_map

    assert torch.equal(drawn.alpha[0], torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))


def test_weight_is_one_minus_squared_distance_over_squared_radius() -> None:
    cloud = _cloud((1.0, 0.5, 1.0, 1.0))  # halfway between the centres of the first two pixels
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=2).feature_map

    assert drawn.alpha[0].tolist() == [[0.75, 0.75]]


def test_nearer_point_hides_the_farther_by_its_alpha() -> None:
    cloud = _cloud((0.5, 0.5, 3.0, 1.0), (1.0, 0.5, 2.0, 0.0))  # the near one covers 3/4 of pixel 0
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=1, width=1)
    composed, alpha = composite(fragments, cloud.radii, cloud.features)

    assert composed.item() == pytest.approx(0.25)
    assert alpha.item() == pytest.approx(1.0)


def test_features_and_depth_are_divided_by_alpha() -> None:
    cloud = _cloud((1.0, 0.5, 4.0, 0.6))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=2, near=2.0).feature_map

    torch.testing.assert_close(drawn.features[0], torch.full((1, 2), 0.6))
    torch.testing.assert_close(drawn.depth[0], torch.full((1, 2), 4.0))


def test_empty_pixel_is_infinitely_far() -> None:
    cloud = _cloud((0.5, 0.5, 1.0, 1.0))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=4).feature_map

    assert drawn.depth[0, 0, 3].item() == math.inf


def test_equal_depths_go_to_the_lower_index() -> None:
    cloud = _cloud((0.5, 0.5, 1.0, 0.2), (0.5, 0.5, 1.0, 0.9))
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=1, width=1, points_per_pixel=1)

    assert fragments.index.item() == 0


def test_one_point_per_pixel_centre_gives_the_picture_back() -> None:
    picture = torch.rand(3, 20, 33, generator=torch.Generator().manual_seed(1))
    pixels = pixel_centres(20, 33).reshape(-1, 2)
    count = len(pixels)
    drawn = splat(pixels, torch.ones(count), torch.ones(count), picture.reshape(3, -1).T, height=20, width=33)

    assert torch.equal(drawn.feature_map.features, picture)


@pytest.mark.parametrize("z", [0.0, -1.0])
def test_points_at_or_behind_the_camera_are_not_drawn(z: float) -> None:
    cloud = _cloud((0.5, 0.5, z, 1.0))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=1)

    assert drawn.num_points == 0
    assert drawn.feature_map.alpha.item() == 0


def test_empty_cloud_draws_an_empty_picture() -> None:
    cloud = _cloud()
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=3, width=4)

    assert drawn.num_points == 0
    assert not drawn.feature_map.alpha.any()


def test_empty_cloud_is_empty_in_plain_torch_too() -> None:
    cloud = _cloud()
    fragments = rasterize_torch(cloud.pixels, cloud.z, cloud.radii, height=3, width=4)

    assert bool((fragments.index == -1).all())


def test_more_points_than_fit_keep_the_nearest() -> None:
    cloud = _cloud(*((0.5, 0.5, 5.0 - i, 0.1 * i) for i in range(5)))
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=1, width=1, points_per_pixel=3)

    assert fragments.index[0, 0].tolist() == [4, 3, 2]


def test_points_drawn_are_counted_once_each() -> None:
    # Two on the picture (one over several pixels), one beside it, one behind the camera, one hidden by K = 2.
    cloud = _cloud((1.0, 1.0, 1, 0), (1.0, 1.0, 2, 0), (9.0, 9.0, 1, 0), (1.0, 1.0, -1, 0), (1.0, 1.0, 3, 0))
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=2, width=2, points_per_pixel=2)

    assert count_points(fragments, 5) == 2


def test_point_that_lies_in_many_bands_of_rows_is_counted_once() -> None:
    drawn = splat(
        torch.tensor([[30.0, 40.0]]), torch.ones(1), torch.tensor([35.0]), torch.ones(1, 1), height=80, width=60
    )

    assert drawn.num_points == 1
    assert float(drawn.feature_map.alpha[0].min(dim=0).values[30]) == 0  # reaches 35 px up and down, not 40
    assert float(drawn.feature_map.alpha[0, 10, 30]) > 0


@pytest.mark.parametrize("gap", [math.inf, 1.2])
@pytest.mark.parametrize("planes", [False, True])
def test_kernel_equals_the_triple_loop(gap: float, planes: bool) -> None:
    cloud = _random_cloud(3, 150, height=18, width=13, planes=planes)
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=18, width=13, points_per_pixel=6)
    composed, alpha = composite(fragments, cloud.radii, cloud.features, surface_gap=gap)
    arrays = [t.double().numpy() for t in (cloud.pixels, cloud.z, cloud.radii, cloud.features)]
    expected, expected_alpha = splat_slowly(*arrays, size=(18, 13), nearest=6, surface_gap=gap)

    # float32 squared distances and sums.
    np.testing.assert_allclose(composed.permute(1, 2, 0).numpy(), expected, atol=2e-6)
    np.testing.assert_allclose(alpha[0].numpy(), expected_alpha, atol=2e-6)


def test_kernel_shares_the_weight_of_a_sheet_like_the_triple_loop() -> None:
    cloud = _random_cloud(3, 150, height=18, width=13, planes=False)
    trust = torch.rand(150, generator=torch.Generator().manual_seed(4)) + 0.01
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=18, width=13, points_per_pixel=6)
    sheets = Sheets(1.1, trust)
    composed, alpha = composite(fragments, cloud.radii, cloud.features, surface_gap=1.3, sheets=sheets)
    arrays = [t.double().numpy() for t in (cloud.pixels, cloud.z, cloud.radii, cloud.features)]
    gaps = {"surface_gap": 1.3, "sheet_gap": 1.1, "trust": trust.double().numpy()}
    expected, expected_alpha = splat_slowly(*arrays, size=(18, 13), nearest=6, **gaps)

    np.testing.assert_allclose(composed.permute(1, 2, 0).numpy(), expected, atol=2e-6)
    np.testing.assert_allclose(alpha[0].numpy(), expected_alpha, atol=2e-6)


def test_plain_torch_shares_the_weight_of_a_sheet_like_the_kernel() -> None:
    cloud = _random_cloud(6, 800, height=30, width=40)
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=30, width=40)
    sheets = Sheets(1.1, torch.rand(800, generator=torch.Generator().manual_seed(5)) + 0.01)
    compiled, _ = composite(fragments, cloud.radii, cloud.features, surface_gap=1.3, sheets=sheets)
    wanted = cloud.features.clone().requires_grad_()
    plain, _ = composite(fragments, cloud.radii, wanted, surface_gap=1.3, sheets=sheets)

    torch.testing.assert_close(plain.detach(), compiled, atol=2e-6, rtol=0)


def test_point_halfway_between_two_of_a_slope_is_their_mean() -> None:
    # By order of z alone the nearer neighbour would take 0.69 of the pixel and the other 0.31 of the rest.
    cloud = _cloud((0.1, 0.5, 1.0, 1.0), (0.9, 0.5, 1.02, 0.0))
    trust = torch.ones(2)
    drawn = splat(
        cloud.pixels,
        cloud.z,
        cloud.radii,
        cloud.features,
        height=1,
        width=1,
        surface_gap=1.2,
        sheets=Sheets(1.05, trust),
    )

    torch.testing.assert_close(drawn.feature_map.features.flatten(), torch.tensor([0.5]))


def test_what_is_not_trusted_counts_only_where_nothing_else_is() -> None:
    cloud = _cloud((0.5, 0.5, 1.0, 1.0), (0.6, 0.5, 1.01, 0.0))
    sheets = Sheets(1.05, torch.tensor([1e-6, 1.0]))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=1, surface_gap=1.2, sheets=sheets)

    assert float(drawn.feature_map.features) < 1e-4


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_plain_torch_finds_the_same_points_as_the_kernel(seed: int) -> None:
    cloud = _random_cloud(seed, 500, height=37, width=23, planes=seed == 2)
    compiled, plain = (
        find(cloud.pixels, cloud.z, cloud.radii, height=37, width=23, points_per_pixel=4)
        for find in (rasterize, rasterize_torch)
    )

    assert torch.equal(compiled.index, plain.index)
    assert torch.equal(compiled.dist2, plain.dist2)


@pytest.mark.parametrize("gap", [math.inf, 1.2])
def test_plain_torch_composites_like_the_kernel(gap: float) -> None:
    cloud = _random_cloud(5, 800, height=30, width=40)
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=30, width=40)
    ones = torch.ones(len(cloud.z), 1)
    _, alpha = composite(fragments, cloud.radii, ones, surface_gap=gap)
    weights = composite_weights(fragments, cloud.radii, surface_gap=gap)

    torch.testing.assert_close(weights.sum(dim=-1)[None].float(), alpha, atol=2e-6, rtol=0)


@pytest.mark.parametrize("gap", [math.inf, 1.2])
def test_plain_torch_gives_the_same_features_as_the_kernel(gap: float) -> None:
    cloud = _random_cloud(6, 800, height=30, width=40)
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=30, width=40)
    compiled, _ = composite(fragments, cloud.radii, cloud.features, surface_gap=gap)
    plain, _ = composite(fragments, cloud.radii, cloud.features.clone().requires_grad_(), surface_gap=gap)

    torch.testing.assert_close(plain.detach(), compiled, atol=2e-6, rtol=0)


def test_surface_that_is_almost_closed_hides_what_is_behind_it() -> None:
    # The near point covers 84 % of the pixel, more than 1 / 1.25; the wall behind it must not shine through.
    cloud = _cloud((0.9, 0.5, 1.0, 1.0), (0.5, 0.5, 2.0, 0.0))
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=1, width=1, surface_gap=1.2)

    torch.testing.assert_close(drawn.feature_map.features.flatten(), torch.ones(1))


def test_alpha_never_exceeds_one() -> None:
    cloud = _random_cloud(7, 3000, height=30, width=40)
    drawn = splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=30, width=40, surface_gap=1.2)

    assert float(drawn.feature_map.alpha.max()) <= 1 + 1e-6


def test_gradient_with_a_surface_gap_is_the_slope_of_the_output() -> None:
    cloud = _random_cloud(8, 12, height=3, width=4)
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=3, width=4)

    def render(pixels: Tensor, radii: Tensor, features: Tensor) -> Tensor:
        return composite(fragments, radii, features, pixels=pixels, surface_gap=1.2)[0]

    leaves = (cloud.pixels.clone(), cloud.radii.clone(), cloud.features.double())
    assert torch.autograd.gradcheck(render, [leaf.requires_grad_() for leaf in leaves])


def test_number_of_threads_changes_nothing() -> None:
    cloud = _random_cloud(9, 4000, height=90, width=70)
    threads = numba.get_num_threads()
    try:
        drawn = []
        for count in (1, threads):
            numba.set_num_threads(count)
            drawn.append(splat(cloud.pixels, cloud.z, cloud.radii, cloud.features, height=90, width=70).feature_map)
    finally:
        numba.set_num_threads(threads)

    assert torch.equal(drawn[0].features, drawn[1].features)


def test_two_clouds_of_450_000_points_with_35_channels_take_seconds_not_minutes() -> None:
    height, width, count = 512, 768, 450_000
    generator = torch.Generator().manual_seed(0)
    base = pixel_centres(height, width).reshape(-1, 2).repeat(2, 1)[:count]
    pixels = base + 0.6 * torch.rand(count, 2, generator=generator)
    z, radii = 1 + torch.rand(count, generator=generator), torch.ones(count)
    features = torch.rand(count, 35, generator=generator)
    splat(pixels[:100], z[:100], radii[:100], features[:100], height=8, width=8)  # compiles
    start = time.perf_counter()
    for _ in range(2):
        splat(pixels, z, radii, features, height=height, width=width)

    assert time.perf_counter() - start < 3  # 0.5 s on two free cores; three times the promised 1 s for busy ones


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_draws_the_picture_of_the_cpu() -> None:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.rand(4000, 2, generator=generator) * 70 - 3
    z = 1 + torch.rand(4000, generator=generator)
    radii = 0.6 + torch.rand(4000, generator=generator)
    features = torch.rand(4000, 5, generator=generator)
    on_cpu = splat(pixels, z, radii, features, height=64, width=64, surface_gap=1.2)
    on_cuda = splat(pixels.cuda(), z.cuda(), radii.cuda(), features.cuda(), height=64, width=64, surface_gap=1.2)

    assert on_cuda.num_points == on_cpu.num_points
    torch.testing.assert_close(on_cuda.feature_map.features.cpu(), on_cpu.feature_map.features, atol=1e-5, rtol=0)


def _drawn(cloud: Cloud, opacities: list[float], gap: float = 1.2) -> tuple[float, float]:
    """Colour and alpha of the only pixel."""
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=1, width=1)
    composed, alpha = composite(
        fragments, cloud.radii, cloud.features, surface_gap=gap, opacities=torch.tensor(opacities)
    )
    return composed.item(), alpha.item()


def test_a_soft_point_shows_what_is_behind_it() -> None:
    cloud = _cloud((0.5, 0.5, 1.0, 1.0), (0.5, 0.5, 2.0, 0.0))

    assert _drawn(cloud, [0.25, 1.0]) == pytest.approx((0.25, 1.0))


def test_overlapping_soft_points_of_one_surface_are_no_more_opaque_than_one() -> None:
    cloud = _cloud(*[(0.5, 0.5, 1.0, 1.0)] * 3, (0.5, 0.5, 2.0, 0.0))

    assert _drawn(cloud, [0.25, 0.25, 0.25, 1.0]) == pytest.approx((0.25, 1.0))


@pytest.mark.parametrize("gap", [math.inf, 1.2])
@pytest.mark.parametrize("sheets", [False, True])
def test_opacity_means_the_same_compiled_and_differentiable(gap: float, sheets: bool) -> None:
    cloud = _random_cloud(5, 400, height=12, width=16, planes=True)
    opacities = torch.rand(400, generator=torch.Generator().manual_seed(6))
    shared = Sheets(1.05, torch.ones(400)) if sheets else None
    fragments = rasterize(cloud.pixels, cloud.z, cloud.radii, height=12, width=16)
    compiled = composite(fragments, cloud.radii, cloud.features, surface_gap=gap, sheets=shared, opacities=opacities)
    features = cloud.features.clone().requires_grad_()
    plain = composite(fragments, cloud.radii, features, surface_gap=gap, sheets=shared, opacities=opacities)

    for one, other in zip(compiled, plain, strict=True):
        torch.testing.assert_close(one, other.to(one.dtype).detach(), atol=1e-5, rtol=1e-5)
