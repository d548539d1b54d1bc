"""From measures of single pictures to tables: mean over a sample's shots, then mean over the samples.

Only shots that every measured method finished are counted, so that a run that was stopped compares like with like.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ml_backend.evaluation.inputs import TABLES, Table
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.work import ESTIMATES, JobResult, ShotResult


@dataclass(frozen=True, slots=True)
class Metric:
    """A column: `name` as in the measures, and whether a bigger value is better (None: nearest to 1 is best)."""

    name: str
    title: str
    is_more_better: bool | None


IMAGE_METRICS = (
    Metric("psnr", "PSNR", True),
    Metric("ssim", "SSIM", True),
    Metric("flip", "FLIP", False),
    Metric("lpips", "LPIPS", False),
)
LOOP_METRICS = (
    Metric("flicker", "Flicker of still pixels", False),
    Metric("warping_error", "Warping error", False),
    Metric("seam_l1", "Loop seam, L1", False),
    Metric("seam_flip", "Loop seam, FLIP", False),
    Metric("worst_l1", "Largest step", False),
    Metric("least_sharpness", "Least sharpness of the fluid", None),
    Metric("most_sharpness", "Most sharpness of the fluid", None),
    Metric("patch_distance", "Patch distance of the fluid", False),
)
SHARPNESS = Metric("sharpness", "Sharpness", None)
PATCHES = Metric("patches", "Patch distance", False)
HOLES = Metric("holes", "Hole rate", False)
FILLED = Metric("filled", "Filled in", None)


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method in one table. values: by "metric/region", and loop measures by name; None where nothing is measured.

    by_time: for some measures, (time, value) in order. samples: by sample name, the same values as `values`.
    """

    method: str
    values: dict[str, float | None]
    by_time: dict[str, list[tuple[int, float | None]]]
    samples: dict[str, dict[str, float | None]]
    num_shots: int


@dataclass(frozen=True, slots=True)
class Summary:
    """tables: rows in the order of the methods. estimates: by sample. num_unfinished: shots that time did not allow."""

    tables: dict[Table, list[MethodRow]]
    estimates: dict[str, dict[str, float | None]]
    num_unfinished: int


_CURVES = ("psnr/all", "ssim/all", "flip/all", "sharpness/fluid")


def summarise(results: Sequence[JobResult], methods: Sequence[Method]) -> Summary:
    """Tables of all results."""
    return Summary(
        tables={table: _rows([r for r in results if r.job.table == table], methods) for table in TABLES},
        estimates={
            r.job.source.name: dict(r.whole) for r in results if r.job.method == ESTIMATES and r.whole is not None
        },
        num_unfinished=sum(r.unfinished for r in results),
    )


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of the values that there are; None where there is none."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _rows(results: Sequence[JobResult], methods: Sequence[Method]) -> list[MethodRow]:
    measured = [r for r in results if r.job.method != ESTIMATES]
    common = _common_shots(measured)
    rows = []
    for method in methods:
        own = [r for r in measured if r.job.method == method.name and r.shots]
        if own:
            rows.append(_row(method.name, own, common))
    return rows


def _common_shots(results: Sequence[JobResult]) -> dict[str, set[str]]:
    """By sample, the shots that all methods with any result have."""
    common: dict[str, set[str]] = {}
    for result in results:
        names = {shot.shot for shot in result.shots}
        if names:
            sample = result.job.source.name
            common[sample] = common[sample] & names if sample in common else names
    return common


def _row(method: str, results: Sequence[JobResult], common: dict[str, set[str]]) -> MethodRow:
    samples: dict[str, dict[str, float | None]] = {}
    chosen: dict[str, list[ShotResult]] = {}
    for result in results:
        name = result.job.source.name
        chosen[name] = [shot for shot in result.shots if shot.shot in common[name]]
        samples[name] = _means(chosen[name]) | dict(result.whole or {})
    keys = sorted({key for values in samples.values() for key in values})
    times = sorted({shot.time for shots in chosen.values() for shot in shots})
    return MethodRow(
        method=method,
        values={key: mean(values.get(key) for values in samples.values()) for key in keys},
        by_time={key: [(t, _at_time(chosen, key, t)) for t in times] for key in _CURVES},
        samples=samples,
        num_shots=sum(len(shots) for shots in chosen.values()),
    )


def _means(shots: Sequence[ShotResult]) -> dict[str, float | None]:
    keys = sorted({key for shot in shots for key in shot.measures})
    means = {key: mean(shot.measures.get(key) for shot in shots) for key in keys}
    later = [shot for shot in shots if shot.time > 0]
    return means | {"psnr/later": mean(shot.measures.get("psnr/all") for shot in later)}


def _at_time(chosen: dict[str, list[ShotResult]], key: str, time: int) -> float | None:
    return mean(mean(s.measures.get(key) for s in shots if s.time == time) for shots in chosen.values())
