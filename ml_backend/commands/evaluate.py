"""`evaluate`: ours and the paper's baselines on datasets with ground truth, as tables, curves, and pictures."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome, positive_number, whole_number

_EXAMPLES = """\
examples:
  python -m ml_backend evaluate bench -o report
  python -m ml_backend evaluate bench clips/river.mp4 stereo -o report --quick
  python -m ml_backend evaluate bench -o report --methods ours,naive,still --time-limit 600

The kinds of datasets are told by their content; docs/evaluation.md lists them. The same command goes on where it was
stopped.
"""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What was measured and written; psnr, ssim, flip of ours on all pixels with the data's own depth and motion."""

    files: list[str]
    num_samples: int
    num_skipped: int
    num_unfinished: int
    psnr: float | None
    ssim: float | None
    flip: float | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Datasets, report, and how much of it."""
    parser.add_argument("datasets", type=Path, nargs="+", metavar="DATASET", help="folders or videos with ground truth")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT_DIR", help="where the report goes")
    parser.add_argument(
        "--methods", type=_names, default=(), metavar="LIST", help="names with commas between (default: all)"
    )
    parser.add_argument("--quick", action="store_true", help="a few pictures of each sample only")
    parser.add_argument(
        "--time-limit", type=positive_number, metavar="SECONDS", help="stop then, and report what there is"
    )
    parser.add_argument(
        "--size",
        type=whole_number,
        default=768,
        metavar="PX",
        help="long side at most of stereo pairs, views, and clips (default: 768)",
    )
    parser.add_argument("--workers", type=whole_number, metavar="N", help="processes (default: one per core)")


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Measure, and write the report."""
    from ml_backend.evaluation.datasets.find import find_sources  # noqa: PLC0415
    from ml_backend.evaluation.evaluate import evaluate, pick_methods  # noqa: PLC0415
    from ml_backend.evaluation.methods.catalog import METHODS  # noqa: PLC0415
    from ml_backend.evaluation.runner import Plan, default_workers  # noqa: PLC0415
    from ml_backend.evaluation.tables import main_table  # noqa: PLC0415

    methods = pick_methods(options.methods, METHODS)
    sources = find_sources(options.datasets)
    plan = Plan(
        sources=tuple(sources),
        methods=methods,
        work=options.output / "work",
        max_side=options.size,
        is_quick=options.quick,
        time_limit_s=options.time_limit,
        workers=options.workers or default_workers(len(sources) * len(methods)),
    )
    with open_bar("Evaluating") as progress:
        done = evaluate(plan, options.output, progress)
    rows = done.summary.tables["given"] or done.summary.tables["predicted"]
    values = next((row.values for row in rows if row.method == "ours"), {})
    report = EvaluationReport(
        files=[str(file) for file in done.files],
        num_samples=len(sources),
        num_skipped=len(done.report.skipped),
        num_unfinished=done.summary.num_unfinished,
        psnr=values.get("psnr/all"),
        ssim=values.get("ssim/all"),
        flip=values.get("flip/all"),
    )
    table = main_table("", rows, methods)
    lines = [f"{cells[0]:<38}" + "".join(f"{cell:>16}" for cell in cells[1:5]) for cells in (table.header, *table.rows)]
    warnings = [f"{item.file} was skipped: {item.reason}" for item in done.report.skipped]
    return Outcome(report, "\n".join([*lines, *report.files]), tuple(warnings))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


COMMAND = Command(
    "evaluate",
    "Measure ours, the paper's baselines, and ablations on datasets with ground truth.",
    _EXAMPLES,
    add_arguments,
    run,
)
