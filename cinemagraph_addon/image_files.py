"""An image of this .blend as a file that the backend can read: its own file, or a copy without any loss."""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

from .bridge.color_png import write_color_png
from .bridge.problem import Problem
from .color import flip_rows, linear_to_srgb
from .file_paths import absolute

_ENDINGS = {"JPEG": ".jpg", "JPEG2000": ".jp2", "TIFF": ".tif", "OPEN_EXR": ".exr", "WEBP": ".webp", "HDR": ".hdr"}
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def image_file(image: bpy.types.Image, folder: Path | None) -> Path:
    """The file of an image as it is now; one that has none, or was changed since, is written into `folder` first.

    A packed file is written as it is. Other 8-bit images become PNG, float ones 16-bit PNG in sRGB where that holds
    them, else EXR. A file that is there is never replaced.

    Raises:
        Problem: it has no pixels, is a movie or a render, or there is no folder to write to.
    """
    if image.source in {"MOVIE", "VIEWER"}:
        raise Problem(f"'{image.name}' is not a still image.", hint="Save a frame of it as an image first.")
    own = Path(absolute(image.filepath, image.library)) if image.filepath else None
    if not image.is_dirty and image.packed_file is None and own is not None and own.is_file():
        return own
    if not image.has_data and not len(image.pixels):  # loads it
        raise Problem(f"'{image.name}' could not be loaded.", hint="Check its file in the Image Editor.")
    if folder is None:
        raise Problem(f"'{image.name}' is not a file on the disk yet.", hint="Save the .blend, then try again.")
    if not image.is_dirty and image.packed_file is not None:
        ending = _ENDINGS.get(image.file_format, ".png")
        return _keep(folder, image.name, ending, lambda path: path.write_bytes(image.packed_file.data))
    return _write_pixels(image, folder)


def _write_pixels(image: bpy.types.Image, folder: Path) -> Path:
    pixels = np.empty((image.size[1], image.size[0], image.channels), np.float32)
    image.pixels.foreach_get(pixels.ravel())
    pixels = flip_rows(pixels)
    if image.channels == 4 and pixels[..., 3].min() == 1.0:
        pixels = np.ascontiguousarray(pixels[..., :3])
    if not image.is_float:
        values = np.rint(pixels * 255).astype(np.uint8)
        return _keep(folder, image.name, ".png", lambda path: write_color_png(path, values))
    if pixels.shape[2] != 4 and pixels.min() >= 0.0 and pixels.max() <= 1.0:
        deep = np.rint(linear_to_srgb(pixels).astype(np.float64) * 65535).astype(np.uint16)
        return _keep(folder, image.name, ".png", lambda path: write_color_png(path, deep))
    return _keep(folder, image.name, ".exr", lambda path: _write_exr(pixels, path))


def _write_exr(pixels: np.ndarray, path: Path) -> None:
    """Write (H, W, C) scene linear float32, row 0 on top."""
    height, width, channels = pixels.shape
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :channels] = pixels if channels > 2 else pixels[..., :1]
    # As data: Blender would take the values of an image of its own for sRGB and convert them.
    image = bpy.data.images.new("Photo", width, height, alpha=True, float_buffer=True, is_data=True)
    try:
        image.pixels.foreach_set(flip_rows(rgba).ravel())
        image.file_format = "OPEN_EXR"
        image.filepath_raw = str(path)
        image.save()
    except RuntimeError as error:
        raise Problem(f"'{path}' could not be written.", hint="Choose another place.") from error
    finally:
        bpy.data.images.remove(image)


def _keep(folder: Path, name: str, ending: str, write: Callable[[Path], object]) -> Path:
    """Write under the image's name, with a number where another file has it; the same bytes are kept once."""
    stem = _NO_FILE_NAME.sub("_", Path(name).stem if Path(name).suffix.lower() == ending else name) or "photo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(suffix=ending, dir=folder)
        os.close(handle)
    except OSError as error:
        raise Problem(f"'{folder}' cannot be written: {error.strerror}.", hint="Choose another place.") from error
    written = Path(partial)
    try:
        write(written)
        target, number = folder / f"{stem}{ending}", 2
        while target.exists() and target.read_bytes() != written.read_bytes():
            target, number = folder / f"{stem}-{number}{ending}", number + 1
        written.chmod(0o644)  # temporary files are for their owner only
        os.replace(written, target)
    except OSError as error:
        raise Problem(f"'{folder}' cannot be written: {error.strerror}.", hint="Is the disk full?") from error
    finally:
        written.unlink(missing_ok=True)
    return target
