"""Photos with the depth that an estimate finds in them, kept like views of worlds.

Depth that is known exactly is in the worlds alone, but what photos look like is not: a network that fills what layers
hide learns it from parts of photos. They also serve to train a depth network on what a better estimate sees (Yang et
al. 2024, Depth Anything).
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from ml_backend.depth.estimate import FARTHEST, DisparityEstimator
from ml_backend.training.worlds.pixels import SURFACE_GROUND
from ml_backend.training.worlds.pool import SHARD_SAMPLES, write_shard
from ml_backend.training.worlds.samples import Sample
from ml_backend.training.worlds.textures import read_reduced

_LONGEST_PX = 960  # of a photo as the estimate sees it
_SMALLEST_PART = 0.5  # of the largest part with the wanted proportions
_NEAR_QUANTILE = 0.98
_NO_WORLDS = "0"  # the version that a pool without worlds names


def see_photos(
    folder: Path,
    photos: Sequence[Path],
    size: tuple[int, int],
    estimate: DisparityEstimator,
    *,
    parts: int,
    seed: int = 0,
) -> None:
    """Write parts of photos with the depth that an estimate finds in them, as a pool that a training reads.

    Args:
        size: width and height of the parts in pixels.
        parts: of each photo.

    Raises:
        BadInput: a photo cannot be read.
        BadOutput: the folder cannot be written.
    """
    rng = np.random.default_rng(seed)
    samples: list[Sample] = []
    written = 0
    for number, path in enumerate(photos):
        photo = np.ascontiguousarray(read_reduced(path, _LONGEST_PX))
        disparity = estimate(torch.from_numpy(photo).permute(2, 0, 1).float() / 255).numpy()
        samples += [_part(photo, disparity, size, rng) for _ in range(parts)]
        while len(samples) >= SHARD_SAMPLES or (samples and number == len(photos) - 1):
            shard, samples = samples[:SHARD_SAMPLES], samples[SHARD_SAMPLES:]
            seeds = range(written, written + len(shard))
            metadata = {"worlds_version": _NO_WORLDS, "kind": "depth", "photos": str(len(photos))}
            write_shard(folder, seeds, shard, metadata)
            written += len(shard)


def _part(photo: np.ndarray, disparity: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> Sample:
    height, width = disparity.shape
    scale = min(width / size[0], height / size[1]) * rng.uniform(_SMALLEST_PART, 1)
    w, h = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    top, left = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    cut = np.s_[top : top + h, left : left + w]
    near = max(float(np.quantile(disparity[cut], _NEAR_QUANTILE)), 1e-9)
    seen = cv2.resize(disparity[cut], size, interpolation=cv2.INTER_NEAREST_EXACT) / near
    return {
        "color": cv2.resize(photo[cut], size, interpolation=cv2.INTER_AREA).transpose(2, 0, 1).copy(),
        "depth": (1 / seen.clip(1 / FARTHEST))[None].astype(np.float16),
        "sky": (seen < 1 / FARTHEST)[None].astype(np.uint8),
        "surface": np.full((1, *seen.shape), SURFACE_GROUND, np.uint8),
    }
