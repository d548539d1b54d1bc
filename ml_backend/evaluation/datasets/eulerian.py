"""The validation set of Holynski et al. 2021 in its published layout, by the paper's protocol (Sec. 4.3).

<scene>_<start>_gt.mp4 from a camera that stands, <scene>_<start>_motion.pth with its Eulerian flow, and beside them
or one folder up align*.json, {"<scene>_<start>": n}: the flow reaches the video's frame 60 after n steps, so it is
multiplied by n / 60. The truth of a novel view is the video's frame, warped by the estimated depth without inpainting;
only the pixels that it covers count.
"""

import io
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ml_backend.camera import photo_camera
from ml_backend.depth.estimate import estimate_depth
from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.fields import as_array, read_json
from ml_backend.evaluation.datasets.trajectories import NUM_FRAMES, PATHS, path_camera
from ml_backend.evaluation.datasets.video import Footage, read_frames
from ml_backend.evaluation.projection import splat_photo
from ml_backend.evaluation.sample import Sample, Shot, Skipped, Source, Truth
from ml_backend.structures import MotionField

KIND = "eulerian"
_VIDEO, _MOTION = "_gt.mp4", "_motion.pth"
_LZ4_MAGIC = b"\x04\x22\x4d\x18"
_COVERED = 0.5
_LEAST_SPEED_PX = 1e-3
# All that a pickled numpy array asks for; the published files are pickles inside LZ4.
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


def find(place: Path) -> list[Source]:
    """The samples whose video is in the folder; a missing motion file is told when the sample is read."""
    if not place.is_dir():
        return []
    sources = []
    for video in sorted(place.glob(f"*{_VIDEO}")):
        name = video.name.removesuffix(_VIDEO)
        files = [video, video.with_name(name + _MOTION), *_alignments(place)]
        sources.append(Source(name, KIND, video, tuple(f for f in files if f.is_file())))
    return sources


def read(source: Source, max_side: int) -> Sample:
    """A sample; times that a truncated video lacks are left out and told. Raises BadInput."""
    footage = read_footage(source, max_side)
    frames, flow = footage.frames, footage.flow
    height, width = frames.pixels.shape[1:3]
    image = torch.from_numpy(frames.picture(0).transpose(2, 0, 1).copy())
    depth = estimate_depth(image)
    near = depth.near
    camera = photo_camera(width, height)
    count = len(frames.pixels)

    def read_truth(shot: Shot) -> Truth:
        frame = torch.from_numpy(frames.picture(shot.time).transpose(2, 0, 1).copy())
        seen = splat_photo(frame, depth, camera, shot.camera)
        return Truth(as_array(seen.features.clamp(0, 1)), (seen.alpha[0] >= _COVERED).numpy())

    return Sample(
        name=source.name,
        kind=KIND,
        image=image,
        camera=camera,
        num_frames=NUM_FRAMES,
        depth=depth,
        motion=MotionField(torch.from_numpy(flow.transpose(2, 0, 1).astype(np.float32))),
        mask=footage.mask,
        near=near,
        shots=tuple(
            Shot(f"{path}_{t:03d}", path, t, path_camera(camera, path, t, near)) for path in PATHS for t in range(count)
        ),
        read_truth=read_truth,
        is_true_depth=False,
        is_true_motion=True,
        skipped=_missing_frames(source, count, frames.damage),
    )


def read_footage(source: Source, max_side: int) -> Footage:
    """The frames of a clip and its published flow. Raises BadInput."""
    frames = read_frames(source.path, max_side, NUM_FRAMES)
    height, width = frames.pixels.shape[1:3]
    flow = read_motion(source.path.with_name(source.name + _MOTION), frames.full_size) * _speed(source)
    scale = np.array([width / frames.full_size[0], height / frames.full_size[1]], np.float32)
    flow = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * scale
    return Footage(frames, flow, np.linalg.norm(flow, axis=-1) > _LEAST_SPEED_PX)


def read_motion(path: Path, size: tuple[int, int]) -> np.ndarray:
    """The flow (H, W, 2) of a file that must be `size` (width, height); nothing in it is executed. Raises BadInput."""
    try:
        data = path.read_bytes()
        flow = _read_lz4(data) if data.startswith(_LZ4_MAGIC) else _read_torch(data)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{path.name} cannot be read ({reason}).", hint="Expected a flow of 2 x H x W.") from error
    flow = np.asarray(flow, dtype=np.float32)
    flow = flow[0] if flow.ndim == 4 and len(flow) == 1 else flow
    if flow.shape != (2, size[1], size[0]) or not np.isfinite(flow).all():
        raise BadInput(
            f"{path.name} holds a flow of {flow.shape}, the video asks for (2, {size[1]}, {size[0]}).",
            hint="Flow and video must be of one size.",
        )
    return np.ascontiguousarray(flow.transpose(1, 2, 0))


def _read_torch(data: bytes) -> np.ndarray:
    loaded = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    if not isinstance(loaded, torch.Tensor):
        raise ValueError(f"it holds a {type(loaded).__name__}, no tensor")
    return loaded.float().numpy()


def _read_lz4(data: bytes) -> np.ndarray:
    try:
        import lz4.frame  # noqa: PLC0415  only this data set needs it
    except ImportError as error:
        raise ValueError("it is packed with LZ4; install the extra `evaluate`") from error
    loaded = _ArrayUnpickler(io.BytesIO(lz4.frame.decompress(data))).load()
    if not isinstance(loaded, np.ndarray):
        raise ValueError(f"it holds a {type(loaded).__name__}, no array")
    return loaded


class _ArrayUnpickler(pickle.Unpickler):
    """Builds numpy arrays and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 (as in the standard library)
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module, name)


def _alignments(folder: Path) -> list[Path]:
    return [path for place in (folder, folder.parent) for path in sorted(place.glob("align*.json"))]


def _speed(source: Source) -> float:
    for path in _alignments(source.path.parent):
        content = read_json(path)
        steps = content.get(source.name) if isinstance(content, dict) else None
        if isinstance(steps, int | float) and steps > 0:
            return float(steps) / NUM_FRAMES
    return 1.0


def _missing_frames(source: Source, count: int, damage: str) -> tuple[Skipped, ...]:
    if count == NUM_FRAMES:
        return ()
    return (Skipped(source.path.name, f"It has {count} of {NUM_FRAMES} frames. {damage}".strip()),)
