"""Makes, renews, and removes the backend's private environment, as a job that can be watched and cancelled. No bpy.

The environment counts as installed only once its note says so, which is written last; a cancelled or failed
installation is gone on with by the next one. Nothing is written outside the folder that is given.
"""

import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from .base_python import BasePython, find_base_python
from .child_job import ChildJob
from .environment import (
    BackendFolder,
    Note,
    Requirements,
    folder_size,
    read_note,
    read_requirements,
    write_note,
)
from .folder_lock import only_here
from .pip_output import PipProgress, explain_failure
from .problem import Problem
from .torch_build import TorchBuild

_OTHER_DOWNLOAD_BYTES = 0.2e9  # of all packages but PyTorch, measured
_WORKING_SPACE_BYTES = 0.5e9  # even to go on where little is missing
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV")
_PIP_OPTIONS = ("--no-input", "--only-binary=:all:", "--disable-pip-version-check", "--no-warn-script-location")


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What to install, and where.

    `extension_root` holds pyproject.toml and ml_backend/; `pythons` are interpreters that may make the environment,
    the best first; `wheel_folder` replaces the network; `free_bytes` tells the free space of the disk of a folder.
    """

    folder: BackendFolder
    extension_root: Path
    addon_version: str
    pythons: tuple[str, ...]
    build: TorchBuild
    is_online: bool
    wheel_folder: Path | None = None
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free


def start_install(options: InstallOptions) -> ChildJob:
    """Install or go on installing; the values of the job's Result are those of `Note`, and `seconds`.

    Raises:
        Problem: it cannot begin, because Blender is offline, or the wheel folder or the list of packages is missing.
    """
    requirements = read_requirements(options.extension_root / "pyproject.toml")
    if options.wheel_folder is not None and not options.wheel_folder.is_dir():
        raise Problem(f"The wheel folder '{options.wheel_folder}' does not exist.", hint="Choose another, or none.")
    if options.wheel_folder is None and not options.is_online:
        raise Problem(
            "Blender is not allowed to use the network.",
            hint="Switch on Allow Online Access in Preferences > System, or choose a wheel folder.",
        )
    return ChildJob(partial(_install, options, requirements))


def start_remove(folder: BackendFolder) -> ChildJob:
    """Remove the environment and all that its installation left; the Result's value is `size_bytes`."""
    return ChildJob(partial(_remove, folder))


@dataclass(frozen=True, slots=True)
class _PipCall:
    """Packages for one call of pip, about how much it downloads, and which part of the whole job it is."""

    packages: tuple[str, ...]
    download_bytes: float
    start: float
    end: float
    index: str | None = None
    shows_progress: bool = True


def _install(options: InstallOptions, requirements: Requirements, job: ChildJob) -> dict[str, object]:
    start = time.monotonic()
    folder = options.folder
    folder.path.mkdir(parents=True, exist_ok=True)
    with only_here(folder.lock), folder.log.open("w", encoding="utf-8") as log:
        try:
            note = _Installation(options, requirements, job, log).perform()
        except Problem as problem:
            log.write(f"{problem}\n")
            raise
        finally:
            shutil.rmtree(folder.temporary, ignore_errors=True)
        shutil.rmtree(folder.downloads, ignore_errors=True)
        shutil.rmtree(folder.removed, ignore_errors=True)
    return {**asdict(note), "seconds": time.monotonic() - start}


def _check_space(options: InstallOptions) -> None:
    """Raise Problem where the disk is too full; what an earlier try left counts as there."""
    folder = options.folder
    there = folder_size(folder.environment) + folder_size(folder.downloads)
    needed = max(options.build.disk_bytes - there, _WORKING_SPACE_BYTES)
    free = options.free_bytes(folder.path)
    if free < needed:
        raise Problem(
            f"The backend needs {needed / 1e9:.1f} GB of disk space, {free / 1e9:.1f} GB are free in '{folder.path}'.",
            hint="Free some space, then try again.",
        )


def _remove(folder: BackendFolder, job: ChildJob) -> dict[str, object]:
    stage = "removing the backend"
    job.report(stage, 0.0)
    with only_here(folder.lock):
        note = read_note(folder)
        size = note.size_bytes if note is not None else 0
        _remove_environment(folder, lambda fraction: job.show(stage, fraction))
        for part in (folder.downloads, folder.temporary):
            shutil.rmtree(part, ignore_errors=True)
        folder.log.unlink(missing_ok=True)
    return {"size_bytes": size}


def _remove_environment(folder: BackendFolder, progress: Callable[[float], None]) -> None:
    """Out of the way first, since half an environment must not be taken for one; then piece by piece."""
    doomed = folder.removed
    try:
        if folder.environment.exists():
            shutil.rmtree(doomed, ignore_errors=True)
            folder.environment.rename(doomed)
        packages = [*doomed.glob("lib/python*/site-packages/*"), *doomed.glob("Lib/site-packages/*")]
        for number, package in enumerate(packages):
            progress(number / len(packages))
            if package.is_dir() and not package.is_symlink():
                shutil.rmtree(package)
        if doomed.exists():
            shutil.rmtree(doomed)
    except OSError as error:
        raise Problem(
            f"'{error.filename or doomed}' could not be removed: {error.strerror}.",
            hint="Close other programs that use it, then try again.",
        ) from error


class _Installation:
    """One run of the installation; each method is a step of it."""

    def __init__(self, options: InstallOptions, requirements: Requirements, job: ChildJob, log: TextIO) -> None:
        self.options, self.requirements, self.job, self.log = options, requirements, job, log
        self.folder = options.folder

    def perform(self) -> Note:
        """All steps; the note of the finished environment."""
        self.write(f"{platform.platform()}, PyTorch for {self.options.build.name}")
        self.job.report("looking for Python", 0.0)
        base = find_base_python(self.options.pythons, lambda path: self.job.report("looking for Python", 0.0))
        _check_space(self.options)
        note = self.make_environment(base)
        for call in self.pip_calls():
            self.pip_install(call)
        self.check()
        self.job.report("measuring", 0.99)
        finished = replace(note, is_complete=True, size_bytes=folder_size(self.folder.environment))
        write_note(self.folder, finished)
        return finished

    def make_environment(self, base: BasePython) -> Note:
        """A virtual environment that is marked as unfinished; one that can be gone on with is kept."""
        self.job.report("making the environment", 0.01)
        note = Note(
            is_complete=False,
            requirements_hash=self.requirements.hash,
            torch_build=self.options.build.name,
            addon_version=self.options.addon_version,
            base_python=base.path,
            python_version=".".join(map(str, base.version)),
        )
        if not self._can_go_on(note):
            _remove_environment(self.folder, lambda fraction: None)
            code, lines = self.run([base.path, "-I", "-m", "venv", str(self.folder.environment)])
            if code:
                raise Problem(f"The environment could not be made: {_last(lines)}", hint="Use an existing Python.")
        write_note(self.folder, note)
        return note

    def _can_go_on(self, note: Note) -> bool:
        """Whether the environment there is of the same kind, and has a pip that runs."""
        old = read_note(self.folder)
        if old is None or not self.folder.python.exists():
            return False
        same = ("torch_build", "base_python", "python_version")
        if any(getattr(old, name) != getattr(note, name) for name in same):
            return False
        code, _ = self.run([str(self.folder.python), "-m", "pip", "--version"])
        return code == 0

    def pip_calls(self) -> list[_PipCall]:
        """PyTorch first and alone: it has an index of its own, and is most of the download."""
        build, needed = self.options.build, self.requirements
        middle = 0.75 if build.name == "CUDA" else 0.5
        has_network = self.options.wheel_folder is None
        calls = [
            _PipCall((needed.torch,), build.download_bytes, 0.07, middle, build.index, shows_progress=has_network),
            _PipCall(needed.packages, _OTHER_DOWNLOAD_BYTES, middle, 0.93, shows_progress=has_network),
        ]
        # The pip that comes with Python 3.11 neither shows progress nor resumes a download; for copying it will do.
        return [_PipCall((needed.pip,), 2e6, 0.05, 0.07, shows_progress=False), *calls] if has_network else calls

    def pip_install(self, call: _PipCall) -> None:
        """Install these packages; raises Problem with pip's reason."""
        progress = PipProgress(call.download_bytes)

        def read(line: str) -> bool:
            is_worth_keeping = progress.read(line)
            self.job.report(progress.stage, call.start + (call.end - call.start) * progress.fraction)
            return is_worth_keeping

        self.job.report(progress.stage, call.start)
        options = [*_PIP_OPTIONS, f"--progress-bar={'raw' if call.shows_progress else 'off'}"]
        if self.options.wheel_folder is not None:
            options += ["--no-index", f"--find-links={self.options.wheel_folder}"]
        elif call.index is not None:
            options += ["--index-url", call.index]
        command = [str(self.folder.python), "-m", "pip", "install", *options, *call.packages]
        code, lines = self.run(command, read)
        if code:
            what = call.packages[0] if len(call.packages) == 1 else "one of the packages"
            problem = explain_failure(lines, what)
            raise Problem(problem.message, hint=f"{problem.hint} The log is '{self.folder.log}'.")

    def check(self) -> None:
        """Let the backend examine itself in its new environment; raises Problem when it is not well."""
        self.job.report("checking the backend", 0.94)
        command = [str(self.folder.python), "-m", "ml_backend", "doctor", "--json"]
        _, lines = self.run(command, cwd=self.options.extension_root)
        try:
            answer = next(line for line in reversed(lines) if line.startswith("{"))
            checks = json.loads(answer)["result"]["checks"]
            faults = [f"{check['name']}: {check['found']}" for check in checks if check["status"] == "fail"]
        except (StopIteration, ValueError, KeyError, TypeError):
            faults = [_last(lines)]
        if faults:
            raise Problem(
                f"The installed backend does not work: {faults[0]}.",
                hint=f"Remove it, and install it again. The log is '{self.folder.log}'.",
            )

    def run(
        self, command: list[str], read_line: Callable[[str], bool] = lambda line: True, *, cwd: Path | None = None
    ) -> tuple[int, list[str]]:
        """Run a child; its exit code, and those of its lines for which `read_line` is true, which are logged too."""
        lines: list[str] = []

        def read(line: str) -> None:
            if read_line(line):
                lines.append(line)
                self.write(line)

        self.write(f"$ {' '.join(command)}")
        return self.job.run(command, read, cwd=cwd, environment=self._variables()), lines

    def write(self, line: str) -> None:
        """A line for the log, there at once for those who look."""
        self.log.write(f"{line}\n")
        self.log.flush()

    def _variables(self) -> dict[str, str]:
        """The children's environment variables: nothing of other Pythons, and all that is written inside our folder."""
        for needed in (self.folder.downloads, self.folder.temporary):
            needed.mkdir(parents=True, exist_ok=True)
        temporary = str(self.folder.temporary)
        return {
            **{name: value for name, value in os.environ.items() if name.upper() not in _FOREIGN},
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONNOUSERSITE": "1",
            "PIP_USER": "0",
            "PIP_CACHE_DIR": str(self.folder.downloads),
            "TMPDIR": temporary,
            "TEMP": temporary,
            "TMP": temporary,
        }


def _last(lines: Sequence[str]) -> str:
    return next((line for line in reversed(lines) if line.strip()), "it said nothing")
