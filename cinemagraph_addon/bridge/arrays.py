"""The .npy files that messages point to. No bpy.

Arrays of a job live in a folder of their own, which the add-on makes before the request and removes after it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .problem import Problem


@contextmanager
def job_folder(parent: Path) -> Iterator[Path]:
    """A fresh folder for the arrays of one job, removed at the end whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=parent))
    try:
        yield folder
    finally:
        # A cancelled backend may still be writing; the client's own folder goes when it stops.
        shutil.rmtree(folder, ignore_errors=True)


def read_array(path: str | Path, shape: tuple[int | None, ...]) -> np.ndarray:
    """The array of a .npy file, never unpickled.

    Args:
        path: the file.
        shape: expected length of each axis; None takes any.

    Raises:
        Problem: the file is missing, damaged, or of another shape.
    """
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Problem(
            f"The array '{Path(path).name}' could not be read: {error}.",
            hint="Build the scene again; if that does not help, restart Blender.",
        ) from error
    if array.ndim != len(shape) or any(e is not None and e != f for e, f in zip(shape, array.shape, strict=True)):
        raise Problem(
            f"The array '{Path(path).name}' has shape {array.shape}, expected {shape}.",
            hint="The add-on and the backend seem to be of different versions; build the scene again.",
        )
    return array
