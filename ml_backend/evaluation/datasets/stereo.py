"""Stereo pairs with disparity: the left picture is the photo, the right one the truth of a novel view at t = 0.

Middlebury 2003 (im2, im6, disp2 in quarters of a pixel), 2005 and 2006 (view1, view5, disp1, dmin.txt), 2014 and 2021
(im0, im1, disp0.pfm, calib.txt), ETH3D's two-view sets (the same with disp0GT.pfm), and <name>_left, <name>_right,
<name>_disp.npz. 0 and inf are unknown disparities. The baseline is the unit of length.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import as_array, files_in, read_picture
from ml_backend.evaluation.sample import Sample, Shot, Source, Truth
from ml_backend.structures import DepthMap, MotionField

KIND = "stereo"
_FOCAL_2005_PX = 3740.0  # of the full size, 1240 px or more wide
_FULL_WIDTH_2005 = 1000  # the half size is narrower
_LEAST_DISPARITY = 1e-3  # of the width; farther is as far as this


@dataclass(frozen=True, slots=True)
class _Pair:
    """Files of a pair, and how the disparity is stored: in units of 1 / scale pixels."""

    left: Path
    right: Path
    disparity: Path
    scale: float = 1.0


def find(place: Path) -> list[Source]:
    """The pairs in a folder: itself, or its direct subfolders."""
    folders = [place, *sorted(p for p in place.iterdir() if p.is_dir())] if place.is_dir() else []
    return [Source(folder.name, KIND, folder, files_in(folder)) for folder in folders if _find_pair(folder)]


def read(source: Source, max_side: int) -> Sample:
    """A pair, reduced to `max_side`. Raises BadInput."""
    pair = _find_pair(source.path)
    assert pair is not None  # or it would not have been found
    disparity = _read_disparity(pair.disparity) / pair.scale
    height, width = disparity.shape
    focal, offset = _calibration(source.path, width)
    images = [read_picture(path) for path in (pair.left, pair.right)]
    if any(tuple(image.shape[1:]) != (height, width) for image in images):
        raise BadInput(f"{source.name}: pictures and disparity are not of one size.", hint="Use files of one size.")
    known = np.isfinite(disparity) & (disparity > 0)
    if not known.any():
        raise BadInput(f"{source.name}/{pair.disparity.name} knows no disparity.", hint="0 and inf are unknown.")
    scale = min(1.0, max_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, right = (cv2.resize(as_array(image), size, interpolation=cv2.INTER_AREA) for image in images)
    known = cv2.resize(known.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    filled = cv2.resize(_fill(disparity), size, interpolation=cv2.INTER_NEAREST)
    depth = focal / np.maximum(filled + offset, _LEAST_DISPARITY * width)  # in baselines
    left_camera = _camera(focal * scale, size, 0.0, 0.0)
    right_camera = _camera(focal * scale, size, 1.0, offset * scale)
    return Sample(
        name=source.name,
        kind=KIND,
        image=torch.from_numpy(left.transpose(2, 0, 1).copy()),
        camera=left_camera,
        num_frames=1,
        depth=DepthMap(torch.from_numpy(depth.astype(np.float32))[None]),
        motion=MotionField(torch.zeros(2, size[1], size[0])),
        mask=np.zeros((size[1], size[0]), bool),
        near=float(np.quantile(depth, 0.02)),
        shots=(Shot("right", "stereo", 0, right_camera),),
        read_truth=lambda shot: Truth(right),
        is_true_depth=True,
        is_true_motion=False,
        known_depth=known,
    )


def _find_pair(folder: Path) -> _Pair | None:
    for left, right, disparity, scale in (
        ("im2.png", "im6.png", "disp2.png", 4.0),
        ("view1.png", "view5.png", "disp1.png", 0.0),
        ("im0.png", "im1.png", "disp0.pfm", 1.0),
        ("im0.png", "im1.png", "disp0GT.pfm", 1.0),
    ):
        if all((folder / name).is_file() for name in (left, right, disparity)):
            files = (folder / left, folder / right, folder / disparity)
            return _Pair(*files, scale or _scale_2005(folder / left))
    for path in sorted(folder.glob("*_left.png")):
        name = path.name.removesuffix("_left.png")
        files = (path, folder / f"{name}_right.png", folder / f"{name}_disp.npz")
        if all(file.is_file() for file in files):
            return _Pair(*files)
    return None


def _scale_2005(left: Path) -> float:
    """Disparities of the half and the third size are stored in pixels of the full size."""
    width = read_picture(left).shape[2]
    if width >= _FULL_WIDTH_2005:
        return 1.0
    return 2.0 if width >= _FULL_WIDTH_2005 / 2 else 3.0


def _calibration(folder: Path, width: int) -> tuple[float, float]:
    """Focal length, and what is to be added to disparities, in pixels."""
    calibration, least = folder / "calib.txt", folder / "dmin.txt"
    try:
        if calibration.is_file():
            text = calibration.read_text()
            focal = re.search(r"cam0\s*=\s*\[\s*([\d.eE+]+)", text)
            offset = re.search(r"doffs\s*=\s*([-\d.eE+]+)", text)
            if not focal:
                raise ValueError("there is no cam0")
            return float(focal[1]), float(offset[1]) if offset else 0.0
        if least.is_file():
            scale = _scale_2005(folder / "view1.png")
            return _FOCAL_2005_PX / scale, float(least.read_text()) / scale
    except (OSError, ValueError) as error:
        raise BadInput(f"{folder.name}: the calibration does not parse ({error}).", hint="See its file.") from error
    return float(width), 0.0  # unknown: only the product with the baseline matters


def _read_disparity(path: Path) -> np.ndarray:
    """Disparity (H, W) float32 as stored; raises BadInput."""
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                values = arrays[arrays.files[0]]
        else:
            values = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if values is None or values.ndim != 2:
            raise ValueError("it is no picture of one channel")
    except (OSError, ValueError, IndexError, cv2.error) as error:
        raise BadInput(f"{path.name} cannot be read ({error}).", hint="Expected a disparity map.") from error
    return values.astype(np.float32)


def _fill(disparity: np.ndarray) -> np.ndarray:
    """Unknown pixels take the smaller of the nearest known ones left and right: most often they are hidden."""
    known = np.isfinite(disparity) & (disparity > 0)
    columns = np.arange(disparity.shape[1])[None]
    left = np.maximum.accumulate(np.where(known, columns, -1), axis=1)
    right = np.minimum.accumulate(np.where(known, columns, disparity.shape[1])[:, ::-1], axis=1)[:, ::-1]
    rows = np.arange(len(disparity))[:, None]
    from_left = np.where(left >= 0, disparity[rows, left.clip(0)], np.inf)
    from_right = np.where(right < disparity.shape[1], disparity[rows, right.clip(0, disparity.shape[1] - 1)], np.inf)
    filled = np.minimum(from_left, from_right)
    lowest = float(disparity[known].min())
    return np.where(np.isfinite(filled), filled, lowest).astype(np.float32)


def _camera(focal: float, size: tuple[int, int], shift: float, offset: float) -> PinholeCamera:
    """A camera `shift` baselines to the right; `offset` moves its principal point, as rectified pairs are cropped."""
    width, height = size
    matrix = torch.tensor([[focal, 0.0, width / 2 + offset], [0.0, focal, height / 2], [0.0, 0.0, 1.0]]).double()
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3] = -shift
    return PinholeCamera(matrix, pose, width, height)
