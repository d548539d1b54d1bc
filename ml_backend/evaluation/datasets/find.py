"""Which kind of dataset a place is, told by its content, and the sample behind a source."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets import bench, clip, eulerian, multiview, stereo
from ml_backend.evaluation.sample import Sample, Source

# Each has KIND, find, and read; the first that finds something in a place is its kind.
_KINDS: tuple[ModuleType, ...] = (bench, eulerian, stereo, multiview, clip)


def find_sources(places: Sequence[Path]) -> list[Source]:
    """The samples of all places, in order, each once.

    Raises:
        BadInput: a place does not exist, or holds nothing that is known.
    """
    found: dict[tuple[str, Path], Source] = {}
    for place in places:
        if not place.exists():
            raise BadInput(f"There is no {place}.", hint="Check the path and its spelling.")
        sources = next((listed for kind in _KINDS if (listed := kind.find(place))), [])
        if not sources:
            raise BadInput(f"{place} holds no dataset that is known.", hint="docs/evaluation.md lists the kinds.")
        found.update({(source.kind, source.path.resolve()): source for source in sources})
    return list(found.values())


def open_sample(source: Source, max_side: int) -> Sample:
    """Read a sample; kinds without a size of their own are reduced to `max_side`. Raises BadInput."""
    kind = next(kind for kind in _KINDS if source.kind == kind.KIND)
    return kind.read(source, max_side)
