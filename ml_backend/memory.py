"""How much memory there is, asked before the system ends the process without a word."""

import os
from pathlib import Path

from ml_backend.errors import BackendError


def available_memory_gib() -> float | None:
    """Memory that programs may still take, or None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(float(line.split()[1]) / 2**20 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return None


def require_memory(what: str, needed_gib: float, available_gib: float | None) -> None:
    """Raise BackendError where `what` ("A scene of 8192 x 5461 pixels") needs more than there is."""
    if available_gib is not None and needed_gib > available_gib:
        raise BackendError(
            f"{what} needs about {needed_gib:.0f} GiB of memory, {available_gib:.1f} GiB are free.",
            hint="Use a smaller --size, or close other programs.",
        )
