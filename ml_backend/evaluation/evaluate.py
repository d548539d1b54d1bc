"""Datasets in, a report out: find, run, sum up, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_backend.atomic_file import replacing, require_writable_folder
from ml_backend.errors import BadInput
from ml_backend.evaluation.explain_pictures import draw_leads
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.pictures import draw_pictures
from ml_backend.evaluation.report import Report, make_report
from ml_backend.evaluation.report_html import write_html
from ml_backend.evaluation.report_json import write_json
from ml_backend.evaluation.report_markdown import write_markdown
from ml_backend.evaluation.runner import Plan, run_plan
from ml_backend.evaluation.sample import Skipped
from ml_backend.evaluation.summary import Summary, summarise
from ml_backend.evaluation.work import JobResult, lpips
from ml_backend.structures import Progress, no_progress


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out: the summary, the report, and the written files."""

    summary: Summary
    report: Report
    files: tuple[Path, ...]


def evaluate(plan: Plan, folder: Path, progress: Progress = no_progress) -> Evaluation:
    """Do what is not done yet, and write `report.json`, `report.md`, and `report.html`.

    Raises:
        BadInput: nothing at all could be measured.
        BadOutput: the folder cannot be written.
    """
    require_writable_folder(folder)
    results = run_plan(plan, progress)
    skipped = _unique([item for result in results for item in result.skipped])
    if not any(result.shots for result in results) and not any(result.whole for result in results):
        reason = f" {skipped[0].file}: {skipped[0].reason}" if skipped else ""
        raise BadInput(f"Nothing could be measured.{reason}", hint="See docs/evaluation.md for what is read.")
    summary = summarise(results, plan.methods)
    report = make_report(summary, plan.methods, skipped, _notes(plan, summary))
    return Evaluation(summary, report, _write(plan, folder, results, summary, report))


def _write(
    plan: Plan, folder: Path, results: Sequence[JobResult], summary: Summary, report: Report
) -> tuple[Path, ...]:
    jobs = [result.job for result in results]
    pictures = {table: list(draw_pictures(jobs, plan.methods, table)) for table in plan.tables}
    leads = {table: list(draw_leads(results, summary.tables[table], plan.methods, table)) for table in plan.tables}
    texts = {
        "report.json": write_json(report, plan, results, summary),
        "report.md": write_markdown(report),
        "report.html": write_html(report, summary, plan.methods, pictures, leads),
    }
    for name, text in texts.items():
        with replacing(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")
    return tuple(folder / name for name in texts)


def _notes(plan: Plan, summary: Summary) -> list[str]:
    samples = ", ".join(f"{source.name} ({source.kind})" for source in plan.sources)
    notes = [
        f"Samples: {samples}.",
        "Mean over the pictures of a sample, then over the samples. PSNR of an exact picture counts as 120 dB; "
        "“PSNR, t > 0” leaves out the first frames, where a method may return the photo itself.",
        "n/a: nothing to measure (a region without pixels, nothing that moves), or the reason is given below.",
    ]
    if plan.is_quick:
        notes.append(
            "A quick look: three times of each path, a few steps of the loop, and these with the data's own motion "
            "only. Not for publication."
        )
    if summary.num_unfinished:
        notes.append(
            f"Time ran out: {summary.num_unfinished} pictures are missing. Means are over those that all methods have; "
            "the same command goes on from here."
        )
    return [*notes, *([reason] if (reason := lpips().reason) else [])]


def _unique(items: Sequence[Skipped]) -> list[Skipped]:
    return list(dict.fromkeys(items))


def pick_methods(names: Sequence[str], methods: Sequence[Method]) -> tuple[Method, ...]:
    """The methods of these names in the report's order, all for no name; raises BadInput."""
    known = {method.name for method in methods}
    for name in names:
        if name not in known:
            raise BadInput(f"There is no method {name!r}.", hint=f"Choose from {', '.join(sorted(known))}.")
    return tuple(method for method in methods if not names or method.name in names)
