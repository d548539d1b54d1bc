"""What pip's lines say: how far it is, and why it failed. No bpy."""

import re
from collections.abc import Sequence

from .problem import Problem

_DOWNLOADING = re.compile(
    r"^\s*(?:Downloading|Using cached) (?:\S*/)?([A-Za-z0-9_.]+?)-\S* \(([\d.]+) (kB|MB|GB|bytes)\)"
)
_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)$")
_INSTALLING = re.compile(r"^Installing collected packages: (.+)$")
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_DOWNLOAD_SHARE = 0.7  # of a step; unpacking takes the rest

# Pieces of pip's messages, and what they mean to the user.
_CAUSES = (
    (
        ("No space left on device", "not enough space", "Errno 28", "Disk quota exceeded"),
        "The disk is full.",
        "Free some space, then try again.",
    ),
    (
        ("NewConnectionError", "ConnectTimeout", "ReadTimeout", "ProtocolError", "NameResolutionError", "ProxyError"),
        "The package index could not be reached.",
        "Check the network, then try again; it goes on where it stopped.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError"),
        "The package index has a certificate that this computer does not trust.",
        "Ask whoever looks after the network, or give a wheel folder.",
    ),
    (
        ("No matching distribution found", "ResolutionImpossible", "conflicting dependencies"),
        "A package has no build for this Python and system.",
        "Give a wheel folder that has all packages, or use an existing Python.",
    ),
)


class PipProgress:
    """Turns the lines of one `pip install --progress-bar raw` into a stage and a fraction of that call.

    pip does not say beforehand how much it will download, so that `expected_bytes` is an estimate; the fraction stays
    below 1 until pip has ended.
    """

    def __init__(self, expected_bytes: float) -> None:
        self.stage = "looking for packages"
        self.fraction = 0.0
        self._expected = expected_bytes
        self._done = 0.0  # bytes of finished files
        self._name, self._size = "", 0.0  # the file under way

    def read(self, line: str) -> bool:
        """Take in one line; whether it is worth keeping in a log, as the many of a progress bar are not."""
        if progress := _PROGRESS.match(line):
            self._show(float(progress[1]))
            return False
        if download := _DOWNLOADING.match(line):
            self._done += self._size
            self._name, self._size = download[1], float(download[2]) * _UNITS[download[3]]
            self._show(0.0)
        elif installing := _INSTALLING.match(line):
            count = len(installing[1].split(", "))
            self.stage = f"unpacking {count} packages" if count > 1 else f"unpacking {installing[1]}"
            self.fraction = _DOWNLOAD_SHARE
        return True

    def _show(self, current: float) -> None:
        self.stage = f"downloading {self._name} ({current / 1e6:.0f} of {self._size / 1e6:.0f} MB)"
        share = min((self._done + current) / self._expected, 1.0)
        self.fraction = max(self.fraction, share * _DOWNLOAD_SHARE)


def explain_failure(lines: Sequence[str], what: str) -> Problem:
    """Why pip could not install `what`, from the lines that it printed."""
    text = "\n".join(lines)
    for pieces, message, hint in _CAUSES:
        if any(piece in text for piece in pieces):
            return Problem(f"{message} ({what} was not installed.)", hint=hint)
    errors = [line for line in lines if line.startswith("ERROR:")] or [line for line in lines if line.strip()]
    said = f" It said: {errors[-1].removeprefix('ERROR:').strip()}" if errors else ""
    return Problem(f"pip could not install {what}.{said}", hint="Try again; it goes on where it stopped.")
