"""The weights on this machine: one folder for each row of the catalog, with a record of what was installed.

A folder appears under its name only when all its files are there and checked. What a broken download left lies in
`.partial/` until it goes on.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ml_backend.atomic_file import require_writable_folder, unwritable
from ml_backend.errors import BadInput, MissingDependency, WeightsMismatch
from ml_backend.weights.catalog import CATALOG, WeightFile, WeightSpec
from ml_backend.weights.digest import check_file, sha256_of
from ml_backend.weights.download import FreeBytes, download, free_bytes

_RECORD = "record.json"
_PARTIAL = ".partial"

Progress = Callable[[str, float], None]
CheckContent = Callable[[WeightSpec, Path], None]
"""Raises WeightsMismatch unless the files in this folder fit their networks."""


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One line of the record: where a file came from and what it was."""

    name: str
    size: int
    sha256: str
    origin: str


def no_content_check(spec: WeightSpec, folder: Path) -> None:
    """Trust the digests alone."""


def is_installed(spec: WeightSpec, root: Path) -> bool:
    """Whether all files are there; their content is `verify`'s business."""
    folder = root / spec.name
    return all((folder / name).is_file() for name in (*(file.name for file in spec.files), _RECORD))


def installed_specs(root: Path) -> list[WeightSpec]:
    """The rows of the catalog that are installed."""
    return [spec for spec in CATALOG if is_installed(spec, root)]


def require(spec: WeightSpec, root: Path) -> Path:
    """The folder of installed weights; raises MissingDependency that says how to get them."""
    if is_installed(spec, root):
        return root / spec.name
    how = f"fetch {spec.name}" if spec.is_fetchable else f"import {spec.name} {' '.join(f.name for f in spec.files)}"
    raise MissingDependency(
        f"The weights {spec.name} are not installed.", hint=f"Run: python -m ml_backend weights {how}."
    )


def fetch(
    spec: WeightSpec,
    root: Path,
    progress: Progress,
    *,
    free: FreeBytes = free_bytes,
    check: CheckContent = no_content_check,
) -> Path:
    """Download, check, and install; the folder.

    Raises:
        BadInput: the row has no address. DownloadFailed, WeightsMismatch, BadOutput: see `download`.
    """
    if not spec.is_fetchable:
        raise BadInput(
            f"The weights {spec.name} cannot be fetched by a program.",
            hint=f"Download them by way of {spec.source}, then: python -m ml_backend weights import {spec.name} FILE.",
        )
    staged = _stage(spec, root)
    origins = []
    for index, file in enumerate(spec.files):

        def advance(done: int, total: int | None, index: int = index, file: WeightFile = file) -> None:
            progress(f"fetching {file.name}", (index + (done / total if total else 0)) / len(spec.files))

        origins.append(download(file, staged / file.name, advance, free=free))
    return _install(spec, root, staged, origins, check)


def import_files(
    spec: WeightSpec, sources: Sequence[Path], root: Path, *, check: CheckContent = no_content_check
) -> Path:
    """Install from files, or from a folder that holds them, on this machine; the sources stay as they are.

    Raises:
        BadInput: a file is missing. WeightsMismatch: a file is another one. BadOutput: the store cannot be written.
    """
    found = [_find_source(file, sources, alone=len(spec.files) == 1) for file in spec.files]
    for path, file in zip(found, spec.files, strict=True):
        check_file(path, file)
    staged = _stage(spec, root)
    for path, file in zip(found, spec.files, strict=True):
        try:
            shutil.copyfile(path, staged / file.name)
        except OSError as error:
            (staged / file.name).unlink(missing_ok=True)
            raise unwritable(staged / file.name, error) from error
    return _install(spec, root, staged, [str(path.resolve()) for path in found], check)


def verify(spec: WeightSpec, root: Path) -> list[InstalledFile]:
    """Read every byte again; what is installed. Raises WeightsMismatch where a file is not what it was."""
    folder = require(spec, root)
    record = {file.name: file for file in read_record(spec, root)}
    for file in spec.files:
        recorded = record.get(file.name)
        if recorded is None:
            raise WeightsMismatch(f"{folder / _RECORD} does not know {file.name}.", hint=f"Install {spec.name} again.")
        check_file(folder / file.name, file, recorded_sha256=recorded.sha256)
    return list(record.values())


def read_record(spec: WeightSpec, root: Path) -> list[InstalledFile]:
    """What was installed; raises WeightsMismatch where the record is damaged."""
    path = root / spec.name / _RECORD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return [InstalledFile(**file) for file in values["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsMismatch(f"{path} cannot be read ({error}).", hint=f"Install {spec.name} again.") from error


def remove(spec: WeightSpec, root: Path) -> bool:
    """Delete weights and what is left of their download; whether there was anything."""
    places = [place for place in (root / spec.name, root / _PARTIAL / spec.name) if place.exists()]
    for place in places:
        try:
            shutil.rmtree(place)
        except OSError as error:
            raise unwritable(place, error) from error
    return bool(places)


def _find_source(file: WeightFile, sources: Sequence[Path], *, alone: bool) -> Path:
    """By its name, in a folder, or simply the one file given where one is wanted."""
    candidates = [source / file.name if source.is_dir() else source for source in sources]
    for path in candidates:
        if path.name == file.name and path.is_file():
            return path
    if alone and len(candidates) == 1 and candidates[0].is_file():
        return candidates[0]
    raise BadInput(
        f"{file.name} is not among {', '.join(map(str, sources)) or 'the files given'}.",
        hint="Give the file itself, or the folder that holds it.",
    )


def _stage(spec: WeightSpec, root: Path) -> Path:
    staged = root / _PARTIAL / spec.name
    require_writable_folder(root)
    try:
        staged.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(staged, error) from error
    return staged


def _install(
    spec: WeightSpec, root: Path, staged: Path, origins: Sequence[str], check: CheckContent = no_content_check
) -> Path:
    folder, old = root / spec.name, root / _PARTIAL / f"{spec.name}.old"
    try:
        for name, text in spec.texts:
            (staged / name).write_text(text + "\n", encoding="utf-8")
        check(spec, staged)
        (staged / _RECORD).write_text(_record(spec, staged, origins), encoding="utf-8")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            os.replace(folder, old)
        os.replace(staged, folder)
    except OSError as error:
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        raise unwritable(folder, error) from error
    except WeightsMismatch:
        shutil.rmtree(staged, ignore_errors=True)  # whole, and wrong: there is nothing to go on with
        raise
    shutil.rmtree(old, ignore_errors=True)
    with suppress(OSError):  # something else is still being fetched
        (root / _PARTIAL).rmdir()
    return folder


def _record(spec: WeightSpec, staged: Path, origins: Sequence[str]) -> str:
    files = [
        asdict(InstalledFile(file.name, (staged / file.name).stat().st_size, sha256_of(staged / file.name), origin))
        for file, origin in zip(spec.files, origins, strict=True)
    ]
    values = {
        "name": spec.name,
        "licence": spec.licence,
        "source": spec.source,
        "revision": spec.revision,
        "installed": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "files": files,
    }
    return json.dumps(values, indent=1) + "\n"
