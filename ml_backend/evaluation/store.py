"""Finished work on disk: pictures and measures of each shot, so that a stopped run goes on where it was.

work/<table>/<kind>-<sample>/<method>/<shot>.png and .json. A folder belongs to one fingerprint of code, data, and
settings; with another one its content is thrown away.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ml_backend.atomic_file import replacing
from ml_backend.evaluation.sample import Source

_STAMP = "fingerprint.txt"
_CHUNK = 1 << 20

Measures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of one method on one sample."""

    folder: Path

    def picture(self, shot: str) -> np.ndarray | None:
        """The finished picture (H, W, 3) of a shot in [0, 1], or None."""
        path = self.folder / f"{shot}.png"
        pixels = cv2.imread(str(path)) if path.is_file() else None
        return None if pixels is None else np.ascontiguousarray(pixels[..., ::-1], dtype=np.float32) / np.float32(255)

    def keep_picture(self, shot: str, picture: np.ndarray) -> None:
        """Write a picture (H, W, 3) in [0, 1] with 8 bits."""
        pixels = np.ascontiguousarray((picture[..., ::-1] * 255).round().astype(np.uint8))
        encoded = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
        with replacing(self.folder / f"{shot}.png") as partial:
            partial.write_bytes(encoded.tobytes())

    def measures(self, shot: str) -> dict[str, float | None] | None:
        """The finished measures of a shot, or None."""
        path = self.folder / f"{shot}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def keep_measures(self, shot: str, measures: Measures) -> None:
        """Write the measures of a shot; with them it is finished."""
        with replacing(self.folder / f"{shot}.json") as partial:
            partial.write_text(json.dumps(dict(measures), allow_nan=False), encoding="utf-8")


def open_store(root: Path, table: str, source: Source, method: str, fingerprint: str) -> Store:
    """The store of a method, emptied if it was filled by other code or from other data."""
    folder = root / table / f"{source.kind}-{source.name}" / method
    stamp = folder / _STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(folder, ignore_errors=True)
        with replacing(stamp) as partial:
            partial.write_text(fingerprint, encoding="utf-8")
    return Store(folder)


def fingerprint(files: Sequence[Path], settings: str) -> str:
    """A hash of the content of files and of settings."""
    total = hashlib.sha256(settings.encode())
    for path in files:
        total.update(str(path.name).encode())
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                total.update(chunk)
    return total.hexdigest()


def code_files() -> list[Path]:
    """All that our own pictures and measures depend on: the backend's source."""
    return sorted(Path(__file__).resolve().parents[1].rglob("*.py"))
