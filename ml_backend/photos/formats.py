"""Picture files to arrays: JPEG, PNG, WebP, TIFF, EXR, Radiance HDR and what else Pillow knows; nothing about colour.

The format is told by the first bytes, not by the suffix. Pillow reads what has 8 bits; OpenCV 16-bit PNG and HDR;
tifffile 16-bit and float TIFF (OpenCV where it lacks the compression); OpenEXR reads EXR.
"""

import io
import os
import re
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import tifffile
from PIL import ExifTags, Image

from ml_backend.errors import BadInput
from ml_backend.photos.color import cmyk_to_rgb

Image.MAX_IMAGE_PIXELS = None  # our own limit, in bytes, stands in its place: `_check_size`

_MAX_BYTES = 500_000_000  # decoded, in one piece: 166 MP of 8-bit RGB, 83 MP of 16-bit, 41 MP of float
_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF", "TGA")
_RAW_SUFFIXES = {".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"}
_SAVE_AGAIN = "Open it in an image program and save it as PNG or JPEG."
_DAMAGE = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, EOFError, struct.error, cv2.error)
_PLAIN_MODES = ("L", "LA", "RGB", "RGBA")


@dataclass(frozen=True, slots=True)
class Raster:
    """A decoded picture, upright.

    pixels (H, W, C) uint8, uint16, or float32 (scene linear); C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA, alpha
    straight. full_width and full_height are the size in the file; a JPEG may be decoded smaller. `profile` is the
    embedded ICC profile. focal_35mm is the focal length on 35 mm film, from EXIF.
    """

    pixels: np.ndarray
    full_width: int
    full_height: int
    profile: bytes | None = None
    focal_35mm: float | None = None


def read_raster(path: Path, min_side: int) -> Raster:
    """Decode a picture; a JPEG may come reduced, its long side not below `min_side` (if it was not to start with).

    Raises:
        BadInput: missing, empty, damaged, too large for memory, or no picture that we know.
    """
    start = read_bytes(path, 64)
    if path.suffix.lower() in _RAW_SUFFIXES:
        raise BadInput(f"{path.name} is a camera raw file.", hint="Develop it to a 16-bit TIFF or PNG first.")
    if start[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        raise BadInput(f"{path.name} is a HEIC photo.", hint="Export it as JPEG or PNG first.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow and tifffile warn of odd metadata; the pixels decide
            return _decode(path, start, min_side)
    except _DAMAGE as error:
        raise BadInput(f"{path.name} is damaged, incomplete, or not a picture ({error}).", hint=_SAVE_AGAIN) from error


def read_bytes(path: Path, count: int = -1) -> bytes:
    """The file's bytes, the first `count` where given; BadInput when there are none."""
    try:
        with path.open("rb") as file:
            data = file.read(count)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", hint="Check the path and its spelling.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).", hint="Choose a file you may read.") from error
    if not data:
        raise BadInput(f"{path.name} is empty.", hint="Copy or export the file again.")
    return data


def read_exr_channels(path: Path) -> dict[str, np.ndarray]:
    """All channels of the first part that has pixels, by name, each (H, W) float32; BadInput when damaged."""
    try:
        with _silence(), OpenEXR.File(str(path), separate_channels=True, header_only=True) as header:
            low, high = header.header()["dataWindow"]
            names = [channel.name for channel in header.header()["channels"]]
        _check_size(path, int(high[0] - low[0] + 1), int(high[1] - low[1] + 1), 4 * max(len(names), 1))
        with _silence(), OpenEXR.File(str(path), separate_channels=True) as file:
            found = {name: channel.pixels for name, channel in file.channels().items()}
    except (RuntimeError, *_DAMAGE) as error:
        reason = str(error).rstrip(".")
        raise BadInput(f"{path.name} is not a complete EXR file ({reason}).", hint="Save it again.") from error
    found = {name: pixels.astype(np.float32) for name, pixels in found.items() if pixels is not None}
    if not found or len({pixels.shape for pixels in found.values()}) != 1:
        raise BadInput(f"{path.name} is incomplete, or its channels differ in size.", hint="Save it again as RGB EXR.")
    return found


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing on stdout and stderr: OpenEXR prints, from Python and from C, what is wrong with a file; we tell it."""
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def as_float(pixels: np.ndarray) -> tuple[np.ndarray, int]:
    """Pixels as float32 with 1 as full, and the integer that was full (1 for floats)."""
    full = 1 if pixels.dtype.kind == "f" else int(np.iinfo(pixels.dtype).max)
    return pixels.astype(np.float32) / np.float32(full), full


def _decode(path: Path, start: bytes, min_side: int) -> Raster:
    if start.startswith(b"v/1\x01"):
        return _decode_exr(path)
    if start.startswith((b"#?RADIANCE", b"#?RGBE")):
        return _decode_hdr(path)
    if start.startswith(b"\x89PNG") and start[24:25] == b"\x10":
        return _decode_png16(path)
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _decode_tiff(path, min_side)
    return _decode_with_pillow(path, min_side)


def _decode_with_pillow(path: Path, min_side: int) -> Raster:
    with _open_image(path) as image:
        width, height = image.size
        # JPEG can be decoded at 1/2, 1/4, or 1/8 for almost nothing; other formats ignore the request.
        image.draft(None, (min(min_side, width), min(min_side, height)))
        _check_size(path, *image.size, len(image.getbands()))
        orientation, focal = _read_exif(image)  # of a PNG only after its pixels: hence below the check
        profile = image.info.get("icc_profile")
        pixels = _image_array(image)
    if orientation >= 5:
        width, height = height, width
    return Raster(_turn_upright(pixels, orientation), width, height, profile, focal)


def _open_image(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=_PILLOW_FORMATS)
    except Image.UnidentifiedImageError as error:
        raise BadInput(
            f"{path.name} is not a picture that can be read.",
            hint="Use JPEG, PNG, TIFF, WebP, EXR, or HDR.",
        ) from error


def _image_array(image: Image.Image) -> np.ndarray:
    """Pixels (H, W, C) of an 8- or 16-bit Pillow image in one of our four kinds."""
    if image.mode.startswith("I"):  # 16-bit grey; "I" is how some writers' 16 bits arrive
        return np.clip(np.asarray(image), 0, 65535).astype(np.uint16)[..., None]
    if image.mode == "CMYK":
        image = cmyk_to_rgb(image)
    elif "transparency" in image.info or image.mode in ("PA", "RGBa", "La"):
        image = image.convert("RGBA")
    elif image.mode not in _PLAIN_MODES:
        image = image.convert("L" if image.mode == "1" else "RGB")
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _read_exif(image: Image.Image) -> tuple[int, float | None]:
    """Orientation 1 to 8, and the 35 mm focal length; broken EXIF counts as none."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        focal = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm)
    except _DAMAGE:
        return 1, None
    return _valid_orientation(orientation), _valid_focal(focal)


def _valid_orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _valid_focal(value: object) -> float | None:
    # 0 means unknown in EXIF; beyond these bounds no camera lens exists.
    return float(value) if isinstance(value, int | float) and 4 <= value <= 5000 else None


def _turn_upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the EXIF orientation: 1 is upright, 6 was turned left, 8 right, 2, 4, 5, 7 are mirrored."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    flip_x = orientation in (2, 3, 6, 7)
    flip_y = orientation in (3, 4, 7, 8)
    return np.ascontiguousarray(pixels[:: -1 if flip_y else 1, :: -1 if flip_x else 1])


def _decode_png16(path: Path) -> Raster:
    with _open_image(path) as image:
        width, height = image.size
        _check_size(path, width, height, 8)
        profile = image.info.get("icc_profile")
        image.verify()  # libpng would write to stderr about a damaged file; Pillow raises
    with _open_image(path) as image:
        orientation, focal = _read_exif(image)
    pixels = _decode_with_opencv(read_bytes(path))
    if orientation >= 5:
        width, height = height, width
    return Raster(_turn_upright(pixels, orientation), width, height, profile, focal)


def _decode_with_opencv(data: bytes) -> np.ndarray:
    """Pixels (H, W, C) in the file's own depth, RGB order."""
    level = cv2.getLogLevel()
    cv2.setLogLevel(0)  # it writes to stderr what we raise
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        cv2.setLogLevel(level)
    if pixels is None:
        raise ValueError("the pixels cannot be decoded")
    if pixels.ndim == 2:
        return pixels[..., None]
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def _decode_tiff(path: Path, min_side: int) -> Raster:
    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            if page.dtype is None or page.dtype.itemsize == 1:
                return _decode_with_pillow(path, min_side)
            width, height = page.imagewidth, page.imagelength
            _check_size(path, width, height, page.samplesperpixel * page.dtype.itemsize)
            pixels = _tiff_pixels(path, page)
            tags = {code: page.tags[code].value for code in (274, 34665, 34675) if code in page.tags}
    except tifffile.TiffFileError as error:
        raise ValueError(str(error)) from error
    orientation = _valid_orientation(int(tags.get(274, 1)))
    if orientation >= 5:
        width, height = height, width
    exif = tags.get(34665)
    focal = _valid_focal(exif.get("FocalLengthIn35mmFilm")) if isinstance(exif, dict) else None
    return Raster(_turn_upright(pixels, orientation), width, height, tags.get(34675), focal)


def _tiff_pixels(path: Path, page: tifffile.TiffPage) -> np.ndarray:
    """Pixels (H, W, C) uint16 or float32 of a page with more than 8 bits."""
    try:
        pixels = page.asarray()
        if "S" in page.axes:
            pixels = np.moveaxis(pixels, page.axes.index("S"), -1)
    except (ValueError, KeyError):  # LZW and others need a codec package; OpenCV brings its own
        data = bytearray(read_bytes(path))
        if 274 in page.tags:  # OpenCV 4.11 fails on turned 16-bit TIFF: call it upright, we turn it
            order = "<H" if page.parent.byteorder == "<" else ">H"
            struct.pack_into(order, data, page.tags[274].valueoffset, 1)
        pixels = _decode_with_opencv(bytes(data))
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if page.photometric not in (tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB):
        raise ValueError(f"{page.photometric.name} with more than 8 bits is not supported")
    colors = 1 if page.photometric == tifffile.PHOTOMETRIC.MINISBLACK else 3
    has_alpha = pixels.shape[2] > colors and int((page.extrasamples or (0,))[0]) > 0
    return _to_16_bits(pixels[..., : colors + has_alpha])


def _to_16_bits(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype.kind == "f":
        return pixels.astype(np.float32)
    if pixels.dtype.itemsize > 2:
        pixels = np.maximum(pixels, 0) >> (8 * pixels.dtype.itemsize - 16)
    return np.clip(pixels, 0, 65535).astype(np.uint16)


def _decode_hdr(path: Path) -> Raster:
    data = read_bytes(path)
    found = re.search(rb"[-+]Y (\d+) [-+]X (\d+)", data[:8192])
    if found is None:
        raise ValueError("the size is missing from its header")
    _check_size(path, int(found[2]), int(found[1]), 12)
    pixels = _decode_with_opencv(data)
    return Raster(pixels, pixels.shape[1], pixels.shape[0])


def _decode_exr(path: Path) -> Raster:
    channels = read_exr_channels(path)
    # Blender's multilayer files name the picture "ViewLayer.Combined.R"; a plain file just "R".
    prefix = next((name[:-1] for name in channels if name == "R" or name.endswith(("Combined.R", ".R"))), "")
    names = [prefix + letter for letter in "RGB" if prefix + letter in channels]
    if len(names) < 3:
        names = [name for name in ("Y", "L") if name in channels][:1]
    if not names:
        raise BadInput(f"{path.name} has no R, G, B channels, only {', '.join(channels)}.", hint="Save it as RGB EXR.")
    pixels = np.stack([channels[name] for name in names], axis=-1)
    alpha = channels.get(prefix + "A")
    if alpha is not None:  # EXR colours are multiplied by alpha; ours are straight
        alpha = np.clip(np.nan_to_num(alpha, nan=0.0), 0.0, 1.0)
        pixels = np.concatenate([pixels / np.maximum(alpha, 1e-4)[..., None], alpha[..., None]], axis=-1)
    return Raster(pixels, pixels.shape[1], pixels.shape[0])


def _check_size(path: Path, width: int, height: int, bytes_per_pixel: int) -> None:
    if width * height * bytes_per_pixel > _MAX_BYTES:
        side = int((_MAX_BYTES / bytes_per_pixel * max(width, height) / min(width, height)) ** 0.5)
        raise BadInput(
            f"{path.name} is {width} x {height} pixels, too large to decode in one piece.",
            hint=f"Save it with at most {side} pixels on the long side, or as an ordinary JPEG, which is read reduced.",
        )
