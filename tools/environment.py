"""The developers' virtual environments, made from what pyproject.toml pins and reused in seconds."""

import hashlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.project import ROOT, BuildError, check_call, read_toml, shown

_EXTRAS = ("depth", "demo", "blender", "evaluate", "test")
_TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_INDEX_TIMEOUT_S = 5

# Which apt package holds a library that Blender's Python module needs and that a bare system lacks.
_APT_PACKAGES = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgomp.so.1": "libgomp1",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment at `folder` for Python `version`, such as (3, 11)."""

    folder: Path
    version: tuple[int, int]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        return self.folder / "lib" / "python{}.{}".format(*self.version) / "site-packages"


MAIN = Environment(ROOT / ".venv", (3, 11))  # the only Python that Blender 4.5's module is built for
PYTHON = MAIN.python


def make_main_environment() -> None:
    """Make `.venv` with everything that demo, package, and the whole test suite need."""
    project = read_toml(ROOT / "pyproject.toml")["project"]
    make_environment(MAIN, Path(sys.executable), pinned_requirements(project, ("dependencies", *_EXTRAS)))


def make_environment(environment: Environment, base: Path, requirements: Sequence[str]) -> None:
    """Make the environment with the Python `base`; does nothing when that was done before. Raises BuildError."""
    stamp = environment.folder / "installed.sha256"
    version = subprocess.run([base, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True)
    wanted = hashlib.sha256("\n".join([version.stdout.rstrip("\n"), *requirements]).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and environment.python.exists():
        return
    print(f"Setting up {shown(environment.folder)}; this happens once.", flush=True)
    _make_venv(environment, base)
    stamp.unlink(missing_ok=True)
    torch = [r for r in requirements if r.startswith("torch==")]
    if torch:
        print(f"[1/2] {torch[0]}", flush=True)
        _pip_install(environment, torch, index=_torch_index())
        print(f"[2/2] {len(requirements) - 1} more packages, Blender among them", flush=True)
    _pip_install(environment, requirements)
    _check_system_libraries(environment)
    stamp.write_text(wanted)


def pinned_requirements(project: dict[str, object], groups: Sequence[str]) -> list[str]:
    """The requirements of these groups without doubles: `dependencies` or the name of an extra.

    Args:
        project: the table [project] of pyproject.toml.
        groups: names, in the order in which their requirements are to come.
    """
    extras = {**project["optional-dependencies"], "dependencies": project["dependencies"]}
    return list(dict.fromkeys(requirement for group in groups for requirement in extras[group]))


def missing_apt_packages(ldd_output: str) -> list[str]:
    """The apt packages (or, where unknown, the file names) of the libraries that `ldd` did not find."""
    missing = re.findall(r"^\s*(\S+) => not found", ldd_output, flags=re.MULTILINE)
    return sorted({_APT_PACKAGES.get(library, library) for library in missing})


def _make_venv(environment: Environment, base: Path) -> None:
    # Without the check, venv leaves a folder that has a Python but no pip.
    if subprocess.run([base, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        package = "python{}.{}-venv".format(*environment.version)
        raise BuildError(f"Python's venv module is missing. Install it: apt install {package}")
    python = environment.python
    has_pip = python.exists() and not subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode  # noqa: PLW1510
    if not has_pip:
        command = [str(base), "-m", "venv", "--clear", str(environment.folder)]
        check_call(command, "The virtual environment could not be made.")


def _torch_index() -> str | None:
    """The index of CPU-only PyTorch where it helps and answers: without it Linux gets gigabytes of CUDA libraries."""
    if shutil.which("nvidia-smi") or Path("/proc/driver/nvidia/version").exists():
        return None
    try:
        with urllib.request.urlopen(f"{_TORCH_CPU_INDEX}/torch/", timeout=_INDEX_TIMEOUT_S):
            return _TORCH_CPU_INDEX
    except (OSError, urllib.error.URLError):
        return None


def _pip_install(environment: Environment, requirements: Sequence[str], index: str | None = None) -> None:
    options = ["--index-url", index] if index else []
    pip = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check"]
    command = [*pip, *options, *requirements]
    check_call(command, "Installing failed; pip's message is above. Check the network, and run the command again.")


def _check_system_libraries(environment: Environment) -> None:
    if sys.platform != "linux":
        return
    module = environment.site_packages / "bpy" / "__init__.so"
    output = subprocess.run(["ldd", str(module)], capture_output=True, text=True, check=False).stdout
    missing = missing_apt_packages(output)
    if missing:
        raise BuildError(
            f"Blender needs system libraries that are missing. Install them: apt install {' '.join(missing)}"
        )
