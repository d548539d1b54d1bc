"""Files that appear under their final name only when they are whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_backend.errors import BadOutput


def partial_path(path: Path) -> Path:
    """Where `path` is written before it is finished: a hidden sibling with the same suffix."""
    # Encoders choose their format by the suffix, hence it stays at the end.
    return path.with_name(f".{path.stem}.partial{path.suffix}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary sibling to write to; it takes the name `path` when the block ends well, else it is removed.

    Raises:
        BadOutput: the folder cannot be made or written.
    """
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> BadOutput:
    """The error for a place that the system refuses."""
    reason = error.strerror or str(error)
    return BadOutput(
        f"{path} cannot be written ({reason}).",
        hint="Choose a folder that exists, has space left, and that you may write to.",
    )
