"""What --data names, told by its content: generated worlds, clips, or posed scenes; a part is held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch.utils.data import Dataset

from ml_backend.evaluation.datasets.find import find_sources
from ml_backend.evaluation.sample import Source
from ml_backend.training.configs import WORLDS, TrainingConfig
from ml_backend.training.datasets.clips import READERS, ClipPlace
from ml_backend.training.datasets.posed import PosedPlace
from ml_backend.training.datasets.takes import Place, Rng, draw_rng, pick
from ml_backend.training.stage import Batch

_HELD_OUT = 10  # one of so many files


@dataclass(frozen=True, slots=True)
class Places:
    """What to train on and what to validate on; `notes` tell people where the two are not apart."""

    training: tuple[Place, ...]
    held_out: tuple[Place, ...]
    notes: tuple[str, ...] = ()


def open_places(config: TrainingConfig) -> Places:
    """The places of `config.data`; raises BadInput for one that holds nothing."""
    training: list[Place] = []
    held_out: list[Place] = []
    notes: list[str] = []
    for data in config.data:
        if data == WORLDS or data.startswith(f"{WORLDS}:"):
            kept_worlds, worlds_apart = _open_worlds(data.removeprefix(WORLDS).removeprefix(":"), config.photos)
            training.append(kept_worlds)
            held_out.append(worlds_apart)
            continue
        for kind, make in ((True, ClipPlace), (False, PosedPlace)):
            sources = [s for s in find_sources([Path(data)]) if (s.kind in READERS) == kind]
            if not sources:
                continue
            kept, apart = split_sources(sources)
            if kept == apart:
                notes.append(f"{data} holds one sample: it is trained on and validated on.")
            training.append(make(kept))
            held_out.append(make(apart))
    return Places(tuple(training), tuple(held_out), tuple(notes))


def split_sources(sources: Sequence[Source]) -> tuple[list[Source], list[Source]]:
    """Those to train on, and every tenth, which is held out; where there is only one it is both."""
    if len(sources) == 1:
        return list(sources), list(sources)
    apart = list(sources[::_HELD_OUT])
    return [source for source in sources if source not in apart], apart


class Drawn(Dataset[Batch]):
    """Endless samples: sample i is what `make` makes of random numbers from (seed, i) and a place that they pick."""

    def __init__(
        self, places: Sequence[Place], make: Callable[[Place, Rng], Batch], seed: int, *, held_out: bool = False
    ) -> None:
        self._places, self._make, self._seed, self._held_out = tuple(places), make, seed, held_out

    def __getitem__(self, index: int) -> Batch:
        rng = draw_rng(self._seed, index, held_out=self._held_out)
        return self._make(pick(rng, self._places), rng)


def _open_worlds(pool: str, photos: str) -> tuple[Place, Place]:
    """Generated while they are needed, or from a pool, whose last tenth is held out."""
    from ml_backend.training.datasets.generated import PoolPlace, WorldPlace  # noqa: PLC0415  compiles a ray caster
    from ml_backend.training.worlds.pool import Pool  # noqa: PLC0415

    if pool:
        rendered = Pool(Path(pool))
        count = len(rendered)
        first_apart = count - max(1, count // _HELD_OUT) if count > 1 else 0
        return PoolPlace(rendered, 0, max(1, first_apart)), PoolPlace(rendered, first_apart, count)
    # A sample draws its world's seed; those of held-out samples come from other random numbers.
    worlds = WorldPlace(Path(photos) if photos else None)
    return worlds, worlds
