"""Whether a file is the one that the catalog means."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from ml_backend.errors import WeightsMismatch
from ml_backend.weights.catalog import WeightFile

_CHUNK = 1 << 20


def sha256_of(path: Path, advance: Callable[[int], None] = lambda count: None) -> str:
    """Hex digest of a file; `advance` is told of each chunk's bytes."""
    return _digest(path, "sha256", advance)


def check_file(path: Path, file: WeightFile, *, recorded_sha256: str | None = None) -> None:
    """Raise WeightsMismatch unless size and digest are those expected.

    Args:
        recorded_sha256: of the file as it was installed; counts where the catalog knows no digest.
    """
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise _mismatch(path, f"{file.size:,} bytes", f"{size:,}")
    for name, expected in (("sha256", file.sha256), ("md5", file.md5), ("sha256", recorded_sha256)):
        if expected is None:
            continue
        found = _digest(path, name)
        if found != expected:
            raise _mismatch(path, f"{name.upper()} {expected}", found)
        return
    if size == 0:
        raise _mismatch(path, "a file with weights", "an empty file")


def _digest(path: Path, name: str, advance: Callable[[int], None] = lambda count: None) -> str:
    digest = hashlib.new(name, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            advance(len(chunk))
    return digest.hexdigest()


def _mismatch(path: Path, expected: str, found: str) -> WeightsMismatch:
    return WeightsMismatch(
        f"{path.name} is not the file it should be: expected {expected}, found {found}.",
        hint="It is damaged or of another version; fetch it again, or get it from its authors.",
    )
