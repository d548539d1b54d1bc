"""Which Python can make the backend's private environment. No bpy."""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .problem import Problem

MIN_VERSION = (3, 11)
_TIMEOUT_S = 20.0
_NAMES = ("python3.13", "python3.12", "python3.11", "python3", "python")
# venv alone is not enough: Debian's python3 has it, but without ensurepip the environment gets no pip.
_QUESTION = """
import json, struct, sys
lacks = []
for name in ("venv", "ensurepip"):
    try:
        __import__(name)
    except ImportError:
        lacks.append(name)
print(json.dumps({"version": sys.version_info[:3], "lacks": lacks, "bits": struct.calcsize("P") * 8}))
"""


@dataclass(frozen=True, slots=True)
class BasePython:
    """An interpreter, its version, and why it cannot be used; empty where it can."""

    path: str
    version: tuple[int, ...]
    fault: str = ""


def candidates() -> list[str]:
    """Blender's own Python, whose packages are sure to fit this system, then those on PATH; without doubles."""
    found = [sys.executable, *(shutil.which(name) for name in _NAMES)]
    return list(dict.fromkeys(path for path in found if path))


def find_base_python(paths: Sequence[str], before_each: Callable[[str], None]) -> BasePython:
    """The first that can make environments.

    Args:
        paths: interpreters, the best first.
        before_each: called with each path before it is tried, which may take a moment; may raise to stop.

    Raises:
        Problem: none can; says why the first of them cannot.
    """
    unfit = []
    for path in paths:
        before_each(path)
        python = examine(path)
        if not python.fault:
            return python
        unfit.append(python)
    first = f"'{unfit[0].path}' {unfit[0].fault}" if unfit else "none was found"
    raise Problem(f"No Python here can make the backend's environment: {first}.", hint=_remedy(unfit))


def examine(path: str) -> BasePython:
    """Ask an interpreter what it is; never raises."""
    try:
        done = subprocess.run([path, "-I", "-c", _QUESTION], capture_output=True, timeout=_TIMEOUT_S, check=False)
        answer = json.loads(done.stdout)
        version, lacks, bits = tuple(answer["version"]), answer["lacks"], answer["bits"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return BasePython(path, (), "does not run as a Python")
    if version < MIN_VERSION:
        return BasePython(path, version, "is Python {}.{}, older than 3.11".format(*version))
    if lacks:
        return BasePython(path, version, f"lacks the module {lacks[0]}")
    if bits != 64:
        return BasePython(path, version, "is a 32-bit Python, for which there is no PyTorch")
    return BasePython(path, version)


def _remedy(unfit: Sequence[BasePython]) -> str:
    if platform.system() != "Linux":
        return "Install Python 3.11 from python.org, or use an existing Python."
    # One that is new enough and lacks but a module is the shortest way.
    version = next((python.version for python in unfit if python.version >= MIN_VERSION), MIN_VERSION)
    package = "python{}.{}-venv".format(*version)
    return f"Install one, such as by 'apt install {package}', or use an existing Python."
