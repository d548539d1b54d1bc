"""Our splatter against arrays that pytorch3d 0.7.9 made on the CPU."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch3d_rounding import pixel_centres_in_ndc, project_to_ndc
from torch import Tensor

from ml_backend.rendering.splatting import PointFragments, composite, rasterize, rasterize_torch

_GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden"
_NAMES = (
    "grid_c3_64_shift",
    "grid_c3_96x160",
    "p200_c16_64_bigrad",
    "p200_c3_64",
    "p200_c3_64_ppp1",
    "p50000_c3_64",
    "p50000_c3_96x160",
    "p5000_c16_64_adapt",
    "p5000_c3_64",
    "p5000_c3_96x160",
    "p5000_c3_96x160_ppp32_r4",
    "ties_c3_64",
)
_WITH_LISTS = tuple(name for name in _NAMES if "96x160" not in name)
# pytorch3d rounds normalised coordinates to float32; with this file's points near the end of the long side that alone
# is 2.5e-5: see test_with_pytorch3ds_rounding_nothing_is_left.
_TOLERANCE = {"p5000_c3_96x160": 3e-5}

pytestmark = pytest.mark.skipif(not _GOLDEN.is_dir(), reason="../shared/golden is not there")


@dataclass(frozen=True)
class Golden:
    """A stored cloud, projected into pixels, and the arrays that the reference made of it."""

    arrays: dict[str, np.ndarray]
    pixels: Tensor
    z: Tensor
    radii: Tensor

    def rasterize(self) -> PointFragments:
        return rasterize(self.pixels, self.z, self.radii, **self.size, points_per_pixel=self.points_per_pixel)

    @property
    def size(self) -> dict[str, int]:
        height, width = map(int, self.arrays["hw"])
        return {"height": height, "width": width}

    @property
    def points_per_pixel(self) -> int:
        return int(self.arrays["points_per_pixel"])


def _project(points: Tensor, intrinsics: np.ndarray) -> Tensor:
    on_plane = points @ torch.from_numpy(intrinsics.astype(np.float64)).T
    return on_plane[:, :2] / on_plane[:, 2:]


def _load(name: str) -> Golden:
    with np.load(_GOLDEN / f"splat_{name}.npz") as file:
        arrays = dict(file)
    points = torch.from_numpy(arrays["pts_cam"].astype(np.float64))
    radii = np.broadcast_to(arrays["radius_ndc"].astype(np.float64), (len(points),)) * _pixels_per_ndc(arrays)
    return Golden(arrays, _project(points, arrays["intrinsic"]), points[:, 2], torch.from_numpy(radii.copy()))


def _pixels_per_ndc(arrays: dict[str, np.ndarray]) -> float:
    return min(map(int, arrays["hw"])) / 2


def _errors(golden: Golden, fragments: PointFragments) -> np.ndarray:
    """The largest error (H, W) of features, disparity and alpha at each pixel."""
    features = np.concatenate([golden.arrays["features"], golden.arrays["disp"]], axis=1).astype(np.float32)
    composed, alpha = composite(fragments, golden.radii, torch.from_numpy(features))
    expected = np.concatenate([golden.arrays["out_features"], golden.arrays["out_disp"][..., None]], axis=-1)
    difference = np.abs(composed.permute(1, 2, 0).numpy() - expected).max(axis=-1)
    return np.maximum(difference, np.abs(alpha[0].numpy() - golden.arrays["out_alpha"]))


@pytest.mark.parametrize("name", _NAMES)
def test_features_disparity_and_alpha_are_those_of_pytorch3d(name: str) -> None:
    golden = _load(name)
    fragments = golden.rasterize()
    has_room = (fragments.index[..., -1] < 0).numpy()  # no point was dropped for want of room

    assert _errors(golden, fragments)[has_room].max(initial=0) <= _TOLERANCE.get(name, 1e-5)


@pytest.mark.parametrize("name", _NAMES)
def test_with_pytorch3ds_rounding_nothing_is_left(name: str) -> None:
    golden = _load(name)
    (height, width), arrays, half_side = golden.size.values(), golden.arrays, _pixels_per_ndc(golden.arrays)
    ndc = project_to_ndc(arrays["pts_cam"], arrays["intrinsic"], height, width)
    pixels = torch.from_numpy(np.array([width, height]) / 2 - ndc.astype(np.float64) * half_side)
    fragments = replace(golden, pixels=pixels).rasterize()
    index = fragments.index.clamp(min=0).numpy()
    dx = pixel_centres_in_ndc(width, height)[None, :, None] - ndc[index, 0]
    dy = pixel_centres_in_ndc(height, width)[:, None, None] - ndc[index, 1]
    rounded = torch.from_numpy(((dx * dx + dy * dy) * half_side**2).astype(np.float32))

    assert _errors(golden, replace(fragments, dist2=rounded)).max() <= 1e-6


@pytest.mark.parametrize("name", _NAMES)
def test_full_pixels_differ_only_where_a_point_lies_on_a_disc_edge(name: str) -> None:
    golden = _load(name)

    # One float32 step decides whether the last point in is this one or that one; hence a quantile.
    assert np.quantile(_errors(golden, golden.rasterize()), 0.999) <= 2 * _TOLERANCE.get(name, 1e-5)


@pytest.mark.parametrize("name", _NAMES)
def test_nearest_depth_is_that_of_pytorch3d(name: str) -> None:
    golden = _load(name)
    fragments = golden.rasterize()
    nearest = torch.where(fragments.index[..., 0] < 0, -1.0, fragments.z[..., 0]).numpy()

    assert np.abs(nearest - golden.arrays["zbuf0"]).max() == 0


@pytest.mark.parametrize("name", _WITH_LISTS)
def test_lists_of_hits_are_those_of_pytorch3d(name: str) -> None:
    golden = _load(name)
    fragments = golden.rasterize()

    assert np.array_equal(fragments.index.numpy(), golden.arrays["frag_idx"])
    scale = _pixels_per_ndc(golden.arrays) ** 2
    found = golden.arrays["frag_idx"] >= 0
    # Squared distances of up to r^2 pixels carry float32 errors of NDC coordinates.
    np.testing.assert_allclose(fragments.dist2.numpy()[found], golden.arrays["frag_dist2"][found] * scale, atol=2e-4)


@pytest.mark.parametrize("name", ["p200_c3_64", "p5000_c16_64_adapt", "ties_c3_64"])
def test_plain_torch_finds_the_same_points_bit_for_bit(name: str) -> None:
    golden = _load(name)
    compiled = golden.rasterize()
    plain = rasterize_torch(
        golden.pixels, golden.z, golden.radii, **golden.size, points_per_pixel=golden.points_per_pixel
    )

    assert torch.equal(compiled.index, plain.index)
    assert torch.equal(compiled.z, plain.z)
    assert torch.equal(compiled.dist2, plain.dist2)


def _gradients() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Found and expected gradient by name; radii in NDC as the reference has them."""
    with np.load(_GOLDEN / "splat_grad.npz") as file:
        arrays = dict(file)
    points = torch.from_numpy(arrays["pts_cam"].astype(np.float64)).requires_grad_()
    features = torch.from_numpy(arrays["features"].astype(np.float64)).requires_grad_()
    ndc = np.broadcast_to(arrays["radius_ndc"].astype(np.float64), (len(points),)).copy()
    radii_ndc = torch.from_numpy(ndc).requires_grad_()
    radii = radii_ndc * _pixels_per_ndc(arrays)
    pixels = _project(points, arrays["intrinsic"])
    height, width = map(int, arrays["hw"])
    fragments = rasterize(
        pixels, points[:, 2], radii, height=height, width=width, points_per_pixel=int(arrays["points_per_pixel"])
    )
    composed, _ = composite(fragments, radii, features, pixels=pixels)
    (composed.permute(1, 2, 0) * torch.from_numpy(arrays["grad_out"])).sum().backward()
    leaves = {"grad_features": features, "grad_pts": points, "grad_radius": radii_ndc}
    return {name: (leaf.grad.numpy(), arrays[name]) for name, leaf in leaves.items()}


@pytest.mark.parametrize("name", ["grad_features", "grad_pts", "grad_radius"])
def test_gradients_are_those_of_pytorch3d(name: str) -> None:
    found, expected = _gradients()[name]

    # The reference summed in float32: its own error grows with the gradient.
    assert np.abs(found - expected).max() <= 1e-6 * np.abs(expected).max()
