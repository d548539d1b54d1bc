"""What all kinds of data come to: a picture with its motion, or pictures of a scene at two times and one between.

Convention: as in `structures`; flow in pixels per frame of the picture at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.camera import PinholeCamera

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class MotionPair:
    """A picture (3, H, W) in [0, 1], its Eulerian flow (2, H, W), and the fluid (1, H, W), 0 or 1."""

    image: Tensor
    flow: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Take:
    """A triplet of a loop, or a novel view of a photo (Sec. 3.5).

    start, end (3, H, W): the photo, and the frame `num_frames` later; depth (1, H, W), > 0, and flow (2, H, W) of the
    start, seen by `camera`. target (3, h, w): the frame `time`, seen by `target_camera`; known (1, h, w): where it is
    the truth. A novel view has time 0, and its end is its start.
    """

    start: Tensor
    end: Tensor
    depth: Tensor
    flow: Tensor
    camera: PinholeCamera
    target: Tensor
    target_camera: PinholeCamera
    known: Tensor
    time: int
    num_frames: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stage asks a place for.

    squash: give the whole picture in the wanted shape, as the authors do; else a part of that shape.
    novel_views: share of takes that are novel views.
    """

    width: int
    height: int
    squash: bool = False
    num_frames: int = 60
    novel_views: float = 0.5


class Place(Protocol):
    """Data of one kind. The same numbers from `rng` give the same sample, whatever was asked before."""

    def motion_pair(self, rng: Rng, wanted: Wanted) -> MotionPair:
        """A picture and how it moves; raises BadInput where this kind has no motion."""
        ...

    def take(self, rng: Rng, wanted: Wanted) -> Take:
        """A triplet or a novel view; raises BadInput where a file cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, in its pixels, and the size that it is given."""

    left: int
    top: int
    width: int
    height: int
    new_width: int
    new_height: int

    @property
    def scale(self) -> tuple[float, float]:
        """New pixels per old one, (x, y)."""
        return self.new_width / self.width, self.new_height / self.height


_SMALLEST = 0.6  # of the largest window that fits


def draw_window(rng: Rng, width: int, height: int, wanted: Wanted) -> Window:
    """A random part in the wanted shape, or all of it squashed."""
    if wanted.squash:
        return Window(0, 0, width, height, wanted.width, wanted.height)
    fits = min(width / wanted.width, height / wanted.height)
    size = fits * rng.uniform(_SMALLEST, 1.0)
    w, h = max(1, int(size * wanted.width)), max(1, int(size * wanted.height))
    left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    return Window(left, top, w, h, wanted.width, wanted.height)


def cut_image(image: Tensor, window: Window) -> Tensor:
    """The window of a picture or mask (C, H, W) at its new size."""
    part = image[:, window.top : window.top + window.height, window.left : window.left + window.width]
    size = (window.new_height, window.new_width)
    if tuple(part.shape[1:]) == size:
        return part.contiguous()
    return F.interpolate(part[None], size, mode="bilinear", align_corners=False, antialias=True)[0]


def cut_depth(depth: Tensor, window: Window) -> Tensor:
    """The window of a depth map (1, H, W); the mean is taken of disparities."""
    return 1 / cut_image(1 / depth, window).clamp(min=1e-9)


def cut_flow(flow: Tensor, window: Window) -> Tensor:
    """The window of a flow (2, H, W), in new pixels per frame."""
    return cut_image(flow, window) * torch.tensor(window.scale, dtype=flow.dtype)[:, None, None]


def cut_camera(camera: PinholeCamera, window: Window) -> PinholeCamera:
    """The camera of the window: the same place, another part of the picture."""
    shift = torch.eye(3, dtype=torch.float64)
    shift[:2, 2] = torch.tensor([-window.left, -window.top], dtype=torch.float64)
    scale = torch.diag(torch.tensor([*window.scale, 1.0], dtype=torch.float64))
    return PinholeCamera(scale @ shift @ camera.intrinsics, camera.world_to_camera, window.new_width, window.new_height)


def mirror_pair(pair: MotionPair) -> MotionPair:
    """Left and right exchanged."""
    flow = pair.flow.flip(-1) * torch.tensor([-1.0, 1.0])[:, None, None]
    return MotionPair(pair.image.flip(-1), flow, pair.mask.flip(-1))


def cut_pair(pair: MotionPair, window: Window) -> MotionPair:
    """The window of all three maps."""
    mask = (cut_image(pair.mask, window) > 0.5).to(torch.float32)
    return MotionPair(cut_image(pair.image, window).clamp(0, 1), cut_flow(pair.flow, window) * mask, mask)


def cut_take(take: Take, window: Window) -> Take:
    """The window of what the photo's camera sees; the target's picture stays as it is."""
    return replace(
        take,
        start=cut_image(take.start, window).clamp(0, 1),
        end=cut_image(take.end, window).clamp(0, 1),
        depth=cut_depth(take.depth, window),
        flow=cut_flow(take.flow, window),
        camera=cut_camera(take.camera, window),
    )


def draw_rng(seed: int, index: int, *, held_out: bool) -> Rng:
    """The random numbers of one sample: a function of these three alone."""
    return np.random.default_rng([seed, index, int(held_out)])


def pick(rng: Rng, places: Sequence[Place]) -> Place:
    """One of the places, each as likely as the others."""
    return places[int(rng.integers(len(places)))]
