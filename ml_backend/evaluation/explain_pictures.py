"""Why a method is ahead of ours, to be seen: where it gains most, and how both close their loop."""

from collections.abc import Iterator, Sequence
from html import escape

import cv2
import numpy as np

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.find import open_sample
from ml_backend.evaluation.explain import rows_ahead
from ml_backend.evaluation.inputs import Table
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.pictures import draw_tile
from ml_backend.evaluation.shots import STRIP
from ml_backend.evaluation.store import open_store
from ml_backend.evaluation.summary import MethodRow
from ml_backend.evaluation.work import Job, JobResult

_CROP_SHARE = 1 / 3  # of each side of the picture
_STEP_GAIN = 4.0  # a mean change of a quarter is white


def draw_leads(
    results: Sequence[JobResult], rows: Sequence[MethodRow], methods: Sequence[Method], table: Table
) -> Iterator[str]:
    """HTML for each method that is ahead of ours: the part of a picture in which it gains most, and both seams."""
    own = [result for result in results if result.job.table == table]
    titles = {method.name: method.title for method in methods}
    for row in rows_ahead(rows):
        pair = _widest_lead([r for r in own if r.job.method == "ours"], [r for r in own if r.job.method == row.method])
        if pair:
            tiles = [*_crops(*pair, titles[row.method]), *_seams(*pair[:2], titles[row.method])]
            title = f"{titles[row.method]} against ours: {pair[0].source.name}, {pair[2]}"
            yield f'<h4>{escape(title)}</h4><div class="pictures">{"".join(tiles)}</div>'


def _widest_lead(ours: Sequence[JobResult], theirs: Sequence[JobResult]) -> tuple[Job, Job, str] | None:
    """Our job, theirs, and the shot in which they gain most in PSNR."""
    own = {result.job.source: (result.job, _quality(result)) for result in ours}
    leads = [
        (quality - own[result.job.source][1][shot], own[result.job.source][0], result.job, shot)
        for result in theirs
        if result.job.source in own
        for shot, quality in _quality(result).items()
        if shot in own[result.job.source][1]
    ]
    return max(leads, key=lambda lead: lead[0])[1:] if leads else None


def _quality(result: JobResult) -> dict[str, float]:
    return {shot.shot: value for shot in result.shots if (value := shot.measures.get("psnr/all")) is not None}


def _crops(ours: Job, theirs: Job, shot: str, title: str) -> list[str]:
    try:
        sample = open_sample(ours.source, ours.max_side)
        truth = sample.read_truth(next(s for s in sample.shots if s.name == shot)).image
    except BadInput:  # told as skipped
        return []
    first, second = _picture(ours, shot), _picture(theirs, shot)
    if first is None or second is None:
        return []
    part = largest_part(((first - truth) ** 2 - (second - truth) ** 2).mean(axis=-1))
    named = (("The truth", truth), ("Ours", first), (title, second))
    return [draw_tile(f"{name}, where ours loses most", picture[part]) for name, picture in named]


def largest_part(values: np.ndarray) -> tuple[slice, slice]:
    """The window, a third of each side, in which a map (H, W) has its largest mean."""
    height, width = values.shape
    size = max(1, round(height * _CROP_SHARE)), max(1, round(width * _CROP_SHARE))
    sums = cv2.boxFilter(values.astype(np.float64), -1, size[::-1], anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    inside = sums[: height - size[0] + 1, : width - size[1] + 1]
    row, col = (int(place) for place in np.unravel_index(inside.argmax(), inside.shape))
    return slice(row, row + size[0]), slice(col, col + size[1])


def _seams(ours: Job, theirs: Job, title: str) -> list[str]:
    last = open_sample(ours.source, ours.max_side).num_frames - 1
    tiles = []
    for name, job in (("Ours", ours), (title, theirs)):
        before, after = _picture(job, f"{STRIP}_{last:03d}"), _picture(job, f"{STRIP}_000")
        if before is not None and after is not None:
            step = (np.abs(after - before).mean(axis=-1, keepdims=True) * _STEP_GAIN).clip(0, 1)
            tiles.append(draw_tile(f"{name}: change where the loop closes, times four", step.repeat(3, axis=-1)))
    return tiles


def _picture(job: Job, shot: str) -> np.ndarray | None:
    return open_store(job.root, job.table, job.source, job.method, job.fingerprint).picture(shot)
