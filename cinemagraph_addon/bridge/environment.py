"""The backend's private environment: where it lies, what it is made of, and in which state it is. No bpy."""

import hashlib
import json
import os
import tomllib
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from .problem import Problem

_EXTRAS = ("depth",)  # of pyproject.toml, beside the dependencies
_INSTALLER = "installer"  # the extra that pins pip
_NOTE = "cinemagraph.json"  # inside the environment, so that it never outlives it

Condition = Literal["absent", "unfinished", "broken", "outdated", "ready"]


@dataclass(frozen=True, slots=True)
class BackendFolder:
    """The extension's user folder, and what the installation keeps in it."""

    path: Path

    @property
    def environment(self) -> Path:
        """The virtual environment."""
        return self.path / "environment"

    @property
    def removed(self) -> Path:
        """What is left of an environment while it is being deleted."""
        return self.path / "environment.removed"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def downloads(self) -> Path:
        """pip's cache, kept from a broken installation to the next try."""
        return self.path / "downloads"

    @property
    def temporary(self) -> Path:
        """Where pip unpacks: on the same disk, since /tmp is often too small for PyTorch."""
        return self.path / "unpacking"

    @property
    def lock(self) -> Path:
        """Held by the process that is changing the environment."""
        return self.path / "install.lock"

    @property
    def log(self) -> Path:
        """What pip said in the latest installation."""
        return self.path / "install.log"


@dataclass(frozen=True, slots=True)
class Requirements:
    """The pinned packages: PyTorch alone, everything, pip, and a hash of all that tells one set from another."""

    torch: str
    packages: tuple[str, ...]
    pip: str
    hash: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the installation wrote down about the environment; is_complete only after everything was checked."""

    is_complete: bool
    requirements_hash: str
    torch_build: str
    addon_version: str
    base_python: str
    python_version: str
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """The condition, and the note, where there is one."""

    condition: Condition
    note: Note | None


def read_requirements(pyproject: Path) -> Requirements:
    """What pyproject.toml pins for the backend; raises Problem when it cannot be read."""
    try:
        return _read_requirements(pyproject, pyproject.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise Problem(
            f"The list of packages '{pyproject}' could not be read: {error!r}.", hint="Install the add-on again."
        ) from error


@lru_cache(maxsize=4)  # panels ask on every redraw
def _read_requirements(pyproject: Path, changed_ns: int) -> Requirements:
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    packages = [*project["dependencies"], *(r for extra in _EXTRAS for r in extras[extra])]
    torch = next(r for r in packages if r.startswith("torch=="))
    text = "\n".join(sorted(packages))
    return Requirements(torch, tuple(packages), extras[_INSTALLER][0], hashlib.sha256(text.encode()).hexdigest())


def examine_environment(folder: BackendFolder, requirements: Requirements) -> EnvironmentState:
    """In which state the environment is; cheap enough for drawing."""
    if not folder.environment.is_dir():
        return EnvironmentState("absent", None)
    note = read_note(folder)
    if note is None or not note.is_complete:
        return EnvironmentState("unfinished", note)
    if not folder.python.exists():  # also where its base, such as an older Blender, was removed
        return EnvironmentState("broken", note)
    if note.requirements_hash != requirements.hash:
        return EnvironmentState("outdated", note)
    return EnvironmentState("ready", note)


def read_note(folder: BackendFolder) -> Note | None:
    """The environment's note, or None where it is missing or unreadable."""
    try:
        return Note(**json.loads((folder.environment / _NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_note(folder: BackendFolder, note: Note) -> None:
    """Replace the environment's note in one step."""
    partial = folder.environment / f"{_NOTE}.partial"
    partial.write_text(json.dumps(asdict(note), indent=1), encoding="utf-8")
    os.replace(partial, folder.environment / _NOTE)


def folder_size(folder: Path) -> int:
    """Bytes of all files below; links count as nothing, and so does what vanishes meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total
