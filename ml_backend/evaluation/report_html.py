"""The report as one HTML file without links to anything: tables, curves, and pictures inside."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from ml_backend.evaluation.charts import Line, draw_chart
from ml_backend.evaluation.inputs import Table as TableName
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.report import Report, Section
from ml_backend.evaluation.summary import Summary
from ml_backend.evaluation.tables import NOTHING, Table

_CEILING_DB = 45.0  # of a chart: exact pictures at t = 0 would flatten all others
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1500px; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: #fff; }
td.best { font-weight: 700; background: #e8f3ea; } td.nothing { color: #999; }
.wide { overflow-x: auto; } .charts, .pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } .pictures figure { width: 320px; } .pictures img { display: block; width: 100%; }
.pictures figcaption { font-size: 13px; } .chart { width: 560px; } .chart text { font-size: 11px; fill: #555; }
.grid { stroke: #e5e5e5; } .legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: 12px; margin: 0; }
"""


def write_html(
    report: Report,
    summary: Summary,
    methods: Sequence[Method],
    pictures: Mapping[TableName, Iterable[str]],
    leads: Mapping[TableName, Iterable[str]],
) -> str:
    """The whole file; `pictures`, and those that explain the `leads` of others, are HTML, by table."""
    parts = [f"<h1>{escape(report.title)}</h1>", _list(report.notes)]
    for section in report.sections:
        parts.append(f"<h2>{escape(section.title)}</h2><p>{escape(section.text)}</p>")
        parts += [_table(table) for table in section.tables[:1]]
        if section.explanations:
            parts.append("<h3>Why the order is as it is</h3>" + _list(section.explanations))
            parts += leads.get(section.pictures_of, ()) if section.pictures_of else ()
        parts.append(f'<div class="charts">{"".join(_charts(section, summary, methods))}</div>')
        parts += [_table(table) for table in section.tables[1:]]
        if section.pictures_of:
            parts.append("<h3>Pictures</h3><p>Below each picture its mean difference from the truth, times four.</p>")
            parts += pictures.get(section.pictures_of, ())
    if report.skipped:
        parts.append(f"<h2>Skipped: {len(report.skipped)}</h2>")
        parts.append(_list([f"{item.file}: {item.reason}" for item in report.skipped]))
    head = f'<meta charset="utf-8"><title>{escape(report.title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{chr(10).join(parts)}\n</body></html>\n'


def _charts(section: Section, summary: Summary, methods: Sequence[Method]) -> list[str]:
    charts = []
    for title, name, measure in section.curves:
        by_name = {row.method: row for row in summary.tables[name]}
        lines = [Line(m.title, by_name[m.name].by_time[measure]) for m in methods if m.name in by_name]
        ceiling = _CEILING_DB if measure.startswith("psnr") else float("inf")
        charts.append(draw_chart(title, lines, ceiling=ceiling))
    return charts


def _table(table: Table) -> str:
    header = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = []
    for number, cells in enumerate(table.rows):
        marks = [_mark(cell, is_best=(number, column) in table.best) for column, cell in enumerate(cells)]
        rows.append(
            "<tr>" + "".join(f"<td{mark}>{escape(c)}</td>" for mark, c in zip(marks, cells, strict=True)) + "</tr>"
        )
    body = f"<thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<h3>{escape(table.title)}</h3><div class="wide"><table>{body}</table></div>'


def _mark(cell: str, *, is_best: bool) -> str:
    if is_best:
        return ' class="best"'
    return ' class="nothing"' if cell == NOTHING else ""


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
