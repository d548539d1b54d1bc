"""Which of PyTorch's builds is installed: a small one for the processor, or one with NVIDIA's libraries. No bpy."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Choice = Literal["AUTO", "CPU", "CUDA"]
_INDEX = "https://download.pytorch.org/whl"


@dataclass(frozen=True, slots=True)
class TorchBuild:
    """A build: pip's index for it (None is the usual one), what is downloaded, and the free space to ask for.

    Measured with torch 2.13.0 on Linux, everything else included: CPU 0.4 GB of downloads and 1.8 GB when done, CUDA
    2.8 GB and 5.6 GB. Downloads lie there three times for a moment: in the cache, unpacked, and installed.
    """

    name: Literal["CPU", "CUDA"]
    index: str | None
    download_bytes: float
    disk_bytes: float


def choose_build(choice: Choice, *, system: str, has_nvidia_driver: bool) -> TorchBuild:
    """The build for a choice; AUTO takes CUDA where there is a driver. `system` is `platform.system()`."""
    if system == "Darwin":  # one build for all, which is small
        return TorchBuild("CPU", None, 0.2e9, 3e9)
    if choice == "CPU" or (choice == "AUTO" and not has_nvidia_driver):
        return TorchBuild("CPU", f"{_INDEX}/cpu", 0.2e9, 3e9)
    # The usual index has CUDA 13.0 for Linux and no CUDA for Windows.
    return TorchBuild("CUDA", f"{_INDEX}/cu130" if system == "Windows" else None, 2.6e9, 11e9)


def build_for_this_computer(choice: Choice) -> TorchBuild:
    """The build for a choice on the computer at hand."""
    return choose_build(choice, system=platform.system(), has_nvidia_driver=_has_nvidia_driver())


def _has_nvidia_driver() -> bool:
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None
