"""Arrows as the file that the backend reads, docs/hints.md. No bpy."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .problem import Problem

_FORMAT = "cinemagraph-hints/1"
_FRAMES = 50


@dataclass(frozen=True, slots=True)
class FileArrow:
    """start and end in pixels of the photo, x right, y down: the way of 50 frames."""

    start: tuple[float, float]
    end: tuple[float, float]
    enabled: bool


def write_hints_file(path: Path, width: int, height: int, arrows: Sequence[FileArrow]) -> None:
    """Write arrows on a photo of width x height pixels; raises Problem."""
    entries = [{"start": a.start, "end": a.end, "speed": 1.0, "enabled": a.enabled} for a in arrows]
    content = {"format": _FORMAT, "width": width, "height": height, "frames": _FRAMES, "arrows": entries}
    try:
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    except OSError as error:
        raise Problem(f"'{path}' could not be written: {error}.", hint="Is the disk full?") from error
