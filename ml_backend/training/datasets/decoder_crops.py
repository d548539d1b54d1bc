"""What the decoder learns from, crops of the free chain's frames: rendered when they are asked for, or read from pools.

Each sample is of one world, and is seen turned, mirrored, and with its colours exchanged: what is wrong with a picture
does not depend on which way its water falls, and so a network does not learn the few looks of worlds by heart.
"""

import random
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.errors import BadInput
from ml_backend.rendering.gated_decoder import PICTURES
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


@dataclass(frozen=True, slots=True)
class Look:
    """How a sample is seen: quarter turns, then mirrored or not; its colours' channels in another order."""

    turns: int = 0
    is_mirrored: bool = False
    channels: tuple[int, ...] = (0, 1, 2)

    def turn(self, pictures: Tensor) -> Tensor:
        """Pictures (..., s, s) turned and mirrored."""
        turned = pictures.rot90(self.turns, (-2, -1))
        return turned.flip(-1) if self.is_mirrored else turned


PLAIN = Look()


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
            look = Look(turns=rng.randrange(4), is_mirrored=rng.random() < 0.5, channels=tuple(rng.sample(range(3), 3)))
            return seen_as(look, self._pool[rng.randrange(len(self._pool))])
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
        return [seen_as(PLAIN, pool[number]) for number in range(min(count, len(pool)))]
    textures = world_textures(config.photos)
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + count)
    return [rendered(seed, config.width, config.height, textures) for seed in seeds]


def rendered(seed: int, width: int, height: int, textures: Textures) -> Batch:
    """The sample of a seed, as a pool gives it."""
    arrays = make_decoder_sample(seed, KIND, width, height, textures)
    sample = {name: torch.from_numpy(array) for name, array in arrays.items()}
    colors = {name: value.float() * _BYTE_TO_UNIT for name, value in sample.items() if name.endswith("color")}
    return seen_as(PLAIN, sample | colors)


def seen_as(look: Look, sample: Batch) -> Batch:
    """Clues and truth of a pool's sample, turned and coloured; raises BadInput for another network's."""
    if "truth_color" not in sample:
        raise BadInput("These rendered worlds are not for the decoder.", hint="Render a pool of its own kind.")
    clues, truth = clues_and_truth(sample)
    pictures, others = clues[:, : 3 * PICTURES], clues[:, 3 * PICTURES :]
    recolored = pictures.unflatten(1, (PICTURES, 3))[:, :, list(look.channels)].flatten(1, 2)
    return {
        "clues": look.turn(torch.cat([recolored, others], dim=1)),
        "truth": look.turn(truth[:, list(look.channels)]),
    }
