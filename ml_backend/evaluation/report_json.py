"""The report for programs: settings, means, and the measures of every picture."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import ml_backend
from ml_backend.evaluation.report import Report
from ml_backend.evaluation.runner import Plan
from ml_backend.evaluation.summary import Summary
from ml_backend.evaluation.work import ESTIMATES, JobResult

FORMAT = "cinemagraph-evaluation/1"


def write_json(report: Report, plan: Plan, results: Sequence[JobResult], summary: Summary) -> str:
    """The whole file. The same run gives the same text: no times, no paths of the machine."""
    content = {
        "format": FORMAT,
        "version": ml_backend.__version__,
        "settings": {
            "quick": plan.is_quick,
            "max_side": plan.max_side,
            "tables": list(plan.tables),
            "methods": {method.name: method.title for method in plan.methods},
            "samples": [{"name": source.name, "kind": source.kind} for source in plan.sources],
        },
        "notes": list(report.notes),
        "tables": {name: [asdict(row) for row in rows] for name, rows in summary.tables.items()},
        "estimates": summary.estimates,
        "explanations": {section.title: list(section.explanations) for section in report.sections},
        "skipped": [asdict(item) for item in report.skipped],
        "unfinished": summary.num_unfinished,
        "shots": [
            {"table": r.job.table, "sample": r.job.source.name, "method": r.job.method, **asdict(shot)}
            for r in results
            if r.job.method != ESTIMATES
            for shot in r.shots
        ],
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
