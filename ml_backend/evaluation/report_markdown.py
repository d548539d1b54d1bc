"""The report for reading as text: all tables, what was skipped, and why the order is as it is."""

from collections.abc import Iterator, Sequence

from ml_backend.evaluation.report import Report
from ml_backend.evaluation.tables import Table


def write_markdown(report: Report) -> str:
    """The whole file."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.title}\n"
    for line in report.notes:
        yield f"- {line}"
    for section in report.sections:
        yield f"\n## {section.title}\n"
        if section.text:
            yield f"{section.text}\n"
        for table in section.tables:
            yield from _table_lines(table)
        for line in section.explanations:
            yield f"- {line}"
        if section.explanations:
            yield "\nThe pictures to it are in `report.html`, below “Why the order is as it is”."
    if report.skipped:
        yield f"\n## Skipped: {len(report.skipped)}\n"
        for item in report.skipped:
            yield f"- `{item.file}`: {item.reason}"


def _table_lines(table: Table) -> Iterator[str]:
    yield f"### {table.title}\n"
    yield _row(table.header)
    yield _row(["---", *["--:"] * (len(table.header) - 1)])
    for number, cells in enumerate(table.rows):
        yield _row([f"**{cell}**" if (number, column) in table.best else cell for column, cell in enumerate(cells)])
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
