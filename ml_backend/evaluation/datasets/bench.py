"""`cinemagraph-bench/1`: path-traced scenes with exact depth, flow, cameras, and novel views over time.

A scene is a folder with `source.png`, `depth.npy` (H, W) z, `flow.npy` (H, W, 2) pixels per frame, `mask.png`, and
`scene.json`: `format`, `width`, `height`, `intrinsics` [fx, fy, cx, cy], `n_frames`, `near_depth`, and `frames`, each
`file`, `t`, `trajectory`, `camera_to_world` (4 x 4, OpenCV axes, world = the photo's camera).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import (
    files_in,
    make_camera,
    read_array,
    read_json,
    read_picture,
    read_sized_picture,
)
from ml_backend.evaluation.sample import Sample, Shot, Skipped, Source, Truth
from ml_backend.photos.media import read_mask
from ml_backend.structures import DepthMap, MotionField

KIND = "bench"
FORMAT = "cinemagraph-bench/1"
_IDENTITY = np.eye(4).tolist()


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    intrinsics: object
    num_frames: int
    near: float
    frames: list[object]


def find(place: Path) -> list[Source]:
    """The scenes in a folder: itself, or its direct subfolders."""
    folders = [place, *sorted(p for p in place.iterdir() if p.is_dir())] if place.is_dir() else []
    return [Source(folder.name, KIND, folder, files_in(folder)) for folder in folders if _is_scene(folder)]


def read(source: Source, max_side: int) -> Sample:
    """One scene at its own size; frames that cannot be used are named in `skipped`. Raises BadInput."""
    folder = source.path
    header = _read_header(folder / "scene.json")
    width, height = header.width, header.height
    camera = make_camera(header.intrinsics, _IDENTITY, (width, height), f"{source.name}/scene.json")
    depth = read_array(folder / "depth.npy", (height, width))
    if depth.min() <= 0:
        raise BadInput(f"{source.name}/depth.npy has depths that are not above 0.", hint="Depth is z, near is small.")
    flow = read_array(folder / "flow.npy", (height, width, 2))
    image = read_picture(folder / "source.png")
    if tuple(image.shape[1:]) != (height, width):
        raise BadInput(f"{source.name}/source.png has not the size in scene.json.", hint="Make the scene anew.")
    shots, skipped = _read_shots(folder, header, camera)

    def read_truth(shot: Shot) -> Truth:
        return Truth(read_sized_picture(folder / "frames" / f"{shot.name}.png", width, height))

    return Sample(
        name=source.name,
        kind=KIND,
        image=image,
        camera=camera,
        num_frames=header.num_frames,
        depth=DepthMap(torch.from_numpy(depth)[None]),
        motion=MotionField(torch.from_numpy(flow.transpose(2, 0, 1).copy())),
        mask=read_mask(folder / "mask.png", width, height)[0].numpy() > 0.5,
        near=header.near,
        shots=tuple(shots),
        read_truth=read_truth,
        is_true_depth=True,
        is_true_motion=True,
        skipped=tuple(skipped),
    )


def _is_scene(folder: Path) -> bool:
    try:
        return FORMAT in (folder / "scene.json").read_text(encoding="utf-8", errors="replace")[:100_000]
    except OSError:
        return False


def _read_header(path: Path) -> _Header:
    content = read_json(path)
    try:
        if content["format"] != FORMAT:
            raise ValueError(f"the format is {content['format']!r}")
        header = _Header(
            width=int(content["width"]),
            height=int(content["height"]),
            intrinsics=content["intrinsics"],
            num_frames=int(content["n_frames"]),
            near=float(content["near_depth"]),
            frames=list(content["frames"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        name = f"{path.parent.name}/{path.name}"
        raise BadInput(f"{name} is no {FORMAT} ({error}).", hint="See docs/evaluation.md.") from error
    if header.num_frames < 1 or not header.near > 0 or min(header.width, header.height) < 1:
        raise BadInput(f"{path.parent.name}/{path.name} has a size, length, or near depth of 0.", hint="Make it anew.")
    return header


def _read_shots(folder: Path, header: _Header, camera: PinholeCamera) -> tuple[list[Shot], list[Skipped]]:
    shots: list[Shot] = []
    skipped: list[Skipped] = []
    for number, entry in enumerate(header.frames):
        frame = entry if isinstance(entry, Mapping) else {}
        file = str(frame.get("file", f"frame {number}"))
        try:
            shots.append(_read_shot(folder, frame, file, header, camera))
        except BadInput as error:
            skipped.append(Skipped(f"{folder.name}/{file}", error.message))
    return shots, skipped


def _read_shot(folder: Path, frame: Mapping[str, object], file: str, header: _Header, camera: PinholeCamera) -> Shot:
    path, time = folder / file, frame.get("t")
    if path.parent != folder / "frames" or path.suffix != ".png" or not path.is_file():
        raise BadInput("There is no such frame.")
    if not isinstance(time, int) or not 0 <= time < header.num_frames:
        raise BadInput(f"Its time t is {time!r}, not a whole number from 0 to {header.num_frames - 1}.")
    size = (camera.width, camera.height)
    own = make_camera(header.intrinsics, frame.get("camera_to_world"), size, file)
    return Shot(path.stem, str(frame.get("trajectory", "")), time, own)
