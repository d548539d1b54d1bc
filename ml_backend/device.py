"""What the backend computes on: the device, its memory, and the cores."""

import importlib.metadata
import os
from dataclasses import dataclass
from pathlib import Path

from ml_backend.errors import BackendError
from ml_backend.memory import available_memory_gib


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """Memory in GiB: free of the computer, None where it does not say; free and all of the GPU, 0 without one."""

    device: str
    threads: int
    free_memory_gib: float | None
    free_gpu_memory_gib: float
    gpu_memory_gib: float


def device_name() -> str:
    """'cuda: <name>' or 'cpu'. Imports torch only where there may be an NVIDIA GPU."""
    has_no_driver = os.name == "posix" and not Path("/proc/driver/nvidia/version").exists()
    if has_no_driver or "+cpu" in installed_version("torch"):
        return "cpu"
    import torch  # noqa: PLC0415

    return f"cuda: {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "cpu"


def num_threads() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def installed_version(package: str) -> str:
    """The version of a package, or an empty string where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def examine_device() -> DeviceReport:
    """Look at the device and calculate on it; raises BackendError when it calculates wrongly."""
    import torch  # noqa: PLC0415

    name = device_name()
    device = torch.device("cpu" if name == "cpu" else "cuda")
    total = int(torch.arange(1000, device=device).sum())
    if total != 499500:
        raise BackendError(f"The device '{name}' adds up to {total}, not to 499500.", hint="Update its driver.")
    free, everything = torch.cuda.mem_get_info() if device.type == "cuda" else (0, 0)
    return DeviceReport(name, num_threads(), available_memory_gib(), free / 2**30, everything / 2**30)
