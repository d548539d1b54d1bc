"""Other versions of Blender: each as a Python module in its own environment, its tests in their own process.

Blender 4.5 is the one in `.venv`, where the whole suite runs. The others have Blender and what the tests need, no
torch: their backend runs with the Python of `.venv`, as an artist's does with its own environment.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.environment import PYTHON, Environment, make_environment, pinned_requirements
from tools.project import ROOT, BuildError, read_toml

MAIN_VERSION = "4.5"
_SHARED = ("numpy", "pillow", "OpenEXR", "pytest")  # of the pinned packages, those that these tests import
_TESTS = ("tests/blender", "tests/cinemagraph_addon")


@dataclass(frozen=True, slots=True)
class BlenderVersion:
    """A Blender whose Python module is pinned in pyproject.toml under `extra`, and the Python that it is built for."""

    name: str
    extra: str
    python: tuple[int, int]

    @property
    def environment(self) -> Environment:
        """Where it is, or will be, installed."""
        return Environment(ROOT / f".venv-blender-{self.name}", self.python)

    @property
    def is_installed(self) -> bool:
        """Whether its environment was made."""
        return (self.environment.folder / "installed.sha256").exists()


OTHER_VERSIONS = (
    BlenderVersion("4.2", "blender-4-2", (3, 11)),
    BlenderVersion("5.0", "blender-5-0", (3, 11)),
    BlenderVersion("5.2", "blender-5-2", (3, 13)),
)
NAMES = tuple(sorted([MAIN_VERSION, *(version.name for version in OTHER_VERSIONS)]))


def choose_versions(text: str) -> list[str]:
    """The names in a list such as `4.5,5.2`; `newest` is the newest, `all` is every one that this machine can run.

    Raises:
        ValueError: a name is unknown.
    """
    chosen: list[str] = []
    for word in text.split(","):
        if word == "all":
            chosen += [MAIN_VERSION, *(v.name for v in OTHER_VERSIONS if _can_run(v))]
        elif word == "newest":
            chosen.append(next((v.name for v in reversed(OTHER_VERSIONS) if _can_run(v)), MAIN_VERSION))
        elif word in NAMES:
            chosen.append(word)
        else:
            raise ValueError(f"there is no Blender '{word}' here; choose {', '.join(NAMES)}, all, or newest")
    return list(dict.fromkeys(chosen))


def default_versions(pytest_arguments: Sequence[str]) -> list[str]:
    """4.5 and, for a whole run, the others that are installed; says which are not."""
    if pytest_arguments:  # they name tests of `.venv`
        return [MAIN_VERSION]
    for version in OTHER_VERSIONS:
        if not version.is_installed:
            print(
                f"Blender {version.name} is skipped: not installed. `build.py test --blender {version.name}` does it."
            )
    return [MAIN_VERSION, *(v.name for v in OTHER_VERSIONS if v.is_installed)]


def run_tests(names: Sequence[str], pytest_arguments: Sequence[str]) -> int:
    """Run the tests in these versions, each in its own process, `.venv` with most of them last; pytest's exit code.

    A version that is not installed is installed; raises BuildError where that is not possible.
    """
    codes = []
    for version in OTHER_VERSIONS:
        if version.name in names:
            install(version)
            codes.append(_run_pytest(version.name, version.environment.python, [*_TESTS, *pytest_arguments]))
    if MAIN_VERSION in names:
        codes.append(_run_pytest(MAIN_VERSION, PYTHON, pytest_arguments))
    return next((code for code in codes if code), 0)


def install(version: BlenderVersion) -> None:
    """Make the environment of this version; raises BuildError, also where there is no fitting Python."""
    base = find_python(version.python)
    if base is None:
        number = "{}.{}".format(*version.python)
        raise BuildError(f"Blender {version.name} needs Python {number} with venv: apt install python{number}-venv")
    make_environment(version.environment, base, requirements(version))


def requirements(version: BlenderVersion) -> list[str]:
    """What its environment holds, all pinned in pyproject.toml."""
    project = read_toml(ROOT / "pyproject.toml")["project"]
    pinned = pinned_requirements(project, ("dependencies", "test"))
    shared = [r for r in pinned if r.partition("=")[0].partition(">")[0] in _SHARED]
    return [*pinned_requirements(project, (version.extra,)), *shared]


def _run_pytest(name: str, python: Path, arguments: Sequence[str]) -> int:
    print(f"== Blender {name}", flush=True)
    environment = {**os.environ, "CINEMAGRAPH_BACKEND_PYTHON": str(PYTHON)}
    return subprocess.run([python, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False).returncode


def _can_run(version: BlenderVersion) -> bool:
    if find_python(version.python) is not None:
        return True
    print("Blender {} is skipped: it needs Python {}.{} with venv.".format(version.name, *version.python))
    return False


def find_python(version: tuple[int, int]) -> Path | None:
    """A Python of exactly this version that can make environments, or None."""
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != {version})"
    for candidate in _candidates(version):
        # A pyenv shim is there even where its version is not.
        if not subprocess.run([candidate, "-c", check], capture_output=True, check=False).returncode:
            return candidate
    return None


def _candidates(version: tuple[int, int]) -> Iterator[Path]:
    yield Path(sys.executable)
    name = "python{}.{}".format(*version)
    for folder in (None, "/usr/local/bin", "/usr/bin"):
        found = shutil.which(name, path=folder)
        if found:
            yield Path(found)
    yield from sorted(Path.home().glob(".pyenv/versions/{}.{}.*/bin/python".format(*version)), reverse=True)
