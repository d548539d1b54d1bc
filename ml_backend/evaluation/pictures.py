"""Side by side: the photo, the truth, each method's picture, and where it is wrong."""

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

import cv2
import numpy as np

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import as_array
from ml_backend.evaluation.datasets.find import open_sample
from ml_backend.evaluation.image_metrics import psnr
from ml_backend.evaluation.inputs import Table
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.sample import Sample, Shot, Truth
from ml_backend.evaluation.shots import choose_shots
from ml_backend.evaluation.store import open_store
from ml_backend.evaluation.work import Job

_WIDTH_PX = 320
_JPEG_QUALITY = 82
_ERROR_GAIN = 4.0  # a mean difference of a quarter is white
_MOMENTS = (0.0, 0.5, 1.0)  # of a path: novel view, middle of the loop, and just before it closes


def draw_pictures(jobs: Sequence[Job], methods: Sequence[Method], table: Table) -> Iterator[str]:
    """HTML of each sample: a few shots, of each all methods whose picture is finished."""
    chosen = [job for job in jobs if job.table == table]
    for _, group in groupby(chosen, key=lambda job: job.source):
        own = list(group)
        try:
            sample = open_sample(own[0].source, own[0].max_side)
        except BadInput:  # told as skipped
            continue
        for shot in typical_shots(choose_shots(sample, is_quick=own[0].is_quick)):
            yield _draw_shot(sample, shot, own, methods)


def typical_shots(shots: Sequence[Shot]) -> list[Shot]:
    """The first shot of one path, the middle one of the next, and the last one of a third."""
    paths = list(dict.fromkeys(shot.trajectory for shot in shots))
    picked: dict[str, Shot] = {}
    for number, moment in enumerate(_MOMENTS):
        own = (
            sorted((s for s in shots if s.trajectory == paths[number % len(paths)]), key=lambda s: s.time)
            if paths
            else []
        )
        if own:
            shot = own[round(moment * (len(own) - 1))]
            picked[shot.name] = shot
    return list(picked.values())


def encode_picture(picture: np.ndarray) -> str:
    """An <img> with a JPEG of a picture (H, W, 3) in [0, 1] inside, at most 320 pixels wide."""
    height, width = picture.shape[:2]
    if width > _WIDTH_PX:
        size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    pixels = np.ascontiguousarray((picture[..., ::-1].clip(0, 1) * 255).round().astype(np.uint8))
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
    return f'<img src="data:image/jpeg;base64,{base64.b64encode(data).decode()}" alt="">'


def _draw_shot(sample: Sample, shot: Shot, jobs: Sequence[Job], methods: Sequence[Method]) -> str:
    try:
        truth = sample.read_truth(shot)
    except BadInput:  # told as skipped
        return ""
    titles = {method.name: method.title for method in methods}
    tiles = [draw_tile("Input", as_array(sample.image)), draw_tile("Truth", truth.image)]
    for job in jobs:
        store = open_store(job.root, job.table, job.source, job.method, job.fingerprint)
        picture = store.picture(shot.name)
        if job.method in titles and picture is not None:
            tiles.append(_compared_tile(titles[job.method], picture, truth))
    title = f"{sample.name}, {shot.trajectory or 'view'}, t = {shot.time} of {sample.num_frames}"
    return f'<h4>{escape(title)}</h4><div class="pictures">{"".join(tiles)}</div>'


def _compared_tile(title: str, picture: np.ndarray, truth: Truth) -> str:
    error = np.abs(picture - truth.image).mean(axis=-1)
    if truth.known is not None:
        error = error * truth.known
    quality = psnr(picture, truth.image, truth.known)
    text = title if quality is None else f"{title}, {quality:.2f} dB"
    shown = np.repeat((error * _ERROR_GAIN).clip(0, 1)[..., None], 3, axis=-1).astype(np.float32)
    return draw_tile(text, picture, encode_picture(shown))


def draw_tile(title: str, picture: np.ndarray, below: str = "") -> str:
    """A figure of a picture (H, W, 3) in [0, 1] with a caption; `below` is HTML between the two."""
    return f"<figure>{encode_picture(picture)}{below}<figcaption>{escape(title)}</figcaption></figure>"
