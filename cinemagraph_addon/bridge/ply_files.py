"""Writes binary PLY files, which Blender, MeshLab, CloudCompare, and game engines read. No bpy."""

import os
from pathlib import Path

import numpy as np

from .problem import Problem

_TYPES = {"f4": "float", "u1": "uchar", "i4": "int"}


def write_ply(path: Path, elements: dict[str, np.ndarray], comment: str = "") -> None:
    """Write structured arrays as elements ("vertex", "edge"), their fields as properties, little endian.

    The file appears under its name when it is complete.

    Args:
        path: the file.
        elements: arrays of float32, uint8, or int32 fields, in the order of the file.
        comment: one line for the header.

    Raises:
        Problem: it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(_header(elements, comment).encode("ascii", "replace"))
            for values in elements.values():
                values.astype(values.dtype.newbyteorder("<"), copy=False).tofile(file)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Problem(f"'{path}' could not be written: {error.strerror}.", hint="Choose another place.") from error


def _header(elements: dict[str, np.ndarray], comment: str) -> str:
    lines = ["ply", "format binary_little_endian 1.0"]
    if comment:
        lines.append(f"comment {comment}")
    for name, values in elements.items():
        lines.append(f"element {name} {len(values)}")
        lines += [f"property {_TYPES[values.dtype[field].str[1:]]} {field}" for field in values.dtype.names]
    return "\n".join([*lines, "end_header", ""])
