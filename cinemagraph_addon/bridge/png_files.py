"""Grey PNG files, written with the standard library: Blender's own writer is for images that it keeps. No bpy."""

import struct
import zlib
from pathlib import Path

import numpy as np

from .problem import Problem


def write_grey_png(path: Path, rows: np.ndarray) -> None:
    """Write (H, W) uint8, row 0 on top, as 8-bit grey; raises Problem."""
    height, width = rows.shape
    lines = np.zeros((height, width + 1), np.uint8)  # a leading 0 in each line: it is not filtered
    lines[:, 1:] = rows
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b""))
    try:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks))
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error}.", hint="Is the disk full?") from error


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
