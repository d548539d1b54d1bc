"""The pools of rendered worlds that a training reads, and those that lie beside them.

A pool beside another is named as it is with an ending: `_portrait` for pictures that stand upright, `_held_out` for
worlds that are never trained on, so that they need not be rendered each time.
"""

from functools import lru_cache
from pathlib import Path

from torch import Tensor
from torch.utils.data import ConcatDataset

from ml_backend.errors import BadInput
from ml_backend.training.configs import WORLDS, TrainingConfig
from ml_backend.training.worlds.pool import Pool
from ml_backend.training.worlds.textures import Textures, load_textures, photos_in, procedural_textures

PORTRAIT, HELD_OUT = "_portrait", "_held_out"
HELD_OUT_SEED = 2_000_000_000  # seeds from here on are never trained on

Pools = ConcatDataset[dict[str, Tensor]]


def open_pools(config: TrainingConfig) -> Pools | None:
    """What the data name; None where worlds are rendered when they are asked for.

    Raises:
        BadInput: the data are no worlds, or a pool is empty.
    """
    return _joined(_folders(config))


def open_pools_beside(config: TrainingConfig, ending: str) -> Pools | None:
    """Those that lie beside them, if any."""
    beside = [folder.with_name(folder.name + ending) for folder in _folders(config)]
    return _joined([folder for folder in beside if folder.is_dir()])


@lru_cache(maxsize=1)  # made in the process that needs them
def world_textures(photos: str) -> Textures:
    """Textures from a folder of photos, or procedural ones alone where none is named."""
    return load_textures(photos_in(Path(photos))) if photos else procedural_textures()


def _folders(config: TrainingConfig) -> list[Path]:
    folders = [Path(name.removeprefix(f"{WORLDS}:")) for name in config.data if name.startswith(f"{WORLDS}:")]
    if len(folders) != len(config.data) and config.data != (WORLDS,):
        raise BadInput(f"{', '.join(config.data)}: no generated worlds.", hint="Use worlds, or worlds:FOLDER.")
    return folders


def _joined(folders: list[Path]) -> Pools | None:
    return ConcatDataset([Pool(folder) for folder in folders]) if folders else None
