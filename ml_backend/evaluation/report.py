"""What a report says, in the order in which it says it; written as Markdown and HTML by their own files."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_backend.evaluation.explain import explain_order
from ml_backend.evaluation.inputs import NUM_ARROWS
from ml_backend.evaluation.inputs import Table as TableName
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.sample import Skipped
from ml_backend.evaluation.summary import IMAGE_METRICS, SHARPNESS, Summary
from ml_backend.evaluation.tables import (
    Table,
    estimate_table,
    main_table,
    region_tables,
    sample_table,
    time_table,
)

_TITLES: dict[TableName, str] = {
    "given": "With the depth and motion of the data",
    "predicted": "With everything predicted",
}
_TEXTS: dict[TableName, str] = {
    "given": "Every method gets the photo with the depth and the flow that come with the data.",
    "predicted": (
        f"Depth is estimated from the photo, motion from the mask and {NUM_ARROWS} arrows read from the flow; every "
        "method gets the same."
    ),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part. `curves` names what is drawn over time, as (title, table, measure)."""

    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    explanations: tuple[str, ...] = ()
    curves: tuple[tuple[str, TableName, str], ...] = ()
    pictures_of: TableName | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything but the pictures and the charts themselves."""

    title: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    skipped: tuple[Skipped, ...]


def make_report(
    summary: Summary, methods: Sequence[Method], skipped: Sequence[Skipped], notes: Sequence[str]
) -> Report:
    """Sections for both tables, then the estimates; those with nothing in them are left out."""
    sections = [_section(name, summary, methods) for name, rows in summary.tables.items() if rows]
    if any(summary.estimates.values()):
        sections.append(Section("Depth and motion", tables=(estimate_table(summary),)))
    return Report("Evaluation", tuple(notes), tuple(sections), tuple(skipped))


def _section(name: TableName, summary: Summary, methods: Sequence[Method]) -> Section:
    rows = summary.tables[name]
    psnr, ssim, flip, _ = IMAGE_METRICS
    tables = [
        main_table(f"All pixels, {rows[0].num_shots} pictures per method", rows, methods),
        *region_tables(rows, methods),
        time_table(rows, methods, psnr, "psnr/all"),
        time_table(rows, methods, SHARPNESS, "sharpness/fluid"),
        sample_table(rows, methods),
    ]
    curves = [(f"{metric.title} over time", name, f"{metric.name}/all") for metric in (psnr, ssim, flip)]
    curves.append(("Sharpness of the fluid, truth = 1, over time", name, "sharpness/fluid"))
    explanations = explain_order(rows, methods)
    explanations += [f"{m.title}: n/a. {m.reason}" for m in methods if m.prepare is None]
    return Section(_TITLES[name], _TEXTS[name], tuple(tables), tuple(explanations), tuple(curves), name)
