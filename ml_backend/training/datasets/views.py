"""Views of generated worlds, one picture each: rendered when they are asked for, or read from pools."""

import random
from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from ml_backend.training.configs import TrainingConfig
from ml_backend.training.datasets.pools import (
    HELD_OUT,
    HELD_OUT_SEED,
    PORTRAIT,
    open_pools,
    open_pools_beside,
    world_textures,
)
from ml_backend.training.stage import Batch
from ml_backend.training.worlds.samples import make_sample
from ml_backend.training.worlds.textures import Textures

_NAMES = ("color", "depth", "sky", "surface")


class Views(Dataset[Batch]):
    """Endless views: color (3, H, W), depth, sky bool, surface (1, H, W) each; those of a batch have one size.

    Args:
        portrait: share of batches whose pictures stand upright, where a pool has such.

    Raises:
        BadInput: the data are no worlds, or a pool is empty.
    """

    def __init__(self, config: TrainingConfig, *, portrait: float = 0.0) -> None:
        self._config, self._portrait = config, portrait
        self._lying = open_pools(config)
        self._standing = open_pools_beside(config, PORTRAIT)

    def __getitem__(self, index: int) -> Batch:
        rng = random.Random(f"{self._config.seed} {index}")
        group = random.Random(f"{self._config.seed} group {index // self._config.batch}")
        stands = self._standing is not None and group.random() < self._portrait
        pool = self._standing if stands else self._lying
        if pool:
            return chosen(pool[rng.randrange(len(pool))])
        return self.render(rng.randrange(HELD_OUT_SEED))

    def render(self, seed: int) -> Batch:
        """The view of a seed."""
        config = self._config
        return rendered(seed, config.width, config.height, world_textures(config.photos))


def held_out(config: TrainingConfig, prepare: Callable[[Batch, int], Batch], batch: int) -> list[Batch]:
    """Batches of what `prepare` makes of a view and its number, of worlds that are never trained on."""
    pool = open_pools_beside(config, HELD_OUT)
    if pool:
        views = [chosen(pool[number]) for number in range(min(config.validation_samples, len(pool)))]
    else:
        textures = world_textures(config.photos)
        seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + config.validation_samples)
        views = [rendered(seed, config.width, config.height, textures) for seed in seeds]
    samples = [prepare(view, number) for number, view in enumerate(views)]
    return [default_collate(samples[first : first + batch]) for first in range(0, len(samples), batch)]


def rendered(seed: int, width: int, height: int, textures: Textures) -> dict[str, Tensor]:
    """The view of a seed, as a pool gives it."""
    arrays = make_sample(seed, "depth", width, height, textures)
    sample = {name: torch.from_numpy(arrays[name]) for name in _NAMES}
    return {
        "color": sample["color"].float() / 255,
        "depth": sample["depth"].float(),
        "sky": sample["sky"].bool(),
        "surface": sample["surface"],
    }


def chosen(sample: dict[str, Tensor]) -> Batch:
    """Of a pool's sample what one picture is."""
    return {name: sample[name] for name in _NAMES}
