"""What the decoder learns from, crops of the free chain's frames: rendered when they are asked for, or read from pools.

Each sample is of one world, and half of them are mirrored.
"""

import random

import torch
from torch.utils.data import Dataset

from ml_backend.errors import BadInput
from ml_backend.training.configs import AnimationConfig
from ml_backend.training.datasets.pools import (
    HELD_OUT,
    HELD_OUT_SEED,
    open_pools,
    open_pools_beside,
    world_textures,
)
from ml_backend.training.decoder_samples import KIND, clues_and_truth, make_decoder_sample
from ml_backend.training.stage import Batch
from ml_backend.training.worlds.textures import Textures

_BYTE_TO_UNIT = 1 / 255


class DecoderCrops(Dataset[Batch]):
    """Endless samples, each of one world: clues (F, CLUES, s, s) and truth (F, 3, s, s).

    Raises:
        BadInput: the data are no worlds, or a pool is empty.
    """

    def __init__(self, config: AnimationConfig) -> None:
        self._config, self._pool = config, open_pools(config)

    def __getitem__(self, index: int) -> Batch:
        rng = random.Random(f"{self._config.seed} {index}")
        if self._pool:
            return mirrored(self._pool[rng.randrange(len(self._pool))], rng.random() < 0.5)
        return self.render(rng.randrange(HELD_OUT_SEED))

    def render(self, seed: int) -> Batch:
        """The sample of a seed."""
        config = self._config
        return rendered(seed, config.width, config.height, world_textures(config.photos))


def held_out_crops(config: AnimationConfig) -> list[Batch]:
    """Samples of worlds that are never trained on."""
    count = config.validation_samples
    pool = open_pools_beside(config, HELD_OUT)
    if pool:
        return [mirrored(pool[number], is_mirrored=False) for number in range(min(count, len(pool)))]
    textures = world_textures(config.photos)
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + count)
    return [rendered(seed, config.width, config.height, textures) for seed in seeds]


def rendered(seed: int, width: int, height: int, textures: Textures) -> Batch:
    """The sample of a seed, as a pool gives it."""
    arrays = make_decoder_sample(seed, KIND, width, height, textures)
    sample = {name: torch.from_numpy(array) for name, array in arrays.items()}
    colors = {name: value.float() * _BYTE_TO_UNIT for name, value in sample.items() if name.endswith("color")}
    return mirrored(sample | colors, is_mirrored=False)


def mirrored(sample: Batch, is_mirrored: bool) -> Batch:
    """Clues and truth of a pool's sample, left and right exchanged or not; raises BadInput for another network's."""
    if "truth_color" not in sample:
        raise BadInput("These rendered worlds are not for the decoder.", hint="Render a pool of its own kind.")
    clues, truth = clues_and_truth(sample)
    return {"clues": clues.flip(-1), "truth": truth.flip(-1)} if is_mirrored else {"clues": clues, "truth": truth}
