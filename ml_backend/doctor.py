"""What is installed, on which device it runs, what is wrong, and how to mend it."""

import importlib
import importlib.metadata
import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ml_backend.device import device_name, num_threads
from ml_backend.memory import available_memory_gib
from ml_backend.service.jobs import DECODER

if TYPE_CHECKING:
    from ml_backend.depth.choice import DepthChoice

_MIN_PYTHON = (3, 11)
_MIN_MEMORY_GIB = 4.0  # a 1280 px scene with its loop
_MIN_DISK_GIB = 2.0
_ENCODERS = (("libx264", "MP4"), ("libvpx-vp9", "WebM"))

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `mend` says what to do; empty where all is well."""

    name: str
    status: Status
    found: str
    mend: str = ""


def examine(folder: Path) -> list[Check]:
    """Look at everything; `folder` is where results would be written."""
    checks = [check_python(sys.version_info[:3])]
    checks += [check_package(name, mend) for name, mend in _REQUIRED]
    checks += [_guarded("device", _check_device)]
    checks += [_guarded(f"{name} encoder", lambda n=name, u=use: check_encoder(n, u)) for name, use in _ENCODERS]
    checks += [check_optional_package(name, use) for name, use in _OPTIONAL]
    checks += [check_memory(available_memory_gib()), check_disk(shutil.disk_usage(folder).free / 2**30, folder)]
    checks += [_guarded("depth", _check_depth), _guarded("inpainting", _check_fill)]
    checks += [Check("decoder", "ok", DECODER)]
    return checks


def is_healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing fails; warnings do not count."""
    return all(check.status != "fail" for check in checks)


def check_python(version: tuple[int, int, int]) -> Check:
    """Whether this Python is new enough."""
    found = ".".join(map(str, version))
    if version[:2] < _MIN_PYTHON:
        return Check("python", "fail", found, "Install Python 3.11 or newer.")
    return Check("python", "ok", f"{found} ({platform.system()} {platform.machine()})")


def check_package(name: str, mend: str) -> Check:
    """Whether a package that we cannot do without imports."""
    try:
        importlib.import_module(name)
    except Exception as error:  # noqa: BLE001  a broken package raises whatever it likes, and that is the finding
        return Check(name, "fail", f"{type(error).__name__}: {error}".splitlines()[0], mend)
    return Check(name, "ok", _version(name))


def check_optional_package(name: str, use: str) -> Check:
    """Whether a package that one feature needs is there; it is not imported."""
    if importlib.util.find_spec(name) is None:
        return Check(name, "warn", f"not installed; needed for {use}", f"pip install {name}, if you need it.")
    return Check(name, "ok", f"{_version(name)}, for {use}")


def check_encoder(name: str, use: str) -> Check:
    """Whether PyAV can encode with `name`."""
    import av  # noqa: PLC0415

    try:
        av.codec.Codec(name, "w")
    except ValueError:  # av's UnknownCodecError is one
        return Check(f"{name} encoder", "fail", f"missing; {use} cannot be written", "pip install --force-reinstall av")
    return Check(f"{name} encoder", "ok", f"writes {use}")


def check_memory(available_gib: float | None) -> Check:
    """Whether a scene of the usual size fits."""
    if available_gib is None:
        return Check("memory", "ok", "unknown on this system")
    found = f"{available_gib:.1f} GiB free"
    if available_gib < _MIN_MEMORY_GIB:
        return Check("memory", "warn", found, "Close other programs, or work at --size 640.")
    return Check("memory", "ok", found)


def check_disk(free_gib: float, folder: Path) -> Check:
    """Whether there is room for scenes and frames."""
    found = f"{free_gib:.1f} GiB free in {folder}"
    if free_gib < _MIN_DISK_GIB:
        return Check("disk", "warn", found, "Free some space, or write to another disk.")
    return Check("disk", "ok", found)


def table(checks: Sequence[Check]) -> str:
    """The checks for people, one per line, with what to do below those that are not well."""
    marks = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        lines.append(f"{marks[check.status]}  {check.name:<{width}}  {check.found}")
        if check.mend:
            lines.append(f"      {'':<{width}}  -> {check.mend}")
    return "\n".join(lines)


def _check_depth() -> Check:
    from ml_backend.depth.choice import choose_depth  # noqa: PLC0415  imports torch, which may be broken

    return check_depth(choose_depth())


def check_depth(choice: "DepthChoice") -> Check:
    """Which depth a photo without a depth map gets."""
    if choice.warning:
        return Check("depth", "warn", choice.name, choice.warning)
    how = "" if choice.is_installed else "; better: python -m ml_backend weights fetch depth-anything-v2-small"
    return Check("depth", "ok", choice.name + how)


def _check_fill() -> Check:
    """What fills the hidden parts of a photo where no model is named."""
    from ml_backend.ldi.embedded import embedded_fill  # noqa: PLC0415  imports torch, which may be broken

    embedded = embedded_fill()
    return Check("inpainting", "warn" if embedded.warning else "ok", embedded.name, embedded.warning)


def _check_device() -> Check:
    name = device_name()
    return Check("device", "ok", name if name != "cpu" else f"CPU, {num_threads()} threads")


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """The check, or a failure where it cannot even run, because a package that it asks is broken."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  the doctor must not fall ill of what it looks for
        return Check(name, "fail", f"{type(error).__name__}: {error}".splitlines()[0], "Mend the packages above first.")


def _version(package: str) -> str:
    distribution = {"cv2": "opencv-python-headless", "PIL": "pillow"}.get(package, package)
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "version unknown"


_REINSTALL = "Install the backend again in Blender's preferences, or run `pip install .` in the project's folder."
_REQUIRED = tuple(
    (name, _REINSTALL)
    for name in ("torch", "numpy", "numba", "cv2", "scipy", "safetensors", "PIL", "tifffile", "OpenEXR", "av", "tqdm")
)
_OPTIONAL = (("transformers", "depth models from Hugging Face"), ("bpy", "Blender without its window"))
