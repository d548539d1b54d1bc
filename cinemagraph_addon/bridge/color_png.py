"""Exact PNG files of 8 or 16 bits per channel, by the standard library: no colour management comes between. No bpy."""

import struct
import zlib
from pathlib import Path

import numpy as np

from .problem import Problem

_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels -> grey, grey + alpha, RGB, RGBA


def write_color_png(path: Path, pixels: np.ndarray) -> None:
    """Write (H, W, C) uint8 or uint16 sRGB, row 0 on top, alpha straight; raises Problem when that is not possible."""
    height, width, channels = pixels.shape
    big_endian = pixels.astype(">u2" if pixels.dtype == np.uint16 else np.uint8)
    lines = np.zeros((height, width * channels * big_endian.itemsize + 1), np.uint8)  # a leading 0: not filtered
    lines[:, 1:] = big_endian.reshape(height, -1).view(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 8 * big_endian.itemsize, _COLOR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 3)), (b"IEND", b""))
    try:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks))
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error.strerror}.", hint="Choose another place.") from error


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
