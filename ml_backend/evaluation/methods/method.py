"""What a method is: from a photo with depth and motion to one picture per shot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.evaluation.sample import Shot
from ml_backend.structures import DepthMap, MotionField, MotionHints


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every method gets, the same for all: photo (3, H, W), its camera, depth, motion, and the fluid's mask.

    arrows: mask and a few arrows, for methods that estimate motion again in other views.
    """

    image: Tensor
    camera: PinholeCamera
    depth: DepthMap
    motion: MotionField
    mask: np.ndarray
    arrows: MotionHints
    num_frames: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """A picture (3, H, W) sRGB in [0, 1].

    filled: share of its pixels that no point covered and that were filled from around. empty: that were left empty.
    """

    rgb: Tensor
    filled: float = 0.0
    empty: float = 0.0


Renderer = Callable[[int], Rendering]
"""Index of a shot -> its picture; shots may be left out and come in any order."""

Prepare = Callable[[Inputs, Sequence[Shot]], Renderer]
"""All that is done once per photo; every method is one function of this type."""


@dataclass(frozen=True, slots=True)
class Method:
    """`prepare` is None where the method means nothing yet; `reason` says why."""

    name: str
    title: str
    group: str
    prepare: Prepare | None
    reason: str = ""
