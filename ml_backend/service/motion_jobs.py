"""What EstimateMotion and GuessMotion of `protocol.py` do."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
from torch import Tensor

from ml_backend import protocol
from ml_backend.depth.choice import choose_depth, load_depth
from ml_backend.errors import ProtocolError
from ml_backend.motion.hints import FRAMES
from ml_backend.photos.media import read_depth, read_photo, write_mask, write_photo
from ml_backend.pipeline import estimate_scene_depth
from ml_backend.scene.drawing import MotionOptions, Place, propose_arrows, propose_mask
from ml_backend.scene.motion import FLOW_PICTURE, estimate_scene_motion
from ml_backend.scene.region_report import region_reports
from ml_backend.structures import DepthMap, MotionMethod, Progress, Scene


def estimate_motion(
    request: protocol.EstimateMotion, scene: Scene, progress: Progress
) -> tuple[Scene, dict[str, object]]:
    """The scene with its new motion, which is also in its folder, and the values of the Result."""
    folder = Path(request.scene_dir)
    options = MotionOptions(
        mask=_path(request.mask),
        freeze=_path(request.freeze),
        hints=_path(request.hints),
        flow=_path(request.flow),
        guess=request.guess_motion,
        speed=request.speed,
        smoothing=request.smoothing,
        region_speeds=region_speeds(request.region_speeds),
        method=motion_method(request.motion_method),
    )
    moved = estimate_scene_motion(scene, folder, options, progress=progress)
    reports = region_reports(moved.regions, scene.camera.width, scene.camera.height)
    values = {
        "scene_dir": request.scene_dir,
        "flow_picture": str(folder / FLOW_PICTURE),
        "regions": [asdict(report) for report in reports],
        "warnings": list(moved.warnings),
    }
    return moved.scene, values


def guess_motion(request: protocol.GuessMotion, progress: Progress) -> dict[str, object]:
    """Photo and mask as pictures in the output folder, and arrows."""
    progress("reading the photo", 0.05)
    image = read_photo(Path(request.photo), request.size).image
    height, width = image.shape[1:]
    progress("depth", 0.2)
    depth = _depth(request, image)
    mask = propose_mask(image, depth)
    progress("writing", 0.8)
    folder = Path(request.output_dir)
    photo_path, mask_path = folder / "photo.png", folder / "mask.png"
    write_photo(image, photo_path, 8)
    write_mask(mask, mask_path)
    starts, vectors = propose_arrows(image, depth, mask)
    arrows = np.concatenate([starts, starts + vectors * FRAMES], axis=1) / (width, height, width, height)
    return {
        "photo": str(photo_path),
        "mask": str(mask_path),
        "width": width,
        "height": height,
        "arrows": arrows.tolist(),
        "share": float(mask.mean()),
    }


def region_speeds(given: list[list[float]] | None) -> tuple[Place, ...] | None:
    """Checked as [x, y, speed] each; raises ProtocolError."""
    if given is None:
        return None
    for entry in given:
        is_three = isinstance(entry, list) and len(entry) == 3 and all(isinstance(v, int | float) for v in entry)
        if not is_three or not 0 <= entry[2] < float("inf"):
            raise ProtocolError(f"region_speeds: expected [x, y, speed], found {entry}.")
    return tuple((float(x), float(y), float(speed)) for x, y, speed in given)


def motion_method(given: str) -> MotionMethod | None:
    """Checked; raises ProtocolError."""
    if not given:
        return None
    for known in get_args(MotionMethod):
        if given == known:
            return known
    raise ProtocolError(f"motion_method: expected one of {get_args(MotionMethod)}, found {given!r}.")


def _depth(request: protocol.GuessMotion, image: Tensor) -> DepthMap:
    if request.depth:
        return read_depth(Path(request.depth), image.shape[2], image.shape[1])
    return estimate_scene_depth(image, load_depth(choose_depth(_path(request.depth_model))))


def _path(text: str) -> Path | None:
    return Path(text) if text else None
