import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.camera import (
    PinholeCamera,
    camera_from_focal,
    photo_camera,
    pixel_centres,
    project,
    resize_camera,
    unproject,
)

_GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden" / "projection.npz"
_SIZES = ("64x64", "96x160", "160x96", "97x151")

needs_golden = pytest.mark.skipif(not _GOLDEN.is_file(), reason="../shared/golden/projection.npz is not there")


def _moved(camera: PinholeCamera, translation: tuple[float, float, float], yaw: float = 0.0) -> PinholeCamera:
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 0] = pose[2, 2] = math.cos(yaw)
    pose[0, 2], pose[2, 0] = math.sin(yaw), -math.sin(yaw)
    pose[:3, 3] = torch.tensor(translation, dtype=torch.float64)
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


def test_pixel_centres_are_half_a_pixel_in() -> None:
    centres = pixel_centres(2, 3)

    assert centres[1, 2].tolist() == [2.5, 1.5]


def test_photo_camera_sees_53_degrees_along_the_long_side() -> None:
    camera = photo_camera(200, 100)
    angle = 2 * math.degrees(math.atan(200 / (2 * float(camera.intrinsics[0, 0]))))

    assert angle == pytest.approx(53.13, abs=0.01)


def test_principal_point_is_the_exact_centre_of_an_odd_photo() -> None:
    assert photo_camera(151, 97).intrinsics[:2, 2].tolist() == [75.5, 48.5]


def test_point_to_the_right_and_below_projects_right_and_below() -> None:
    pixels, z = project(torch.tensor([[0.5, 0.25, 2.0]]), camera_from_focal(100.0, 64, 48))

    assert pixels.tolist() == [[32 + 25, 24 + 12.5]]
    assert z.tolist() == [2.0]


@pytest.mark.parametrize("z", [0.0, -2.0])
def test_point_behind_the_camera_keeps_its_depth_and_stays_finite(z: float) -> None:
    pixels, depth = project(torch.tensor([[0.5, 0.25, z]]), photo_camera(64, 48))

    assert depth.item() == z
    assert bool(torch.isfinite(pixels).all())


@pytest.mark.parametrize("yaw", [0.0, 0.3])
def test_unproject_then_project_is_the_identity(yaw: float) -> None:
    camera = _moved(photo_camera(77, 50), (0.4, -0.2, 0.1), yaw)
    pixels = pixel_centres(50, 77).reshape(-1, 2)
    depth = 1 + 30 * torch.rand(len(pixels), generator=torch.Generator().manual_seed(0))
    back, z = project(unproject(pixels, depth, camera), camera)

    # float32 points: a relative error of 6e-8 of up to 77 px, some rounding steps long.
    torch.testing.assert_close(back, pixels, atol=1e-4, rtol=0)
    torch.testing.assert_close(z, depth, atol=0, rtol=1e-5)


def test_depth_is_along_the_camera_axis_not_along_the_ray() -> None:
    corner = unproject(torch.tensor([[0.5, 0.5]]), torch.tensor([3.0]), photo_camera(64, 48))

    assert corner[0, 2].item() == 3.0


def test_resized_camera_sees_the_same_view() -> None:
    camera = photo_camera(64, 48)
    point = torch.tensor([[0.3, -0.2, 1.7]])
    small, large = project(point, camera)[0], project(point, resize_camera(camera, 192, 144))[0]

    torch.testing.assert_close(large, 3 * small)


def test_camera_of_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="intrinsics"):
        PinholeCamera(torch.eye(4), torch.eye(4), 4, 4)


def _golden(size: str) -> tuple[dict[str, np.ndarray], PinholeCamera]:
    """Arrays of one size, and our camera for them: their pixel (j, i) has its centre at (j, i), ours at +0.5."""
    with np.load(_GOLDEN) as file:
        arrays = {k.removeprefix(f"{size}__"): file[k] for k in file if k.startswith(f"{size}__")}
    height, width = map(int, size.split("x"))
    intrinsics = torch.from_numpy(arrays["intrinsic"].astype(np.float64))
    intrinsics[:2, 2] += 0.5
    return arrays, PinholeCamera(intrinsics, torch.eye(4, dtype=torch.float64), width, height)


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))


@needs_golden
@pytest.mark.parametrize("size", _SIZES)
def test_unprojected_pixels_are_the_authors_points(size: str) -> None:
    arrays, camera = _golden(size)
    points = unproject(_tensor(arrays["coords_xy"]) + 0.5, _tensor(arrays["depth"]), camera)

    # Their matrix inverse is float32.
    torch.testing.assert_close(points, _tensor(arrays["pts"]), atol=2e-6, rtol=2e-6)


@needs_golden
@pytest.mark.parametrize("time", ["t0", "t1"])
@pytest.mark.parametrize("size", _SIZES)
def test_projected_points_are_the_authors_pixels(size: str, time: str) -> None:
    arrays, camera = _golden(size)
    moved = _moved(camera, tuple(arrays[f"{time}_t"].tolist()))
    pixels, z = project(_tensor(arrays["pts"]), moved)

    torch.testing.assert_close(pixels - 0.5, _tensor(arrays[f"{time}_pixel_uv"]), atol=1e-4, rtol=0)
    torch.testing.assert_close(z, _tensor(arrays[f"{time}_ndc"][:, 2]), atol=1e-5, rtol=1e-6)


@needs_golden
@pytest.mark.parametrize("size", _SIZES)
def test_normalised_coordinates_of_pytorch3d_are_ours_in_pixels(size: str) -> None:
    arrays, camera = _golden(size)
    pixels, _ = project(_tensor(arrays["pts"]), _moved(camera, tuple(arrays["t1_t"].tolist())))
    middle = torch.tensor([camera.width / 2, camera.height / 2])
    ndc = -(pixels - 0.5 - middle) * 2 / min(camera.width, camera.height)

    torch.testing.assert_close(ndc, _tensor(arrays["t1_ndc"][:, :2]), atol=3e-6, rtol=0)
