"""Clips from a camera that stands: the published ones of Holynski et al. 2021 with their flow, and plain ones.

Both are read by the readers of the evaluation. A clip gives motion pairs, triplets, and pseudo novel views.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import photo_camera
from ml_backend.depth.estimate import estimate_depth
from ml_backend.evaluation.datasets import clip, eulerian
from ml_backend.evaluation.datasets.video import Footage
from ml_backend.evaluation.sample import Source
from ml_backend.training.datasets.takes import (
    MotionPair,
    Rng,
    Take,
    Wanted,
    cut_image,
    cut_pair,
    cut_take,
    draw_window,
    mirror_pair,
)
from ml_backend.training.pseudo_views import make_pseudo_view

_KEPT = 4  # decoded clips in each process
_OVERSIZE = 1.5  # clips are kept this much larger than they are wanted, so that windows are not enlarged
_LEAST_LOOP = 8  # frames between start and end

READERS: dict[str, Callable[[Source, int], Footage]] = {
    eulerian.KIND: eulerian.read_footage,
    clip.KIND: clip.read_footage,
}


class ClipPlace:
    """Clips, each as likely as the others."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def motion_pair(self, rng: Rng, wanted: Wanted) -> MotionPair:
        """Any frame of a clip: the flow is constant in time (Eq. 1)."""
        shot = self._open(rng, wanted)
        frame = int(rng.integers(len(shot.footage.frames.pixels)))
        pair = MotionPair(shot.picture(frame), shot.flow, shot.mask)
        window = draw_window(rng, pair.image.shape[2], pair.image.shape[1], wanted)
        pair = cut_pair(pair, window)
        return mirror_pair(pair) if rng.random() < 0.5 else pair

    def take(self, rng: Rng, wanted: Wanted) -> Take:
        """A triplet whose middle lies anywhere between, or a pseudo novel view of a frame."""
        shot = self._open(rng, wanted)
        count, height, width = shot.footage.frames.pixels.shape[:3]
        window = draw_window(rng, width, height, wanted)
        length = int(rng.integers(min(_LEAST_LOOP, count - 1), min(wanted.num_frames, count - 1) + 1))
        first = int(rng.integers(count - length))
        time = int(rng.integers(1, length)) if length > 1 else 0
        camera = photo_camera(width, height)
        whole = Take(
            start=shot.picture(first),
            end=shot.picture(first + length),
            depth=shot.depth,
            flow=shot.flow,
            camera=camera,
            target=shot.picture(first + time),
            target_camera=camera,
            known=torch.ones(1, height, width),
            time=time,
            num_frames=length,
        )
        take = cut_take(whole, window)
        if rng.random() < wanted.novel_views:
            return make_pseudo_view(take, rng)
        known = torch.ones(1, wanted.height, wanted.width)
        target = cut_image(whole.target, window).clamp(0, 1)
        return replace(take, target=target, target_camera=take.camera, known=known)

    def _open(self, rng: Rng, wanted: Wanted) -> "_Shot":
        source = self._sources[int(rng.integers(len(self._sources)))]
        return _open_shot(source, round(_OVERSIZE * max(wanted.width, wanted.height)))


class _Shot:
    """An opened clip as tensors; its depth is estimated when it is first asked for."""

    def __init__(self, footage: Footage) -> None:
        self.footage = footage
        self.flow: Tensor = torch.from_numpy(np.ascontiguousarray(footage.flow.transpose(2, 0, 1)).astype(np.float32))
        self.mask: Tensor = torch.from_numpy(footage.mask.astype(np.float32))[None]
        self._depth: Tensor | None = None

    def picture(self, number: int) -> Tensor:
        return torch.from_numpy(self.footage.frames.picture(number).transpose(2, 0, 1).copy())

    @property
    def depth(self) -> Tensor:
        """Of the first frame (1, H, W); the camera stands, so it is good for all."""
        if self._depth is None:
            self._depth = estimate_depth(self.picture(0)).depth
        return self._depth


@lru_cache(maxsize=_KEPT)
def _open_shot(source: Source, max_side: int) -> _Shot:
    return _Shot(READERS[source.kind](source, max_side))
