"""Other skies for views of worlds, of any colour and contrast: a sky is known by its place, not by its look."""

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from ml_backend.training.stage import Batch

_STREAM = 12  # apart from the random numbers that choose the view
_OCTAVES = 6
_ROUGHNESS = (0.5, 1.2)  # of an octave to the one before: from one bank of clouds to mottled ones
_STRETCH = (1.0, 4.0)  # of clouds, sideways
_EDGE = (0.5, 6.0)  # how suddenly a cloud begins: from haze to cut paper


class ViewsUnderOtherSkies(Dataset[Batch]):
    """Views as `datasets.views` gives them, a share of them under a painted sky."""

    def __init__(self, views: Dataset[Batch], *, seed: int, share: float) -> None:
        self._views, self._seed, self._share = views, seed, share

    def __getitem__(self, index: int) -> Batch:
        view = self._views[index]
        rng = np.random.default_rng((self._seed, index, _STREAM))
        if rng.random() >= self._share:
            return view
        color = paint_sky(view["color"].permute(1, 2, 0).numpy(), view["sky"][0].numpy(), rng)
        return view | {"color": torch.from_numpy(color).permute(2, 0, 1).contiguous()}


def paint_sky(color: np.ndarray, sky: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Colours (H, W, 3) in [0, 1] with another sky where `sky` (H, W) bool says."""
    height, width = sky.shape
    clouds = _noise(height, width, rng)
    share = 1 / (1 + np.exp(-rng.uniform(*_EDGE) * (clouds - rng.normal(0, 0.7))))
    blue = rng.uniform(0.1, 0.9) + np.array([-0.15, 0.0, 0.15]) * rng.uniform(-0.7, 1.6)
    white = rng.uniform(0.3, 1.1) + rng.normal(0, 0.05, 3)
    lighter_below = np.linspace(0, rng.uniform(-0.2, 0.4), height)[:, None, None]
    painted = (blue + share[..., None] * (white - blue) + lighter_below).clip(0, 1)
    return np.where(sky[..., None], painted, color).astype(np.float32)


def _noise(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Fractal noise (height, width) of mean 0 and deviation 1."""
    total = np.zeros((height, width), np.float32)
    stretch, falloff = rng.uniform(*_STRETCH), rng.uniform(*_ROUGHNESS)
    for octave in range(_OCTAVES):
        cells = (2 + 2**octave, 2 + max(1, round(2**octave / stretch)))
        grid = rng.normal(0, falloff**octave, cells).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / max(float(total.std()), 1e-6)
