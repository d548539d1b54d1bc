"""One zip of many files, and back into a folder. No bpy."""

import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .problem import Problem

_QUICK = 1  # of 9: arrays of floats hardly get smaller with more


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file on the disk, and its name inside the zip."""

    file: Path
    name: str


def write_zip(path: Path, entries: Sequence[ZipEntry]) -> Iterator[ZipEntry]:
    """Write a zip, yielding each entry before it is written; the zip appears under its name when it is complete.

    Raises:
        Problem: a file cannot be read, or the zip not be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as archive:
            for entry in entries:
                yield entry
                archive.write(entry.file, entry.name)
        os.replace(partial, path)
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error.strerror}.", hint="Is the disk full?") from error
    finally:
        partial.unlink(missing_ok=True)


def extract_zip(path: Path, folder: Path) -> None:
    """Extract a zip, or the one folder in it, as a folder that does not exist yet; nothing is left where that fails.

    Raises:
        Problem: the folder exists, or the zip is damaged, or leads out of the folder.
    """
    if folder.exists():
        raise Problem(f"'{folder}' exists already.", hint="Choose another folder; nothing is replaced.")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
            if any(name.is_absolute() or ".." in name.parts for name in names):
                raise Problem(f"'{path.name}' leads out of its folder.", hint="It was not made by Pack.")
            archive.extractall(partial)
        inner = list(partial.iterdir())
        os.replace(inner[0] if len(inner) == 1 and inner[0].is_dir() else partial, folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise Problem(
            f"'{path}' could not be unpacked: {error}.", hint="Is it complete, and is there space?"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
