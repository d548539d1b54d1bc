"""Scenes with solved cameras: stereo pairs, multi-view photos, and rendered scenes, read by the evaluation's readers.

Their other pictures are true novel views at time 0 (Sec. 3.5 has only pseudo ones).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.find import open_sample
from ml_backend.evaluation.sample import Sample, Source
from ml_backend.training.datasets.takes import (
    MotionPair,
    Rng,
    Take,
    Wanted,
    cut_camera,
    cut_depth,
    cut_flow,
    cut_image,
    cut_pair,
    draw_window,
    mirror_pair,
)

_KEPT = 8  # opened scenes in each process
_OVERSIZE = 1.5  # as for clips


class PosedPlace:
    """Scenes, each as likely as the others."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def motion_pair(self, rng: Rng, wanted: Wanted) -> MotionPair:
        """The photo of a scene whose flow is known; raises BadInput where it is not."""
        sample = self._open(rng, wanted)
        if not sample.is_true_motion:
            raise BadInput(
                f"{sample.name} has no motion to learn from.", hint="Train motion on worlds, clips, or rendered scenes."
            )
        mask = torch.from_numpy(sample.mask.astype(np.float32))[None]
        pair = MotionPair(sample.image, sample.motion.flow, mask)
        window = draw_window(rng, sample.camera.width, sample.camera.height, wanted)
        pair = cut_pair(pair, window)
        return mirror_pair(pair) if rng.random() < 0.5 else pair

    def take(self, rng: Rng, wanted: Wanted) -> Take:
        """A true novel view of the photo at time 0; raises BadInput where there is none."""
        sample = self._open(rng, wanted)
        shots = [shot for shot in sample.shots if shot.time == 0]
        if not shots:
            raise BadInput(f"{sample.name} has no other view at time 0.", hint="Leave it out of --data.")
        shot = shots[int(rng.integers(len(shots)))]
        truth = sample.read_truth(shot)
        window = draw_window(rng, sample.camera.width, sample.camera.height, wanted)
        size = (shot.camera.width, shot.camera.height)
        # Another view may have another size; its window is the same share of it.
        other = window if size == (sample.camera.width, sample.camera.height) else draw_window(rng, *size, wanted)
        known = np.ones(truth.image.shape[:2], bool) if truth.known is None else truth.known
        start = cut_image(sample.image, window).clamp(0, 1)
        return Take(
            start=start,
            end=start,
            depth=cut_depth(sample.depth.depth, window),
            flow=torch.zeros_like(cut_flow(sample.motion.flow, window)),
            camera=cut_camera(_at_origin(sample.camera, sample.camera), window),
            target=cut_image(torch.from_numpy(truth.image.transpose(2, 0, 1).copy()), other).clamp(0, 1),
            target_camera=cut_camera(_at_origin(shot.camera, sample.camera), other),
            known=cut_image(torch.from_numpy(known.astype(np.float32))[None], other).clamp(0, 1),
            time=0,
            num_frames=1,
        )

    def _open(self, rng: Rng, wanted: Wanted) -> Sample:
        source = self._sources[int(rng.integers(len(self._sources)))]
        return _open(source, round(_OVERSIZE * max(wanted.width, wanted.height)))


def _at_origin(camera: PinholeCamera, photo: PinholeCamera) -> PinholeCamera:
    """The same camera in a world that is the photo's camera."""
    pose = camera.world_to_camera @ torch.linalg.inv(photo.world_to_camera)
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


@lru_cache(maxsize=_KEPT)
def _open(source: Source, max_side: int) -> Sample:
    return open_sample(source, max_side)
