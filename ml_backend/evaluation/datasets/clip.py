"""Plain clips from a camera that stands: the first frame is the photo, later frames are the truth.

The flow is the mean over the clip of OpenCV's DIS flow from frame to frame, an Eulerian field; the fluid is where it
is not small. A folder of at least `_LEAST_FRAMES` pictures of one size, with nothing else in it that is known, counts
as a clip too.
"""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch

from ml_backend.camera import photo_camera
from ml_backend.depth.estimate import estimate_depth
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import files_in
from ml_backend.evaluation.datasets.video import VIDEO_SUFFIXES, Footage, Frames, picture_files, read_frames
from ml_backend.evaluation.sample import Sample, Shot, Skipped, Source, Truth
from ml_backend.structures import MotionField

KIND = "clip"
_LENGTH = 60  # frames of the loop, as in the paper's protocol
_LEAST_FRAMES = 4
_NUM_SHOTS = 12
_LEAST_SPEED = 0.15  # of the speed of the fastest twentieth; slower is noise of the flow estimate
_LEAST_SPEED_PX = 0.1  # per frame
_CLOSING = 0.01  # of the long side: holes and specks of the mask up to this size go


def find(place: Path) -> list[Source]:
    """A video, the videos in a folder, or a folder of frames."""
    if place.is_file():
        return [Source(place.stem, KIND, place, (place,))] if place.suffix.lower() in VIDEO_SUFFIXES else []
    videos = sorted(p for p in place.iterdir() if p.suffix.lower() in VIDEO_SUFFIXES)
    if videos:
        return [Source(path.stem, KIND, path, (path,)) for path in videos]
    is_sequence = len(picture_files(place)) >= _LEAST_FRAMES
    return [Source(place.name, KIND, place, files_in(place))] if is_sequence else []


def read(source: Source, max_side: int) -> Sample:
    """A clip; one that breaks off is used as far as it goes, and told. Raises BadInput."""
    footage = read_footage(source, max_side)
    frames, mask = footage.frames, footage.mask
    count, height, width = frames.pixels.shape[:3]
    image = torch.from_numpy(frames.picture(0).transpose(2, 0, 1).copy())
    depth = estimate_depth(image)
    camera = photo_camera(width, height)
    times = sorted({round(k * (count - 1) / (_NUM_SHOTS - 1)) for k in range(_NUM_SHOTS)})
    return Sample(
        name=source.name,
        kind=KIND,
        image=image,
        camera=camera,
        num_frames=count,
        depth=depth,
        motion=MotionField(torch.from_numpy(footage.flow.transpose(2, 0, 1).copy())),
        mask=mask,
        near=depth.near,
        shots=tuple(Shot(f"clip_{t:03d}", "clip", t, camera) for t in times),
        read_truth=lambda shot: Truth(frames.picture(shot.time)),
        is_true_depth=False,
        is_true_motion=False,
        skipped=(Skipped(source.path.name, frames.damage),) if frames.damage else (),
    )


def read_footage(source: Source, max_side: int) -> Footage:
    """The frames of a clip and how its fluid moves. Raises BadInput."""
    frames = read_frames(source.path, max_side, _LENGTH)
    count = len(frames.pixels)
    if count < _LEAST_FRAMES:
        raise BadInput(
            f"{source.path.name} has {count} frames that can be read, at least {_LEAST_FRAMES} are needed.",
            hint="Use a longer clip.",
        )
    flow = mean_flow(frames)
    mask = fluid_mask(flow)
    return Footage(frames, flow * mask[..., None], mask)


def mean_flow(frames: Frames) -> np.ndarray:
    """The mean (H, W, 2) of the DIS flows from each frame to the next, in pixels per frame."""
    estimator = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames.pixels]
    total = np.zeros((*grey[0].shape, 2), np.float64)
    for before, after in pairwise(grey):
        total += estimator.calc(before, after, None)
    return (total / (len(grey) - 1)).astype(np.float32)


def fluid_mask(flow: np.ndarray) -> np.ndarray:
    """Where the flow (H, W, 2) is not small, (H, W) bool, without holes and specks."""
    speed = np.linalg.norm(flow, axis=-1)
    moving = speed > max(_LEAST_SPEED * float(np.quantile(speed, 0.95)), _LEAST_SPEED_PX)
    size = 2 * max(1, round(_CLOSING * max(speed.shape) / 2)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    cleaned = cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return cv2.morphologyEx(cleaned, cv2.MORPH_OPEN, kernel) > 0
