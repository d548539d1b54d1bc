"""What is measured: a photo with what is known about it, and the pictures that a method must make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.structures import DepthMap, MotionField


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to make. `name` is unique in its sample and fit for a file; `time` is a frame number, 0 .. N - 1."""

    name: str
    trajectory: str
    time: int
    camera: PinholeCamera


@dataclass(frozen=True, slots=True)
class Truth:
    """What a shot should be: image (H, W, 3) float32 sRGB; known (H, W) bool, or None where all of it is known."""

    image: np.ndarray
    known: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be used, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo to animate and its shots.

    image (3, H, W), camera: the photo's, world = this camera. depth, motion: the best there is; is_true_depth and
    is_true_motion say whether they may be called the truth, known_depth (H, W) bool where (None: everywhere). mask
    (H, W) bool: the fluid. near: unit of camera paths.
    read_truth: of a shot; raises BadInput.
    """

    name: str
    kind: str
    image: Tensor
    camera: PinholeCamera
    num_frames: int
    depth: DepthMap
    motion: MotionField
    mask: np.ndarray
    near: float
    shots: tuple[Shot, ...]
    read_truth: Callable[[Shot], Truth]
    is_true_depth: bool
    is_true_motion: bool
    known_depth: np.ndarray | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a sample is, small enough to travel to another process: its kind, its file or folder, all its files."""

    name: str
    kind: str
    path: Path
    files: tuple[Path, ...]
