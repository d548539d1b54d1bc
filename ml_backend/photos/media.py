"""Files that describe a scene, in and out: photos, masks, depth maps, motion fields, camera lists."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.atomic_file import replacing
from ml_backend.camera import PinholeCamera, resize_camera
from ml_backend.errors import BadInput, BadOutput
from ml_backend.photos.color import over_white, to_srgb, tone_map
from ml_backend.photos.fields import FLO_TAG, read_depth_values, read_flow_values
from ml_backend.photos.formats import as_float, read_bytes, read_raster
from ml_backend.structures import DepthMap, MotionField

DepthKind = Literal["auto", "metric", "relative", "inverse"]

_MIN_SIDE = 16  # below this there is nothing to split into layers
_FILM_DIAGONAL_MM = math.hypot(36.0, 24.0)  # "35 mm equivalent" compares fields of view along the diagonal (CIPA)
_ASPECT_TOLERANCE = 0.02
_FAR = 200.0  # times near: beyond, a whole preset of camera motion shifts a pixel by less than 1/200 of the near one
_NEAR_QUANTILE = 0.02  # a few outliers in front do not set the scale
_MIN_DEPTH = 1e-12  # keeps 1 / depth finite; 0 means unknown
_CAMERAS_FORMAT = "cinemagraph-cameras/1"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo at working size: image (3, H, W) float32 sRGB in [0, 1], upright.

    original_width and original_height are those of the file, upright. `bits` is 8 or 16: what `write_photo` needs to
    keep every pixel; tone-mapped HDR counts as 16. focal_px is at working size, from EXIF, else None.
    """

    image: Tensor
    original_width: int
    original_height: int
    bits: int
    focal_px: float | None


def read_photo(path: Path, max_side: int) -> Photo:
    """Read a photo of any common format, upright, in sRGB, at most `max_side` pixels long.

    Larger photos are reduced by area averaging, smaller ones are never enlarged. Transparency is laid over white.
    Embedded colour profiles are converted to sRGB. Scene-linear light (EXR, HDR, float TIFF) is exposed and rolled
    off. Values are multiples of 1/255 or 1/65535, so that the saved PNG equals what is computed with.

    Raises:
        BadInput: no photo, damaged, too large for memory, or with a side below 16 pixels.
    """
    raster = read_raster(path, max_side)
    width, height = _fitting_size(raster.full_width, raster.full_height, max_side)
    if min(width, height) < _MIN_SIDE:
        raise BadInput(
            f"{path.name} is {raster.full_width} x {raster.full_height} pixels: too small, or too narrow.",
            hint=f"Its short side must have at least {_MIN_SIDE} pixels at the working size (--size).",
        )
    pixels = _flat_picture(raster.pixels)
    pixels = to_srgb(_resize(pixels, width, height), raster.profile)
    full = np.iinfo(pixels.dtype).max
    image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / np.float32(full))
    focal_px = None
    if raster.focal_35mm is not None:
        focal_px = raster.focal_35mm / _FILM_DIAGONAL_MM * math.hypot(width, height)
    return Photo(image, raster.full_width, raster.full_height, 8 if full == 255 else 16, focal_px)


def write_photo(image: Tensor, path: Path, bits: int) -> None:
    """Write (3, H, W) in [0, 1] as PNG with 8 or 16 bits per channel."""
    write_png(to_integers(image, bits).transpose(1, 2, 0)[..., ::-1], path)


def read_mask(path: Path, width: int, height: int) -> Tensor:
    """Read a mask (1, H, W) float32 in [0, 1]: white moves, black stands. Colour counts by luminance times alpha.

    Integer masks with no value above 1 are labels: 1 is white.

    Raises:
        BadInput: no picture, or its aspect ratio is not that of the photo.
    """
    raster = read_raster(path, max(width, height))
    _check_aspect(path, (raster.full_width, raster.full_height), (width, height))
    pixels, full = as_float(raster.pixels)
    has_alpha = pixels.shape[2] in (2, 4)
    colors = pixels[..., :-1] if has_alpha else pixels
    grey = colors[..., 0] if colors.shape[2] == 1 else colors @ np.array([0.299, 0.587, 0.114], np.float32)
    if full > 1 and round(float(grey.max()) * full) == 1:
        grey = grey * full
    mask = np.nan_to_num(grey * pixels[..., -1] if has_alpha else grey)
    return torch.from_numpy(np.clip(_resize(mask, width, height), 0.0, 1.0))[None]


def write_mask(mask: Tensor, path: Path) -> None:
    """Write (1, H, W) in [0, 1] as 8-bit grey PNG."""
    write_png(to_integers(mask, 8)[0], path)


def read_depth(path: Path, width: int, height: int, *, kind: DepthKind = "auto") -> DepthMap:
    """Read depth from PNG, TIFF, EXR, .npy, or .npz (one array), at width x height.

    `kind`: "relative" and "metric" grow with distance, 0 or NaN is unknown; "inverse" is disparity, larger is nearer,
    0 is infinitely far. "auto": integer pictures are inverse (white is near, as depth networks and artists save it),
    floats are relative; a name that contains "metric" makes both metric. Unknown pixels take the nearest known value.
    Unless metric, depth is scaled so that its 2nd percentile is 1. Nothing is farther than 200 times that percentile.

    Resized in disparity: the disparity of a plane is linear in image coordinates, so planes stay planes.

    Raises:
        BadInput: unreadable, of another aspect ratio, a colour picture, negative, or the same everywhere.
    """
    values, is_integer = read_depth_values(path)
    _check_aspect(path, (values.shape[1], values.shape[0]), (width, height))
    if kind == "auto":
        kind = "metric" if "metric" in path.stem.lower() else "inverse" if is_integer else "relative"
    if (values < 0).any():
        raise BadInput(
            f"{path.name} has negative depth.",
            hint="Shift it above zero; say --depth-kind inverse if larger is nearer.",
        )
    if kind == "inverse":
        unknown, disparity = ~np.isfinite(values), values
    else:
        unknown = np.isnan(values) | (values < _MIN_DEPTH)
        disparity = np.divide(1.0, values, out=np.zeros_like(values), where=~unknown)  # inf becomes 0
    if unknown.all() or np.ptp(disparity[~unknown]) <= 1e-6 * disparity[~unknown].max():
        raise BadInput(f"{path.name} holds no depth: it is the same everywhere.", hint="Give a depth map with relief.")
    return _depth_from_disparity(_resize(_fill_unknown(disparity, unknown), width, height), kind == "metric")


def read_flow(path: Path, width: int, height: int) -> MotionField:
    """Read a motion field from .npy ((H, W, 2) or (2, H, W)), Middlebury .flo, or EXR (two channels).

    Pixels per frame, x right, y down, in the pixels of the file; vectors are scaled along with the field.

    Raises:
        BadInput: unreadable, of another aspect ratio, not finite, or longer than the picture.
    """
    flow = read_flow_values(path)  # (h, w, 2)
    _check_aspect(path, (flow.shape[1], flow.shape[0]), (width, height))
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    if not np.isfinite(flow).all() or np.abs(flow * scale).max() > max(width, height):
        raise BadInput(
            f"{path.name} has motion that is not finite or longer than the picture.",
            hint="Give pixels per frame, and 0 where nothing moves or the motion is unknown.",
        )
    return MotionField(torch.from_numpy(_resize(flow * scale, width, height).transpose(2, 0, 1).copy()))


def write_flow(flow: MotionField, path: Path) -> None:
    """Write a motion field as .npy (H, W, 2) float32, or as Middlebury .flo."""
    field = np.ascontiguousarray(flow.flow.detach().cpu().numpy().transpose(1, 2, 0), dtype="<f4")
    if path.suffix.lower() not in (".npy", ".flo"):
        raise BadOutput(f"{path.name}: motion is not written in this format.", hint="Use .npy or .flo.")
    with replacing(path) as partial, partial.open("wb") as file:
        if path.suffix.lower() == ".npy":
            np.save(file, field)
        else:
            file.write(FLO_TAG)
            file.write(np.array(field.shape[1::-1], "<i4").tobytes())
            file.write(field.tobytes())


def load_cameras(path: Path, width: int, height: int) -> list[PinholeCamera]:
    """Read one camera per frame from cameras.json, scaled to width x height.

    {"format": "cinemagraph-cameras/1", "width": W, "height": H, "frames": [{"intrinsics": [fx, fy, cx, cy],
    "camera_to_world": [[4 x 4]]}, ...]}, in pixels of W x H; OpenCV axes, world = the photo's camera.

    Raises:
        BadInput: not such a file; names the first frame, counted from 0, that is wrong.
    """
    try:
        document = json.loads(read_bytes(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not JSON ({error}).", hint="Export the cameras again.") from error
    if not isinstance(document, dict) or document.get("format") != _CAMERAS_FORMAT:
        raise BadInput(f"{path.name} is no camera list.", hint=f'Its "format" must be "{_CAMERAS_FORMAT}".')
    size = [document.get("width"), document.get("height")]
    if not all(isinstance(side, int) and not isinstance(side, bool) and side > 0 for side in size):
        raise BadInput(f'{path.name}: "width" and "height" must be positive whole numbers.', hint="Add both.")
    frames = document.get("frames")
    if not isinstance(frames, list) or not frames:
        raise BadInput(f'{path.name} has no "frames".', hint="Give one camera per frame.")
    cameras = [_parse_camera(frame, f"{path.name}, frame {number}", size) for number, frame in enumerate(frames)]
    return [resize_camera(camera, width, height) for camera in cameras]


def _fitting_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _flat_picture(pixels: np.ndarray) -> np.ndarray:
    """Grey or RGB pixels, uint8 or uint16: alpha laid over white, scene-linear light tone-mapped."""
    has_alpha = pixels.shape[2] in (2, 4)
    if pixels.dtype.kind == "f":
        light = pixels[..., :-1] if has_alpha else pixels
        picture = tone_map(np.repeat(light, 3, axis=2) if light.shape[2] == 1 else light)
        if has_alpha:
            alpha = np.rint(np.clip(pixels[..., -1:], 0.0, 1.0) * 65535.0).astype(np.uint16)
            picture = np.concatenate([picture, alpha], axis=2)
        pixels = picture
    return over_white(pixels) if has_alpha else pixels


def _resize(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize (H, W) or (H, W, C): area when smaller, linear when larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=method)
    return resized[..., None] if resized.ndim < pixels.ndim else resized  # OpenCV drops a single channel


def to_integers(image: Tensor, bits: int) -> np.ndarray:
    """Round values in [0, 1] to uint8 or uint16 (`bits`), same shape; the one place that does."""
    full = 2**bits - 1
    values = (image.detach().cpu().double().clamp(0.0, 1.0) * full).round().numpy()
    return values.astype(np.uint8 if bits == 8 else np.uint16)


def write_png(pixels: np.ndarray, path: Path) -> None:
    """Write grey (H, W) or BGR (H, W, 3) uint8 or uint16; BadOutput when the place cannot be written."""
    with replacing(path) as partial:
        partial.write_bytes(cv2.imencode(".png", np.ascontiguousarray(pixels))[1].tobytes())


def _check_aspect(path: Path, found: tuple[int, int], photo: tuple[int, int]) -> None:
    width, height = photo
    # One pixel is always allowed: sizes are rounded, and of a narrow photo one pixel is more than 2 %.
    off_height = abs(width * found[1] / found[0] - height) / max(1.0, _ASPECT_TOLERANCE * height)
    off_width = abs(height * found[0] / found[1] - width) / max(1.0, _ASPECT_TOLERANCE * width)
    if min(off_height, off_width) > 1.0:
        raise BadInput(
            f"{path.name} is {found[0]} x {found[1]} pixels, the photo {width} x {height}: the shapes differ.",
            hint="Save it with the width and height of the photo.",
        )


def _fill_unknown(disparity: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Give each unknown pixel the value of the nearest known one."""
    if not unknown.any():
        return disparity
    _, labels = cv2.distanceTransformWithLabels(
        unknown.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    value_of_label = np.zeros(labels.max() + 1)
    value_of_label[labels[~unknown]] = disparity[~unknown]
    return value_of_label[labels]


def _depth_from_disparity(disparity: np.ndarray, is_metric: bool) -> DepthMap:
    depth = np.divide(1.0, disparity, out=np.full_like(disparity, np.inf), where=disparity > 0)
    near = np.quantile(depth, _NEAR_QUANTILE, method="lower")  # no interpolation: it may meet infinity
    near = near if np.isfinite(near) else depth.min()
    depth = np.minimum(depth, _FAR * near)
    return DepthMap(torch.from_numpy((depth if is_metric else depth / near).astype(np.float32))[None])


def _parse_camera(frame: Any, where: str, size: Sequence[int]) -> PinholeCamera:  # noqa: ANN401 (JSON enters here)
    frame = frame if isinstance(frame, dict) else {}
    intrinsics = _numbers(frame.get("intrinsics"), (4,))
    if intrinsics is None or min(intrinsics[:2]) <= 0:
        raise BadInput(f'{where}: "intrinsics" must be [fx, fy, cx, cy] with fx, fy > 0.', hint="In pixels.")
    pose = _numbers(frame.get("camera_to_world"), (4, 4))
    if pose is None or not np.allclose(pose[3], [0, 0, 0, 1]):
        raise BadInput(f'{where}: "camera_to_world" must be 4 x 4, last row 0 0 0 1.', hint="Rows of numbers.")
    if not np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-3) or np.linalg.det(pose[:3, :3]) < 0:
        raise BadInput(f'{where}: "camera_to_world" is not a rotation and a shift.', hint="Remove scale and mirroring.")
    fx, fy, cx, cy = intrinsics
    matrix = torch.tensor([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]], dtype=torch.float64)
    return PinholeCamera(matrix, torch.from_numpy(np.linalg.inv(pose)), size[0], size[1])


def _numbers(value: Any, shape: tuple[int, ...]) -> np.ndarray | None:  # noqa: ANN401 (JSON enters here)
    """The array of finite float64 numbers of that shape, or None."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None
