"""Views of generated worlds, one picture each: rendered when they are asked for, or read from pools.

Beside a pool may lie others, named as it is with `_portrait` behind it (pictures that stand upright) or `_held_out`
(worlds that are never trained on, so that they need not be rendered each time).
"""

import random
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset, default_collate

from ml_backend.errors import BadInput
from ml_backend.training.configs import WORLDS, TrainingConfig
from ml_backend.training.stage import Batch
from ml_backend.training.worlds.pool import Pool
from ml_backend.training.worlds.samples import make_sample
from ml_backend.training.worlds.textures import Textures, load_textures, photos_in, procedural_textures

_PORTRAIT, _HELD_OUT = "_portrait", "_held_out"
_HELD_OUT_SEED = 2_000_000_000  # seeds from here on are never trained on
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
        folders = _pools(config)
        self._lying = _joined(folders)
        self._standing = _joined(_beside(folders, _PORTRAIT))
        self._textures: Textures | None = None

    def __getitem__(self, index: int) -> Batch:
        rng = random.Random(f"{self._config.seed} {index}")
        group = random.Random(f"{self._config.seed} group {index // self._config.batch}")
        stands = self._standing is not None and group.random() < self._portrait
        pool = self._standing if stands else self._lying
        if pool:
            return chosen(pool[rng.randrange(len(pool))])
        return self.render(rng.randrange(_HELD_OUT_SEED))

    def render(self, seed: int) -> Batch:
        """The view of a seed."""
        config = self._config
        if self._textures is None:
            self._textures = world_textures(config.photos)
        return rendered(seed, config.width, config.height, self._textures)


def held_out(config: TrainingConfig, prepare: Callable[[Batch, int], Batch], batch: int) -> list[Batch]:
    """Batches of what `prepare` makes of a view and its number, of worlds that are never trained on."""
    pool = _joined(_beside(_pools(config), _HELD_OUT))
    if pool:
        views = [chosen(pool[number]) for number in range(min(config.validation_samples, len(pool)))]
    else:
        textures = world_textures(config.photos)
        seeds = range(_HELD_OUT_SEED, _HELD_OUT_SEED + config.validation_samples)
        views = [rendered(seed, config.width, config.height, textures) for seed in seeds]
    samples = [prepare(view, number) for number, view in enumerate(views)]
    return [default_collate(samples[first : first + batch]) for first in range(0, len(samples), batch)]


def world_textures(photos: str) -> Textures:
    """Textures from a folder of photos, or procedural ones alone where none is named."""
    return load_textures(photos_in(Path(photos))) if photos else procedural_textures()


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


def _pools(config: TrainingConfig) -> list[Path]:
    """The folders of the data; none where worlds are rendered when they are asked for."""
    folders = [Path(name.removeprefix(f"{WORLDS}:")) for name in config.data if name.startswith(f"{WORLDS}:")]
    if len(folders) != len(config.data) and config.data != (WORLDS,):
        raise BadInput(f"{', '.join(config.data)}: no generated worlds.", hint="Use worlds, or worlds:FOLDER.")
    return folders


def _joined(folders: list[Path]) -> ConcatDataset[dict[str, Tensor]] | None:
    return ConcatDataset([Pool(folder) for folder in folders]) if folders else None


def _beside(folders: list[Path], ending: str) -> list[Path]:
    beside = [folder.with_name(folder.name + ending) for folder in folders]
    return [folder for folder in beside if folder.is_dir()]
