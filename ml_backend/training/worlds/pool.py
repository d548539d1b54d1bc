"""Rendered samples on disk, so that a training renders each world once: shards of safetensors, read piece by piece.

A shard is complete or not there. Its metadata names the version of the worlds; a pool may hold shards of several.
"""

import logging
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor
from torch.utils.data import Dataset

from ml_backend.atomic_file import replacing
from ml_backend.errors import BadInput
from ml_backend.training.worlds.samples import Sample, make_sample
from ml_backend.training.worlds.textures import Textures, load_textures
from ml_backend.training.worlds.world import WORLDS_VERSION

MakeSample = Callable[[int, str, int, int, Textures], Sample]
SHARD_SAMPLES = 256
_SUFFIX = ".safetensors"
_BYTES_TO_UNIT = 1 / 255
_log = logging.getLogger(__name__)


def render_pool(
    folder: Path,
    seeds: Sequence[int],
    size: tuple[int, int],
    kind: str,
    photos: Sequence[Path] = (),
    *,
    workers: int = 1,
    shard_samples: int = SHARD_SAMPLES,
    make: MakeSample = make_sample,
) -> None:
    """Render the samples of some seeds into a folder; shards that are there already are kept.

    Args:
        size: width and height in pixels.
        kind: "depth", "pair", or "animation", or what `make` knows.
        photos: what the textures are cut from; the same for all of a pool.
        workers: processes; 1 renders in this one.
        make: gives the sample of a seed; a function of a module, so that processes find it.

    Raises:
        BadOutput: the folder cannot be written.
    """
    shards = [tuple(seeds[i : i + shard_samples]) for i in range(0, len(seeds), shard_samples)]
    missing = [shard for shard in shards if not _shard_path(folder, shard).exists()]
    jobs = [(folder, shard, size, kind, tuple(photos), make) for shard in missing]
    if workers <= 1:
        for job in jobs:
            _render_shard(*job)
        return
    # Fresh processes: forked ones would inherit the threads of torch in whatever state they are.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        for done in [executor.submit(_render_shard, *job) for job in jobs]:
            done.result()


class Pool(Dataset[dict[str, Tensor]]):
    """The samples of a folder in the order of their seeds; see `samples.make_sample` for what is in them.

    Colours come as float32 in [0, 1], depth and flow as float32, masks as bool, all else as stored, and `seed`.

    Raises:
        BadInput: the folder holds no samples.
    """

    def __init__(self, folder: Path) -> None:
        self.shards = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
        if not self.shards:
            raise BadInput(f"{folder} holds no rendered worlds.", hint="Render some into it first.")
        self._ends = list(accumulate(_shard_length(path) for path in self.shards))

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Sample `index`, counted over all shards."""
        if not 0 <= index < len(self):
            raise IndexError(f"{index}: the pool has {len(self)} samples")
        shard = bisect_right(self._ends, index)
        row = index - (self._ends[shard - 1] if shard else 0)
        with safe_open(self.shards[shard], framework="pt") as file:
            return {name: _decoded(name, _row(file, name, row)) for name in file.keys()}  # noqa: SIM118

    def versions(self) -> set[int]:
        """The versions of the worlds in this pool."""
        found = set()
        for path in self.shards:
            with safe_open(path, framework="pt") as file:
                found.add(int(file.metadata()["worlds_version"]))
        return found


def _row(file: safe_open, name: str, row: int) -> Tensor:
    part = file.get_slice(name)
    return part[row : row + 1][0]


def _decoded(name: str, value: Tensor) -> Tensor:
    is_color = name.endswith(("color", "before"))
    if is_color:
        return value.float() * _BYTES_TO_UNIT
    if name.endswith(("depth", "flow")):
        return value.float()
    return value.bool() if name.endswith(("fluid", "sky")) else value


def _shard_length(path: Path) -> int:
    try:
        with safe_open(path, framework="pt") as file:
            return file.get_slice("seed").get_shape()[0]
    except SafetensorError as error:
        raise BadInput(f"{path} is damaged.", hint="Remove it; it is rendered again.") from error


def _shard_path(folder: Path, seeds: Sequence[int]) -> Path:
    return folder / f"{seeds[0]:010d}-{len(seeds)}{_SUFFIX}"


def write_shard(folder: Path, seeds: Sequence[int], samples: Sequence[Sample], metadata: dict[str, str]) -> None:
    """Write the samples of some seeds into a folder. Raises BadOutput."""
    arrays = {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}
    arrays["seed"] = np.array(seeds, np.int64)
    with replacing(_shard_path(folder, seeds)) as partial:
        save_file(arrays, partial, metadata)


def _render_shard(
    folder: Path, seeds: Sequence[int], size: tuple[int, int], kind: str, photos: tuple[Path, ...], make: MakeSample
) -> None:
    textures = _textures(photos)
    samples = [make(seed, kind, *size, textures) for seed in seeds]
    metadata = {"worlds_version": str(WORLDS_VERSION), "kind": kind, "photos": str(len(photos))}
    write_shard(folder, seeds, samples, metadata)
    _log.info("%s: %d worlds", folder, len(seeds))


@lru_cache(maxsize=1)
def _textures(photos: tuple[Path, ...]) -> Textures:
    return load_textures(photos)
