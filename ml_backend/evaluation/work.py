"""One job: all pictures of one method on one sample, made, kept, and measured."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import as_array
from ml_backend.evaluation.datasets.find import open_sample
from ml_backend.evaluation.estimates import measure_estimates
from ml_backend.evaluation.inputs import Table, make_inputs
from ml_backend.evaluation.methods.catalog import METHODS
from ml_backend.evaluation.methods.method import Inputs, Renderer, Rendering
from ml_backend.evaluation.perceptual import Perceptual, load_lpips
from ml_backend.evaluation.projection import Regions, find_regions
from ml_backend.evaluation.sample import Sample, Shot, Skipped, Source
from ml_backend.evaluation.shot_measures import measure_shot
from ml_backend.evaluation.shots import choose_shots, strip_shots
from ml_backend.evaluation.store import Measures, Store, open_store
from ml_backend.evaluation.texture_metrics import measure_texture
from ml_backend.evaluation.time_metrics import measure_loop, still_pixels

ESTIMATES = "estimates"  # the job that measures predicted depth and motion in place of a method
_LOOP = "loop"  # under this name the measures of the strip are kept


@dataclass(frozen=True, slots=True)
class Job:
    """A method on a sample. `stop_at` is a moment of time.time(), or None."""

    source: Source
    table: Table
    method: str
    root: Path
    fingerprint: str
    max_side: int
    is_quick: bool
    stop_at: float | None = None


@dataclass(frozen=True, slots=True)
class ShotResult:
    """Measures of one shot, by "metric/region"; None where there is nothing to measure."""

    shot: str
    trajectory: str
    time: int
    measures: Measures


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job got done. `whole` are measures of the strip or of the estimates; `unfinished` shots lacked time."""

    job: Job
    shots: tuple[ShotResult, ...] = ()
    whole: Measures | None = None
    unfinished: int = 0
    skipped: tuple[Skipped, ...] = ()


@torch.inference_mode()
def run_job(job: Job, is_stopped: Callable[[], bool] = lambda: False) -> JobResult:
    """Do what is not finished yet of a job. A sample that cannot be read is skipped, and so is each bad truth."""
    try:
        view = _open_view(job.source, job.max_side)
    except BadInput as error:
        return JobResult(job, skipped=(Skipped(job.source.name, error.message),))
    store = open_store(job.root, job.table, job.source, job.method, job.fingerprint)
    return _Work(job, view, store, lambda: is_stopped() or _is_late(job)).run()


class _View:
    """An opened sample, what methods are given of it, and the regions of its shots.

    Kept, since the next job most often is on the same sample: estimating depth and motion takes longer than a method.
    """

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._inputs: dict[Table, Inputs] = {}
        self._regions: dict[str, np.ndarray] = {}

    def inputs(self, table: Table) -> Inputs:
        if table not in self._inputs:
            self._inputs[table] = make_inputs(self.sample, table)
        return self._inputs[table]

    def regions(self, shot: Shot) -> Regions:
        sample = self.sample
        if shot.name not in self._regions:
            found = find_regions(sample.mask, sample.depth, sample.camera, shot.camera)
            self._regions[shot.name] = np.packbits(np.stack(list(asdict(found).values())), axis=0)
        maps = np.unpackbits(self._regions[shot.name], axis=0).astype(bool)
        return Regions(*maps[: len(Regions.__dataclass_fields__)])


class _Work:
    """The shots of one job in order; the renderer is prepared when the first picture is missing."""

    def __init__(self, job: Job, view: _View, store: Store, is_over: Callable[[], bool]) -> None:
        self._job, self._view, self._store, self._is_over = job, view, store, is_over
        self._shots = choose_shots(view.sample, is_quick=job.is_quick)
        # How a method loops shows with the data's own motion; a quick look need not draw it twice.
        has_strip = job.table == "given" or not job.is_quick
        self._strip = strip_shots(view.sample, is_quick=job.is_quick) if has_strip else []
        self._renderer: Renderer | None = None

    def run(self) -> JobResult:
        if self._job.method == ESTIMATES:
            return JobResult(self._job, whole=self._kept(ESTIMATES, lambda: measure_estimates(self._view.sample)))
        results: list[ShotResult] = []
        skipped = list(self._view.sample.skipped)
        for number, shot in enumerate(self._shots):
            if self._is_over():
                return JobResult(self._job, tuple(results), None, len(self._shots) - number, tuple(skipped))
            try:
                measures = self._kept(shot.name, lambda: self._measure(number, shot))  # noqa: B023  called at once
                results.append(ShotResult(shot.name, shot.trajectory, shot.time, measures))
            except BadInput as error:
                skipped.append(Skipped(f"{self._view.sample.name}/{shot.name}", error.message))
        return JobResult(self._job, tuple(results), self._measure_strip(), 0, tuple(skipped))

    def _measure(self, number: int, shot: Shot) -> Measures:
        truth = self._view.sample.read_truth(shot)  # first, so that nothing is drawn for a bad one
        drawn = self._draw(number, shot)
        picture = self._store.picture(shot.name)
        assert picture is not None  # just drawn
        measures = measure_shot(picture, truth, self._view.regions(shot), lpips().distance)
        return {**measures, "holes/all": drawn.empty, "filled/all": drawn.filled}

    def _measure_strip(self) -> Measures | None:
        if not self._strip:
            return {}
        first = len(self._shots)
        for number, shot in enumerate(self._strip, start=first):
            if self._is_over():
                return None
            if self._store.picture(shot.name) is None:
                self._draw(number, shot)
        sample = self._view.sample
        still = still_pixels(sample.mask | (sample.motion.flow != 0).any(dim=0).numpy())
        frames = _KeptFrames(self._store, {shot.time: shot.name for shot in self._strip})
        flow = as_array(sample.motion.flow)
        photo = as_array(sample.image)
        return self._kept(
            _LOOP,
            lambda: (
                asdict(measure_loop(frames, sample.num_frames, flow, still))
                | asdict(measure_texture(frames, photo, (flow != 0).any(axis=-1)))
            ),
        )

    def _draw(self, number: int, shot: Shot) -> Rendering:
        """Make a picture and keep it."""
        if self._renderer is None:
            prepare = next(method.prepare for method in METHODS if method.name == self._job.method)
            assert prepare is not None  # no job is made of a method that means nothing
            self._renderer = prepare(self._view.inputs(self._job.table), [*self._shots, *self._strip])
        rendering = self._renderer(number)
        self._store.keep_picture(shot.name, as_array(rendering.rgb.clamp(0, 1)))
        return rendering

    def _kept(self, name: str, measure: Callable[[], Measures]) -> Measures:
        """Measures from the store, or made and stored."""
        kept = self._store.measures(name)
        if kept is not None:
            return kept
        measures = measure()
        self._store.keep_measures(name, measures)
        return measures


class _KeptFrames(Mapping[int, np.ndarray]):
    """Stored pictures by frame number, read when they are asked for: a long strip would not fit in memory."""

    def __init__(self, store: Store, names: Mapping[int, str]) -> None:
        self._store, self._names = store, names

    def __getitem__(self, time: int) -> np.ndarray:
        picture = self._store.picture(self._names[time])
        if picture is None:
            raise KeyError(time)
        return picture

    def __iter__(self) -> Iterator[int]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@lru_cache(maxsize=1)
def _open_view(source: Source, max_side: int) -> _View:
    return _View(open_sample(source, max_side))


@lru_cache(maxsize=1)
def lpips() -> Perceptual:
    """LPIPS, loaded once per process."""
    return load_lpips()


def _is_late(job: Job) -> bool:
    return job.stop_at is not None and time.time() > job.stop_at
