"""Frames of a video or of a folder, reduced to a working size; a damaged end is told, not fatal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from ml_backend.errors import BadInput

VIDEO_SUFFIXES = {".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v"}
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg"}


@dataclass(frozen=True, slots=True)
class Frames:
    """pixels (T, H, W, 3) uint8 sRGB; full_size (width, height) in the file; `damage`: why it ends early."""

    pixels: np.ndarray
    full_size: tuple[int, int]
    damage: str = ""

    def picture(self, number: int) -> np.ndarray:
        """A frame (H, W, 3) float32 in [0, 1]."""
        return self.pixels[number].astype(np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class Footage:
    """A clip from a camera that stands, and how its fluid moves: flow (H, W, 2) in pixels per frame, mask (H, W) bool.

    The flow is Eulerian, of the frames' size.
    """

    frames: Frames
    flow: np.ndarray
    mask: np.ndarray


def read_frames(path: Path, max_side: int, limit: int) -> Frames:
    """The first `limit` frames of a video, or of a folder of pictures in the order of their names. Raises BadInput."""
    source = _folder_frames(path) if path.is_dir() else _video_frames(path)
    frames: list[np.ndarray] = []
    full_size, damage = (0, 0), ""
    try:
        for frame in source:
            size = (frame.shape[1], frame.shape[0])
            if frames and size != full_size:
                damage = f"frame {len(frames)} has another size"
                break
            full_size = size
            frames.append(_reduce(frame, max_side))
            if len(frames) == limit:
                break
    except (av.error.FFmpegError, OSError, ValueError) as error:
        damage = f"it breaks off after {len(frames)} frames ({error})"
    if not frames:
        raise BadInput(f"{path.name} has no frame that can be read.{damage and f' {damage}.'}", hint="Encode it anew.")
    promised = min(limit, _promised_frames(path))
    if not damage and len(frames) < promised:
        damage = f"it breaks off after {len(frames)} frames of {promised}"
    return Frames(np.stack(frames), full_size, damage)


def _promised_frames(path: Path) -> int:
    """How many frames a video says it has, one less for rounding; 0 if it says nothing, and for a folder."""
    if path.is_dir():
        return 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        seconds = (container.duration or 0) / av.time_base
        return stream.frames or max(0, int(seconds * float(stream.average_rate or 0)) - 1)


def _video_frames(path: Path) -> Iterator[np.ndarray]:
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise BadInput(f"{path.name} has no pictures.", hint="Choose a video.")
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def _folder_frames(folder: Path) -> Iterator[np.ndarray]:
    for path in picture_files(folder):
        pixels = cv2.imread(str(path))
        if pixels is None:
            raise ValueError(f"{path.name} is no picture")
        yield np.ascontiguousarray(pixels[..., ::-1])


def picture_files(folder: Path) -> list[Path]:
    """The pictures directly in a folder, by name."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file())


def _reduce(frame: np.ndarray, max_side: int) -> np.ndarray:
    height, width = frame.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    if scale == 1.0:
        return frame
    return cv2.resize(
        frame, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
