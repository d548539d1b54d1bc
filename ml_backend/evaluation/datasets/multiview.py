"""Photos with solved cameras (COLMAP's text model): one is the photo, the others are the truth at t = 0.

Files that end in cameras.txt, images.txt, and points3D.txt, and the pictures beside them (or in `images/`). The first
picture by name is the photo. Its depth is estimated and fitted to the sparse points that it sees, scale and shift in
disparity. Lens distortion is taken out of all pictures.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.spatial.transform import Rotation

from ml_backend.camera import PinholeCamera
from ml_backend.depth.estimate import estimate_depth
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import as_array, files_in, read_picture
from ml_backend.evaluation.depth_metrics import fit_disparity
from ml_backend.evaluation.sample import Sample, Shot, Skipped, Source, Truth
from ml_backend.structures import DepthMap, MotionField

KIND = "multiview"
_LEAST_POINTS = 20
_FARTHEST = 200.0  # in near depths


@dataclass(frozen=True, slots=True)
class _Lens:
    """A camera's model: size, matrix (3, 3), and OpenCV's distortion coefficients (4,)."""

    width: int
    height: int
    matrix: np.ndarray
    distortion: np.ndarray


@dataclass(frozen=True, slots=True)
class _View:
    """A solved picture: its number, its lens, world_to_camera (4, 4), and its file."""

    number: int
    lens: _Lens
    pose: np.ndarray
    file: Path


def find(place: Path) -> list[Source]:
    """A folder with a model, itself or a direct subfolder."""
    folders = [place, *sorted(p for p in place.iterdir() if p.is_dir())] if place.is_dir() else []
    return [Source(f.name, KIND, f, files_in(f)) for f in folders if _model_file(f, "cameras.txt")]


def read(source: Source, max_side: int) -> Sample:
    """A scene, its pictures reduced to `max_side`; missing ones are told. Raises BadInput."""
    views, skipped = _read_views(source.path)
    if not views:
        raise BadInput(f"{source.name}: none of the solved pictures is there.", hint="Put them beside the model.")
    photo, others = views[0], views[1:]
    image = _read_view(photo, max_side)
    height, width = image.shape[:2]
    picture = torch.from_numpy(image.transpose(2, 0, 1).copy())
    depth = _fit_depth(source.path, photo, picture)
    to_photo = np.linalg.inv(photo.pose)  # world = the photo's camera

    def read_truth(shot: Shot) -> Truth:
        return Truth(_read_view(next(v for v in others if v.file.stem == shot.name), max_side))

    return Sample(
        name=source.name,
        kind=KIND,
        image=picture,
        camera=_camera(photo.lens, np.eye(4), max_side),
        num_frames=1,
        depth=depth,
        motion=MotionField(torch.zeros(2, height, width)),
        mask=np.zeros((height, width), bool),
        near=depth.near,
        shots=tuple(Shot(v.file.stem, "views", 0, _camera(v.lens, v.pose @ to_photo, max_side)) for v in others),
        read_truth=read_truth,
        is_true_depth=False,
        is_true_motion=False,
        skipped=tuple(skipped),
    )


def _model_file(folder: Path, suffix: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"*{suffix}"))), None)


def _lines(folder: Path, suffix: str) -> list[list[str]]:
    path = _model_file(folder, suffix)
    if path is None:
        raise BadInput(f"{folder.name} lacks a file that ends in {suffix}.", hint="Export the model as text.")
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def _read_views(folder: Path) -> tuple[list[_View], list[Skipped]]:
    """The solved pictures that are there, by name."""
    views: list[_View] = []
    skipped: list[Skipped] = []
    try:
        lenses = {words[0]: _read_lens(words) for words in _lines(folder, "cameras.txt") if words}
        for words in _lines(folder, "images.txt")[::2]:
            name = " ".join(words[9:])
            places = (folder / name, folder / "images" / name)
            file = next((place for place in places if place.is_file()), None)
            if file is None:
                skipped.append(Skipped(f"{folder.name}/{name}", "There is no such picture."))
                continue
            pose = np.eye(4)
            w, x, y, z = (float(word) for word in words[1:5])
            pose[:3, :3] = Rotation.from_quat([x, y, z, w]).as_matrix()
            pose[:3, 3] = [float(word) for word in words[5:8]]
            views.append(_View(int(words[0]), lenses[words[8]], pose, file))
    except (KeyError, ValueError, IndexError) as error:
        raise BadInput(f"{folder.name}: the cameras do not parse ({error}).", hint="Expected COLMAP's text.") from error
    return sorted(views, key=lambda view: view.file.name), skipped


def _read_lens(words: list[str]) -> _Lens:
    model, width, height = words[1], int(words[2]), int(words[3])
    numbers = [float(word) for word in words[4:]]
    if model.startswith("SIMPLE") or model == "RADIAL":
        (focal, cx, cy), rest = numbers[:3], numbers[3:]
        matrix = [[focal, 0, cx], [0, focal, cy], [0, 0, 1]]
    elif model in ("PINHOLE", "OPENCV"):
        (fx, fy, cx, cy), rest = numbers[:4], numbers[4:]
        matrix = [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]
    else:
        raise ValueError(f"the camera model {model} is not known")
    return _Lens(width, height, np.array(matrix, float), np.array((rest + [0.0] * 4)[:4]))


def _read_view(view: _View, max_side: int) -> np.ndarray:
    picture = as_array(read_picture(view.file))
    if picture.shape[:2] != (view.lens.height, view.lens.width):
        raise BadInput(f"{view.file.name} has not the size of its camera.", hint="Use the pictures that were solved.")
    centred = view.lens.matrix - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])  # OpenCV's centres are whole numbers
    picture = cv2.undistort(picture, centred, view.lens.distortion)
    return cv2.resize(picture, _size(view.lens, max_side), interpolation=cv2.INTER_AREA)


def _size(lens: _Lens, max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(lens.width, lens.height))
    return max(1, round(lens.width * scale)), max(1, round(lens.height * scale))


def _camera(lens: _Lens, pose: np.ndarray, max_side: int) -> PinholeCamera:
    width, height = _size(lens, max_side)
    matrix = np.diag([width / lens.width, height / lens.height, 1.0]) @ lens.matrix
    return PinholeCamera(torch.from_numpy(matrix), torch.from_numpy(np.ascontiguousarray(pose)), width, height)


def _fit_depth(folder: Path, view: _View, image: torch.Tensor) -> DepthMap:
    """Estimated depth in the model's unit."""
    estimate = 1 / estimate_depth(image).depth[0].numpy().astype(np.float64)
    height, width = estimate.shape
    seen = [words for words in _lines(folder, "points3D.txt") if str(view.number) in words[8::2]]
    points = np.array([[float(word) for word in words[1:4]] for words in seen]).reshape(-1, 3)
    in_camera = points @ view.pose[:3, :3].T + view.pose[:3, 3]
    in_camera = in_camera[in_camera[:, 2] > 0]
    projected = in_camera @ view.lens.matrix.T
    pixels = projected[:, :2] / projected[:, 2:] * [width / view.lens.width, height / view.lens.height]
    inside = (pixels >= 0).all(axis=1) & (pixels < [width, height]).all(axis=1)
    if inside.sum() < _LEAST_POINTS:
        raise BadInput(f"{folder.name}: {view.file.name} sees too few points to scale its depth.", hint="Solve anew.")
    cols, rows = pixels[inside].astype(int).T
    values, wanted = estimate[rows, cols], 1 / in_camera[inside, 2]
    scale, shift = fit_disparity(values, wanted)
    fitted = scale * estimate + shift
    nearest = float(np.quantile(wanted, 0.98))
    return DepthMap(torch.from_numpy(1 / np.clip(fitted, nearest / _FARTHEST, 2 * nearest)).float()[None])
