"""The tables of the report as rows of text, the same for Markdown and HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.shot_measures import REGIONS
from ml_backend.evaluation.summary import (
    FILLED,
    HOLES,
    IMAGE_METRICS,
    LOOP_METRICS,
    PATCHES,
    SHARPNESS,
    MethodRow,
    Metric,
    Summary,
)

NOTHING = "n/a"
_DIGITS = {
    "psnr": 2,
    "flicker": 5,
    "warping_error": 4,
    "holes": 4,
    "filled": 4,
    "sharpness": 2,
    "seam_l1": 2,
    "seam_flip": 2,
    "worst_l1": 2,
    "least_sharpness": 2,
    "most_sharpness": 2,
}


@dataclass(frozen=True, slots=True)
class Table:
    """Text cells; `best` marks (row, column) of the best value of a column."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]] = frozenset()


def main_table(title: str, rows: Sequence[MethodRow], methods: Sequence[Method]) -> Table:
    """All pixels: the metrics, what is left out of PSNR's mean at t = 0, holes, sharpness, and the loop."""
    columns = [(metric, f"{metric.name}/all") for metric in IMAGE_METRICS]
    columns.insert(1, (Metric("psnr", "PSNR, t > 0", True), "psnr/later"))
    columns += [(HOLES, "holes/all"), (FILLED, "filled/all"), (SHARPNESS, "sharpness/fluid")]
    columns += [(metric, metric.name) for metric in LOOP_METRICS]
    return _table(title, rows, methods, columns)


def region_tables(rows: Sequence[MethodRow], methods: Sequence[Method]) -> list[Table]:
    """One table per metric, a column per region."""
    tables = []
    for metric in (*IMAGE_METRICS, SHARPNESS, PATCHES):
        columns = [
            (Metric(metric.name, region, metric.is_more_better), f"{metric.name}/{region}") for region in REGIONS
        ]
        tables.append(_table(f"{metric.title} by region", rows, methods, columns))
    return tables


def time_table(rows: Sequence[MethodRow], methods: Sequence[Method], metric: Metric, key: str) -> Table:
    """A column per time."""
    titles = {method.name: method.title for method in methods}
    times = [time for time, _ in rows[0].by_time[key]] if rows else []
    values = [[dict(row.by_time[key]).get(time) for time in times] for row in rows]
    cells = tuple((titles[r.method], *(show(v, metric.name) for v in vs)) for r, vs in zip(rows, values, strict=True))
    header = ("", *(f"t = {time}" for time in times))
    return Table(f"{metric.title} by time", header, cells, _best(values, [metric] * len(times)))


def sample_table(rows: Sequence[MethodRow], methods: Sequence[Method]) -> Table:
    """PSNR / SSIM / FLIP of each sample."""
    titles = {method.name: method.title for method in methods}
    samples = list(dict.fromkeys(name for row in rows for name in row.samples))
    cells = []
    for row in rows:
        texts = [
            " / ".join(show(row.samples.get(name, {}).get(f"{m}/all"), m) for m in ("psnr", "ssim", "flip"))
            for name in samples
        ]
        cells.append((titles[row.method], *texts))
    return Table("PSNR / SSIM / FLIP by sample", ("", *samples), tuple(cells))


def estimate_table(summary: Summary) -> Table:
    """Predicted depth and motion of each sample, and their mean."""
    names = list(summary.estimates)
    keys = list(dict.fromkeys(key for values in summary.estimates.values() for key in values))
    cells = []
    for key in keys:
        values = [summary.estimates[name].get(key) for name in names]
        known = [value for value in values if value is not None]
        average = sum(known) / len(known) if known else None
        cells.append((_estimate_title(key), *(show(value, key) for value in [*values, average])))
    return Table("Predicted depth and motion", ("", *names, "mean"), tuple(cells))


def show(value: float | None, name: str) -> str:
    """A number as text, or n/a."""
    return NOTHING if value is None else f"{value:.{_DIGITS.get(name, 3)}f}"


def _table(
    title: str, rows: Sequence[MethodRow], methods: Sequence[Method], columns: Sequence[tuple[Metric, str]]
) -> Table:
    by_name = {row.method: row for row in rows}
    values = [[by_name[m.name].values.get(key) if m.name in by_name else None for _, key in columns] for m in methods]
    cells = tuple(
        (method.title, *(show(value, metric.name) for value, (metric, _) in zip(own, columns, strict=True)))
        for method, own in zip(methods, values, strict=True)
    )
    header = ("", *(_with_arrow(metric) for metric, _ in columns))
    return Table(title, header, cells, _best(values, [metric for metric, _ in columns]))


def _best(values: Sequence[Sequence[float | None]], metrics: Sequence[Metric]) -> frozenset[tuple[int, int]]:
    best = set()
    for column, metric in enumerate(metrics):
        shown = [(show(row[column], metric.name), row[column], n) for n, row in enumerate(values)]
        known = [(text, value, n) for text, value, n in shown if value is not None]
        if len(known) > 1 and metric != FILLED:
            top = min(known, key=lambda item: _badness(item[1], metric))[0]
            best |= {(n, column + 1) for text, _, n in known if text == top}
    return frozenset(best)


def _badness(value: float, metric: Metric) -> float:
    if metric.is_more_better is None:
        return abs(value - 1)
    return -value if metric.is_more_better else value


def _with_arrow(metric: Metric) -> str:
    if metric == FILLED:
        return metric.title
    return metric.title + {True: " ↑", False: " ↓", None: " → 1"}[metric.is_more_better]


def _estimate_title(key: str) -> str:
    thing, measure = key.split("/")
    titles = {
        "abs_rel": "AbsRel ↓",
        "delta_1": "δ < 1.25 ↑",
        "edge_f1": "edge F1 ↑",
        "endpoint_error": "end-point error, px ↓",
        "relative_error": "end-point error over speed ↓",
        "angle": "angle, degrees ↓",
    }
    arrows = {"motion-0": "Motion, mask alone", "motion-1": "Motion, 1 arrow", "depth": "Depth"}
    name = arrows.get(thing, f"Motion, {thing.removeprefix('motion-')} arrows")
    return f"{name}: {titles[measure]}"
