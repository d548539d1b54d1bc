"""Files and folders that appear under their final name only when they are whole."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
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


@contextmanager
def replacing_folder(folder: Path, own: Sequence[str]) -> Iterator[Path]:
    """Give a temporary folder to write to; when the block ends well, what is in it takes its place in `folder`.

    Of an old folder, files and folders named in `own` are replaced or removed together, all others stay as they are.
    On an error nothing of it has changed.

    Args:
        folder: what is made or renewed.
        own: the names that the block may write, of files in folders too ("cloud/flow.npy"). The first is the one that
            makes the folder whole: it goes first and comes last, so that a folder that lost power in between is not
            taken for a whole one.

    Raises:
        BadOutput: the folder cannot be made or written.
    """
    require_writable_folder(folder)
    partial = _partial_folder(folder)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
        if folder.is_dir():
            _exchange(partial, folder, own)
        else:
            os.replace(partial, folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def require_writable_folder(folder: Path) -> None:
    """Raise BadOutput, before any work, where a folder cannot be made or written to; its parents are made."""
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(str(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryDirectory(dir=folder if folder.is_dir() else folder.parent, prefix=".probe-").cleanup()
    except OSError as error:
        raise unwritable(folder, error) from error


def _partial_folder(folder: Path) -> Path:
    # Inside the old folder, since its sibling may be on another disk, where nothing can be moved to in one step.
    return folder / ".partial" if folder.is_dir() else folder.with_name(f".{folder.name}.partial")


def _exchange(partial: Path, folder: Path, own: Sequence[str]) -> None:
    """Move the old things named in `own` out and the new ones in; back again where that fails."""
    old, fresh = partial / ".old", [name for name in reversed(own) if (partial / name).exists()]
    for name in own:  # some are files in folders
        (old / name).parent.mkdir(parents=True, exist_ok=True)
    try:
        _move(own, folder, old)
        _move(fresh, partial, folder)
    except BaseException:  # Ctrl-C too, raised again: half of a folder must not be exchanged
        _move(fresh, folder, partial)
        _move(list(reversed(own)), old, folder)
        raise


def _move(names: Sequence[str], source: Path, target: Path) -> None:
    for name in names:
        if (source / name).exists() and not (target / name).exists():
            os.replace(source / name, target / name)


def unwritable(path: Path, error: OSError) -> BadOutput:
    """The error for a place that the system refuses."""
    is_file = isinstance(error, FileExistsError | NotADirectoryError)
    reason = "a file stands where a folder should be" if is_file else error.strerror or str(error)
    return BadOutput(
        f"{path} cannot be written ({reason}).",
        hint="Choose a folder that exists, has space left, and that you may write to.",
    )
