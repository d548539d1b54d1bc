"""Rendered frames out: videos, GIF, and sequences of PNG or EXR with their depth and alpha."""

import logging
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
import OpenEXR
import torch

from ml_backend.atomic_file import replacing, require_writable_folder, unwritable
from ml_backend.errors import BadInput, BadOutput
from ml_backend.frames.gif import MAX_FPS, writing_gif
from ml_backend.frames.ping_pong import there_and_back
from ml_backend.frames.video import H264, VP9, require_encoder, writing_video
from ml_backend.photos.color import srgb_to_linear
from ml_backend.photos.media import read_photo, to_integers, write_png
from ml_backend.structures import Frame, Progress, no_progress

_log = logging.getLogger(__name__)

SequenceFormat = Literal["png", "png16", "exr"]
WriteFrame = Callable[[Frame], None]

_PASSES = {"depth", "alpha"}
_CODECS = {".mp4": H264, ".webm": VP9}
_BACKGROUND_DEPTH = 1e10  # as Blender writes the depth of nothing
_ALL_OF_IT = 1 << 30  # frames are never reduced


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Frames per second, how often the loop is repeated in the file, and quality as H.264 counts it.

    quality: 0 is lossless, 18 looks lossless, 51 is worst; used by MP4 and WebM. ping_pong: each repetition goes
    forwards and then backwards, without showing its first and last frame twice.
    """

    fps: float = 25.0
    loops: int = 1
    quality: int = 18
    ping_pong: bool = False

    def __post_init__(self) -> None:
        if not 0.1 <= self.fps <= 240.0:
            raise BadInput(f"{self.fps:g} frames per second is no speed for a video.", hint="Choose 0.1 to 240.")
        if not 1 <= self.loops <= 1000:
            raise BadInput(f"{self.loops} loops cannot be written.", hint="Choose 1 to 1000.")
        if not 0 <= self.quality <= 51:
            raise BadInput(f"{self.quality} is no quality.", hint="Choose 0 (best) to 51 (smallest file).")


class FrameWriter:
    """Takes frames in order. Use it in a `with` block.

    When the block ends well, the file gets its final name. On an error or Ctrl-C the unfinished video is removed; of a
    sequence the finished frames stay.
    """

    def __init__(self, target: AbstractContextManager[WriteFrame], path: Path) -> None:
        self._target = target
        self._path = path
        self._size: tuple[int, ...] | None = None

    def __enter__(self) -> Self:
        self._write = self._target.__enter__()
        return self

    def write(self, frame: Frame) -> None:
        """Add the next frame; all have the size of the first. Raises BadOutput when it cannot be stored."""
        size = tuple(frame.rgb.shape)
        if self._size not in (None, size):
            raise ValueError(f"frame of shape {size} after frames of shape {self._size}")
        self._size = size
        try:
            self._write(frame)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._target.__exit__(None, None, None)
            return
        with suppress(BaseException):  # clean up; what went wrong inside the block is what is told
            self._target.__exit__(kind, error, trace)


def open_writer(
    path: Path,
    settings: VideoSettings,
    *,
    format: SequenceFormat = "png",
    passes: frozenset[str] = frozenset(),
    near: float = 1.0,
) -> FrameWriter:
    """A writer chosen by suffix: .mp4, .webm, .gif; a folder or a name without suffix is a sequence frame_0000.png.

    A GIF loops forever, whatever `settings.loops`, and shows at most 50 frames per second.

    Args:
        path: the file or folder to make.
        settings: speed, loops, quality.
        format: of a sequence: 8-bit PNG, 16-bit PNG, or EXR (scene linear, half).
        passes: of a sequence: "depth", "alpha". PNG: beside the frames as 16-bit depth_0000.png (near / depth, so that
            near is white) and alpha_0000.png. EXR: channels Z (scene unit) and A (RGB is not multiplied by it).
        near: depth that is white in depth PNGs.

    Raises:
        BadOutput: no such format, passes or deep frames asked of a video, or a place that cannot be written.
        MissingDependency: PyAV lacks the encoder.
    """
    check_target(path, format=format, passes=passes)
    if is_sequence(path):
        return FrameWriter(_writing_sequence(path, settings, format, passes, near), path)
    if path.suffix.lower() == ".gif":
        if settings.fps > MAX_FPS:
            _log.warning("A GIF shows at most %g frames per second; it will run slower.", MAX_FPS)
        video = writing_gif(path, settings.fps)
    else:
        codec = _CODECS[path.suffix.lower()]
        video = writing_video(path, codec, settings.fps, settings.loops, settings.quality)
    if settings.ping_pong:
        video = there_and_back(video, path.parent)
    return FrameWriter(_writing_rgb(video), path)


def playback_order(count: int, settings: VideoSettings) -> list[int]:
    """The rendered frame, 0 to count - 1, at each place of what is written."""
    once = [*range(count), *range(count - 2, 0, -1)] if settings.ping_pong else [*range(count)]
    return once * settings.loops


def check_target(path: Path, *, format: SequenceFormat = "png", passes: frozenset[str] = frozenset()) -> None:
    """Raise what `open_writer` would, before any frame is rendered; the folder to write to is made."""
    if is_sequence(path):
        if unknown := passes - _PASSES:
            raise BadOutput(f"There is no pass {sorted(unknown)[0]}.", hint="Choose depth, alpha, or both.")
        require_writable_folder(path)
        return
    suffix = path.suffix.lower()
    if suffix not in (".gif", *_CODECS):
        raise BadOutput(
            f"{path.name}: frames are not written as {suffix}.",
            hint="Use .mp4, .webm, .gif, or a folder name without a dot for PNG or EXR frames.",
        )
    if passes:
        raise BadOutput(f"{path.name} cannot hold {' and '.join(sorted(passes))}.", hint="Write to a folder instead.")
    if format != "png":
        raise BadOutput(f"{path.name} cannot hold {format} frames.", hint="Write to a folder instead.")
    codec = _CODECS.get(suffix)
    require_encoder(codec.encoder if codec else "gif", codec.title if codec else "GIF")
    require_writable_folder(path.parent)


def is_sequence(path: Path) -> bool:
    """Whether frames go to `path` as a folder of numbered files."""
    return path.is_dir() or not path.suffix


def encode_frames(folder: Path, out: Path, settings: VideoSettings, progress: Progress = no_progress) -> None:
    """Make a video or GIF of the numbered PNG files in a folder (frame_0000.png, or 0001.png as Blender writes).

    Raises:
        BadInput: no frames, several sequences, or frames of different sizes.
        BadOutput: see `open_writer`.
    """
    paths = numbered_frames(folder)
    size: tuple[int, ...] = ()
    with open_writer(out, settings) as writer:
        for number, path in enumerate(paths):
            progress("encode", number / len(paths))
            rgb = read_photo(path, _ALL_OF_IT).image
            if size not in ((), tuple(rgb.shape)):
                raise BadInput(
                    f"{path.name} has {rgb.shape[2]} x {rgb.shape[1]} pixels, the frames before {size[2]} x {size[1]}.",
                    hint="Render all frames at one size.",
                )
            size = tuple(rgb.shape)
            whole = torch.ones(1, *size[1:])
            writer.write(Frame(rgb, depth=whole, alpha=whole, hole_fraction=0.0, num_points=0))
    progress("encode", 1.0)


def numbered_frames(folder: Path) -> list[Path]:
    """The one sequence of numbered PNG files in a folder, in order; depth_ and alpha_ passes are left out.

    Raises:
        BadInput: none, or more than one sequence.
    """
    sequences: defaultdict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in sorted(folder.glob("*.png")):
        found = re.fullmatch(r"(.*?)(\d+)", path.stem)
        if found and found[1] not in ("depth_", "alpha_"):
            sequences[found[1]].append((int(found[2]), path))
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", hint="Check the path and its spelling.")
    if not sequences:
        raise BadInput(f"{folder} has no numbered PNG frames.", hint="Render them first, for example frame_0000.png.")
    if len(sequences) > 1:
        names = ", ".join(paths[0][1].name for paths in list(sequences.values())[:3])
        raise BadInput(f"{folder} holds several sequences ({names}, ...).", hint="Leave only one in the folder.")
    return [path for _, path in sorted(next(iter(sequences.values())))]


@contextmanager
def _writing_rgb(target: AbstractContextManager[Callable[[np.ndarray], None]]) -> Iterator[WriteFrame]:
    with target as write:
        yield lambda frame: write(np.ascontiguousarray(to_integers(frame.rgb, 8).transpose(1, 2, 0)))


@contextmanager
def _writing_sequence(
    folder: Path, settings: VideoSettings, format: SequenceFormat, passes: frozenset[str], near: float
) -> Iterator[WriteFrame]:
    count = 0

    def write(frame: Frame) -> None:
        nonlocal count
        if format == "exr":
            _write_exr(frame, folder / f"frame_{count:04d}.exr", passes)
        else:
            _write_pngs(frame, folder, count, bits=16 if format == "png16" else 8, passes=passes, near=near)
        count += 1

    yield write
    suffix = "exr" if format == "exr" else "png"
    kinds = ["frame"] if format == "exr" else ["frame", *sorted(passes)]
    for copy, source in list(enumerate(playback_order(count, settings)))[count:]:
        for kind in kinds:
            with replacing(folder / f"{kind}_{copy:04d}.{suffix}") as partial:
                shutil.copyfile(folder / f"{kind}_{source:04d}.{suffix}", partial)


def _write_pngs(frame: Frame, folder: Path, number: int, *, bits: int, passes: frozenset[str], near: float) -> None:
    write_png(to_integers(frame.rgb, bits).transpose(1, 2, 0)[..., ::-1], folder / f"frame_{number:04d}.png")
    if "depth" in passes:
        nearness = near / frame.depth.clamp(min=1e-6)  # infinitely far is 0
        write_png(to_integers(nearness, 16)[0], folder / f"depth_{number:04d}.png")
    if "alpha" in passes:
        write_png(to_integers(frame.alpha, 16)[0], folder / f"alpha_{number:04d}.png")


def _write_exr(frame: Frame, path: Path, passes: frozenset[str]) -> None:
    rgb = srgb_to_linear(frame.rgb.detach().cpu().clamp(0.0, 1.0)).half().numpy()
    channels = dict(zip("RGB", rgb, strict=True))
    if "depth" in passes:
        depth = frame.depth[0].detach().cpu().numpy().astype(np.float32)
        channels["Z"] = np.where(np.isfinite(depth), depth, np.float32(_BACKGROUND_DEPTH))
    if "alpha" in passes:
        channels["A"] = frame.alpha[0].detach().cpu().numpy().astype(np.float16)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    channels = {name: np.ascontiguousarray(values) for name, values in channels.items()}
    with replacing(path) as partial, OpenEXR.File(header, channels) as file:
        try:
            file.write(str(partial))
        except RuntimeError as error:
            raise OSError(str(error)) from error
