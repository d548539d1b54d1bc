"""Why a method is ahead of ours where one is: at which times, in which region, and whether it loops at all."""

from collections.abc import Sequence

from ml_backend.animation.symmetric import LATE_FADE_START
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.summary import IMAGE_METRICS, MethodRow, Metric

_SEAM = 1.5  # over the median step: a jump that anyone sees
_MUCH_FILLED = 0.005  # share of the pixels
_LEAST_LEAD = 5e-4  # what the tables' rounding shows


def explain_order(rows: Sequence[MethodRow], methods: Sequence[Method]) -> list[str]:
    """One sentence or two for each method that is ahead of ours in a metric on all pixels; from the numbers alone."""
    ours = next((row for row in rows if row.method == "ours"), None)
    titles = {method.name: method.title for method in methods}
    if ours is None:
        return []
    return [_explain(row, ours, titles[row.method], _metrics_ahead(row, ours)) for row in rows_ahead(rows)]


def rows_ahead(rows: Sequence[MethodRow]) -> list[MethodRow]:
    """The methods that are ahead of ours in a metric on all pixels."""
    ours = next((row for row in rows if row.method == "ours"), None)
    return [row for row in rows if ours and row.method != "ours" and _metrics_ahead(row, ours)]


def _metrics_ahead(row: MethodRow, ours: MethodRow) -> list[Metric]:
    return [metric for metric in IMAGE_METRICS if _lead(row, ours, metric) > _LEAST_LEAD]


def _explain(row: MethodRow, ours: MethodRow, title: str, ahead: Sequence[Metric]) -> str:
    leads = ", ".join(f"{metric.title} by {_lead(row, ours, metric):.3f}" for metric in ahead)
    text = f"{title} is ahead of ours in {leads}."
    times = _leads_by_time(row, ours)
    if times:
        gains = ", ".join(f"{lead:+.2f} dB at t = {time}" for time, lead in times)
        text += f" PSNR by time: {gains}.{_before_the_fade(row, ours)}"
    regions = [(name, _region_lead(row, ours, name)) for name in ("valid", "disoccluded", "border", "fluid", "still")]
    parts = ", ".join(f"{lead:+.2f} dB {name}" for name, lead in regions if lead is not None)
    text += f" By region: {parts}." if parts else ""
    filled, own_filled = row.values.get("filled/all"), ours.values.get("filled/all")
    if filled is not None and own_filled is not None and filled - own_filled > _MUCH_FILLED:
        text += (
            f" It fills {100 * filled:.1f} % of the pixels smoothly from around, ours {100 * own_filled:.1f} %: where "
            "texture is not known, a blur is nearer to the truth on average than any texture that continues it."
        )
    seam, own = row.values.get("seam_l1"), ours.values.get("seam_l1")
    if seam is not None and own is not None and seam > _SEAM:
        text += (
            f" It does not loop: its seam is {seam:.1f} steps high, ours {own:.2f}. The truth does not loop either "
            "(new fluid comes in all the time), so that late frames reward whoever never turns back."
        )
    return text


def _before_the_fade(row: MethodRow, ours: MethodRow) -> str:
    """The same comparison for the times at which ours shows its forward cloud alone, the first ones left out."""
    last = max(time for time, _ in ours.by_time["psnr/all"])
    parts = []
    for metric in IMAGE_METRICS:
        key = f"{metric.name}/all"
        pairs = zip(row.by_time.get(key, ()), ours.by_time.get(key, ()), strict=False)
        leads = [
            theirs - own
            for (time, theirs), (_, own) in pairs
            if 0 < time < LATE_FADE_START * (last + 1) and theirs is not None and own is not None
        ]
        if leads:
            parts.append(f"{metric.title} {sum(leads) / len(leads):+.3f}")
    return f" Over the times before ours begins to turn back: {', '.join(parts)}." if parts else ""


def _lead(row: MethodRow, ours: MethodRow, metric: Metric) -> float:
    theirs, own = row.values.get(f"{metric.name}/all"), ours.values.get(f"{metric.name}/all")
    if theirs is None or own is None:
        return 0.0
    return theirs - own if metric.is_more_better else own - theirs


def _leads_by_time(row: MethodRow, ours: MethodRow) -> list[tuple[int, float]]:
    own = dict(ours.by_time["psnr/all"])
    pairs = [(time, value, own.get(time)) for time, value in row.by_time["psnr/all"]]
    return [(time, value - other) for time, value, other in pairs if value is not None and other is not None]


def _region_lead(row: MethodRow, ours: MethodRow, region: str) -> float | None:
    theirs, own = row.values.get(f"psnr/{region}"), ours.values.get(f"psnr/{region}")
    return None if theirs is None or own is None else theirs - own
