"""Pieces that several kinds of datasets are made of: pictures, cameras, and arrays of the photo's size."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput
from ml_backend.photos.media import read_photo

_WHOLE = 1 << 20  # pixels: no picture is reduced


def files_in(folder: Path) -> tuple[Path, ...]:
    """All files below a folder, in order."""
    return tuple(sorted(p for p in folder.rglob("*") if p.is_file()))


def read_picture(path: Path, *, max_side: int = _WHOLE) -> Tensor:
    """A picture (3, H, W) float32 sRGB in [0, 1]; raises BadInput."""
    return read_photo(path, max_side).image


def as_array(image: Tensor) -> np.ndarray:
    """(3, H, W) -> (H, W, 3)."""
    return np.ascontiguousarray(image.permute(1, 2, 0).numpy())


def read_sized_picture(path: Path, width: int, height: int) -> np.ndarray:
    """A picture (H, W, 3) that must have that size; raises BadInput."""
    picture = as_array(read_picture(path))
    if picture.shape[:2] != (height, width):
        found = f"{picture.shape[1]} x {picture.shape[0]}"
        raise BadInput(f"{path.name} is {found} pixels, expected {width} x {height}.", hint="Make it anew.")
    return picture


def read_array(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Float32 numbers of a .npy file that must have that shape and be finite; raises BadInput, never unpickles."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"{path.name} cannot be read ({error}).", hint="Expected a .npy file of numbers.") from error
    if array.shape != shape or not np.issubdtype(array.dtype, np.floating):
        found = f"{array.dtype} {array.shape}"
        raise BadInput(f"{path.name} holds {found}, expected floats {shape}.", hint="It must fit the photo.")
    if not np.isfinite(array).all():
        raise BadInput(f"{path.name} has values that are no numbers.", hint="Replace them.")
    return array.astype(np.float32)


def read_json(path: Path) -> Any:  # noqa: ANN401 (JSON enters here)
    """The content of a JSON file; raises BadInput."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read as JSON ({error}).", hint="Check the file.") from error


def make_camera(intrinsics: object, camera_to_world: object, size: tuple[int, int], where: str) -> PinholeCamera:
    """A camera from [fx, fy, cx, cy] and a 4 x 4 pose in OpenCV axes; `size` is (width, height). Raises BadInput."""
    numbers, pose = _numbers(intrinsics, (4,)), _numbers(camera_to_world, (4, 4))
    if numbers is None or min(numbers[:2]) <= 0:
        raise BadInput(f"{where}: the intrinsics are not [fx, fy, cx, cy].", hint="In pixels, fx and fy above 0.")
    if pose is None or not np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-3):
        raise BadInput(f"{where}: the camera's pose does not parse.", hint="Expected 4 x 4, a rotation and a shift.")
    fx, fy, cx, cy = numbers
    matrix = torch.tensor([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]], dtype=torch.float64)
    return PinholeCamera(matrix, torch.from_numpy(np.linalg.inv(pose)), size[0], size[1])


def _numbers(value: object, shape: tuple[int, ...]) -> np.ndarray | None:
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None
