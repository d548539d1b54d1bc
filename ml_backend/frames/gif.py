"""Frames to a GIF that loops forever: one palette for all frames, and dithering that stands still.

Error diffusion looks better on one frame, but its grain swims where nothing moves; an ordered (Bayer) pattern is tied
to the pixel, so that still areas stay still, and compress.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from PIL import Image

from ml_backend.atomic_file import replacing
from ml_backend.errors import BadOutput

MAX_FPS = 50.0  # browsers slow down what is shown for less than 2/100 s

_COLORS = 255  # the last of 256 means "as in the frame before"
_BITS = 6  # per channel, in the table from colour to palette
_DITHER = 12.0  # of 255: about the distance of neighbouring colours in a palette made for the frames
_SAMPLES = 100_000  # pixels of each frame that the palette is made from
_PALETTE_PIXELS = 512 * 512


@contextmanager
def writing_gif(path: Path, fps: float) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that takes frames (H, W, 3) uint8; the file appears under its name when the block ends well."""
    # The palette is known after the last frame only: frames wait on disk, not in memory.
    with replacing(path) as partial, tempfile.TemporaryFile(dir=path.parent) as waiting:
        partial.touch()
        histogram = np.zeros(1 << 3 * _BITS, np.int64)
        sizes: list[tuple[int, int]] = []

        def write(rgb: np.ndarray) -> None:
            step = max(1, round((rgb.shape[0] * rgb.shape[1] / _SAMPLES) ** 0.5))
            histogram[:] += np.bincount(_table_index(rgb[::step, ::step].astype(int)).ravel(), minlength=histogram.size)
            waiting.write(rgb.tobytes())
            sizes.append(rgb.shape[:2])

        yield write
        if not sizes:
            raise BadOutput(f"{path.name} would have no frames.", hint="Render at least one frame.")
        palette = _common_palette(histogram)
        _encode(partial, _waiting_frames(waiting, len(sizes), sizes[0]), palette, fps)


def _table_index(rgb: np.ndarray) -> np.ndarray:
    """Colours (..., 3) of integers 0 to 255 to their place (...) in a table of 6 bits per channel."""
    red, green, blue = np.moveaxis(rgb >> (8 - _BITS), -1, 0)
    return (red << 2 * _BITS) | (green << _BITS) | blue


def _table_colors() -> np.ndarray:
    """The middle colour of each place of the table, (2^18, 3) float32."""
    place = np.arange(1 << 3 * _BITS)
    levels = np.stack([place >> 2 * _BITS, place >> _BITS, place], axis=-1) & ((1 << _BITS) - 1)
    return (levels * (1 << (8 - _BITS)) + 1.5).astype(np.float32)


def _common_palette(histogram: np.ndarray) -> np.ndarray:
    """Up to 255 colours (n, 3) uint8 for a histogram over the table."""
    # The square root keeps a lamp or a red boat from drowning in the sky.
    weight = np.sqrt(histogram)
    counts = np.ceil(weight * (_PALETTE_PIXELS / weight.sum())).astype(int)
    colors = np.repeat(np.rint(_table_colors()).astype(np.uint8), np.where(histogram > 0, counts, 0), axis=0)
    quantized = Image.fromarray(colors[None]).quantize(_COLORS, method=Image.Quantize.MEDIANCUT, kmeans=1)
    return np.array(quantized.getpalette(), np.uint8).reshape(-1, 3)[:_COLORS]


def _nearest_entries(palette: np.ndarray) -> np.ndarray:
    """The palette entry nearest to each colour of the table, (2^18,) uint8."""
    # |c - p|^2 without |c|^2, which is the same for all p.
    colors, entries = _table_colors(), palette.astype(np.float32)
    blocks = np.array_split(colors, 32)
    return np.concatenate(
        [(block @ (-2 * entries.T) + (entries**2).sum(axis=1)).argmin(axis=1) for block in blocks]
    ).astype(np.uint8)


def _bayer_pattern(height: int, width: int) -> np.ndarray:
    """Ordered dithering (H, W, 1) in levels of 255, mean 0."""
    pattern = np.zeros((1, 1))
    for _ in range(3):  # 8 x 8
        pattern = np.block([[4 * pattern, 4 * pattern + 2], [4 * pattern + 3, 4 * pattern + 1]])
    pattern = ((pattern + 0.5) / 64.0 - 0.5) * _DITHER
    return np.tile(pattern, (height // 8 + 1, width // 8 + 1))[:height, :width, None].astype(np.float32)


def _waiting_frames(waiting: BinaryIO, count: int, size: tuple[int, int]) -> Iterator[np.ndarray]:
    waiting.seek(0)
    for _ in range(count):
        yield np.frombuffer(waiting.read(size[0] * size[1] * 3), np.uint8).reshape(*size, 3)


def _encode(path: Path, frames: Iterator[np.ndarray], palette: np.ndarray, fps: float) -> None:
    table = _nearest_entries(palette)
    argb = np.zeros((256, 4), np.uint8)  # entries beyond the palette stay transparent
    argb[: len(palette), 0] = 255
    argb[: len(palette), 1:] = palette
    rate = Fraction(min(fps, MAX_FPS)).limit_denominator(1001)
    with av.open(str(path), "w", format="gif", container_options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("gif", rate=rate)
        stream.pix_fmt = "pal8"
        for number, rgb in enumerate(frames):
            if number == 0:
                stream.height, stream.width = rgb.shape[:2]
                pattern = _bayer_pattern(*rgb.shape[:2])
            dithered = np.clip(rgb + pattern, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray((table[_table_index(dithered.astype(np.int32))], argb), format="pal8")
            frame.pts = number
            frame.time_base = 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
