"""A whole loop of a scene into one video or folder: what `render`, `animate`, and the add-on's ExportVideo share."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.authors.loop import AuthorsLoop, open_loop
from ml_backend.camera import PinholeCamera
from ml_backend.camera_paths import PATHS
from ml_backend.errors import BadInput
from ml_backend.frames.writers import (
    SequenceFormat,
    VideoSettings,
    check_target,
    is_sequence,
    open_writer,
    playback_order,
)
from ml_backend.loop import Loop, RenderSettings
from ml_backend.memory import available_memory_gib, require_memory
from ml_backend.photos.media import load_cameras
from ml_backend.pipeline import path_cameras
from ml_backend.pose import REST, Pose
from ml_backend.scene.region_report import RegionReport, region_reports
from ml_backend.structures import Frame, Progress, Scene, no_progress

if TYPE_CHECKING:
    from ml_backend.scene.folder import BuiltScene

DEFAULT_FRAMES = 60
_MIN_SIDE, _MAX_SIDE = 16, 16384
_OPEN_PATH = "The camera path is open: the picture jumps where the loop starts again."
_MANY_HOLES = 0.2  # of a frame: more is no hidden corner but the border of the photo
_BYTES_PER_PIXEL, _BYTES_PER_POINT = 300, 400  # of memory while rendering, measured
_CLOSED = 3.0  # the way from the last camera to the first, in longest steps between two others, that still closes


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a loop is exported.

    camera: a name of `camera_paths.PATHS` or the path of a cameras.json; num_frames: None is 60, or as many as the
    file has; amplitude: of a named path; size: long side in pixels, None is the photo's; format and passes: of a folder
    of frames, see `frames.writers`; pose: what the artist has hidden; is_draft: half the size, enlarged; samples: along
    each side of a pixel, unless it is a draft.
    """

    camera: str = "circle"
    num_frames: int | None = None
    amplitude: float = 1.0
    size: int | None = None
    format: SequenceFormat = "png"
    passes: frozenset[str] = frozenset()
    video: VideoSettings = field(default_factory=VideoSettings)
    render: RenderSettings = field(default_factory=RenderSettings)
    pose: Pose = REST
    is_draft: bool = False
    samples: int = 1


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built; intrinsics are [fx, fy, cx, cy] in pixels of width x height."""

    scene_dir: str
    width: int
    height: int
    intrinsics: list[float]
    num_layers: int
    num_points: int
    warnings: list[str]
    regions: list[RegionReport]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported; hole_fraction is the largest share of a frame that no point covered and that was filled."""

    path: str
    num_frames: int
    width: int
    height: int
    hole_fraction: float
    warnings: list[str]


def build_report(built: "BuiltScene", scene_dir: Path) -> BuildReport:
    """The figures of a scene that was just built."""
    scene = built.scene
    k = scene.camera.intrinsics
    return BuildReport(
        scene_dir=str(scene_dir),
        width=scene.camera.width,
        height=scene.camera.height,
        intrinsics=[float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])],
        num_layers=len(scene.ldi.colors),
        num_points=len(scene.cloud.positions),
        warnings=list(built.warnings),
        regions=region_reports(built.regions, scene.camera.width, scene.camera.height),
    )


def export_loop(scene: Scene, out: Path, options: ExportOptions, *, progress: Progress = no_progress) -> ExportReport:
    """Render one frame per camera and write them to `out`: .mp4, .webm, .gif, or a folder.

    Raises:
        BadInput: no such camera, or a size that is no picture.
        BadOutput: `out` cannot be written.
    """
    cameras = choose_cameras(scene, options)
    _check_memory(scene, cameras[0], options.samples)
    near = scene.depth.near
    hole_fraction = 0.0
    with open_writer(out, options.video, format=options.format, passes=options.passes, near=near) as writer:
        loop = open_loop(scene, len(cameras), options.render)
        for number, camera in enumerate(cameras):
            progress("rendering", number / len(cameras))
            frame = _render(loop, camera, number, options)
            writer.write(frame)
            hole_fraction = max(hole_fraction, frame.hole_fraction)
        progress("finishing", 1.0)
    return ExportReport(
        path=str(out),
        num_frames=len(cameras),
        width=cameras[0].width,
        height=cameras[0].height,
        hole_fraction=hole_fraction,
        warnings=_warnings(out, cameras, options, hole_fraction),
    )


def _render(loop: Loop | AuthorsLoop, camera: PinholeCamera, number: int, options: ExportOptions) -> Frame:
    if options.is_draft:
        return loop.render_draft(camera, number, options.pose)
    return loop.render(camera, number, options.pose, options.samples)


def check_export(out: Path, options: ExportOptions) -> None:
    """Raise what `export_loop` would without looking at a scene: wrong output, size, or camera."""
    check_target(out, format=options.format, passes=options.passes)
    check_camera(options.camera)
    if options.camera not in PATHS:
        _cameras_of_file(Path(options.camera), options)
    _frame_size(_MAX_SIDE, _MAX_SIDE, options.size)


def choose_cameras(scene: Scene, options: ExportOptions) -> list[PinholeCamera]:
    """One camera per frame, of the frames' size; raises BadInput."""
    check_camera(options.camera)
    if options.num_frames is not None and options.num_frames < 1:
        raise BadInput(f"A loop of {options.num_frames} frames is none.", hint="Use at least 2 frames.")
    if options.camera in PATHS:
        width, height = _frame_size(scene.camera.width, scene.camera.height, options.size)
        num_frames = options.num_frames or DEFAULT_FRAMES
        return path_cameras(scene, options.camera, num_frames, width=width, height=height, amplitude=options.amplitude)
    return _cameras_of_file(Path(options.camera), options)


def check_camera(camera: str) -> None:
    """Raise BadInput where `camera` is neither the name of a path nor a file."""
    if camera not in PATHS and not Path(camera).is_file():
        raise BadInput(
            f"There is no camera path {camera!r}.", hint=f"Choose one of {', '.join(PATHS)}, or give a cameras.json."
        )


def _warnings(out: Path, cameras: Sequence[PinholeCamera], options: ExportOptions, hole_fraction: float) -> list[str]:
    warnings = [] if options.video.ping_pong or is_closed(cameras) else [_OPEN_PATH]
    if hole_fraction > _MANY_HOLES:
        warnings.append(
            f"Up to {hole_fraction:.0%} of a frame shows nothing of the photo: the camera leaves it. "
            "Use a smaller --amplitude, or another camera path."
        )
    count = len(playback_order(len(cameras), options.video))
    if is_sequence(out) and (left_over := sorted(out.glob(f"frame_{count:04d}.*"))):
        warnings.append(f"{left_over[0]} and what follows are older frames. Remove them, or use an empty folder.")
    return warnings


def _check_memory(scene: Scene, camera: PinholeCamera, samples: int) -> None:
    pixels = camera.width * camera.height * samples**2
    needed = pixels * _BYTES_PER_PIXEL + len(scene.cloud.positions) * _BYTES_PER_POINT
    require_memory(f"A frame of {camera.width} x {camera.height} pixels", needed / 2**30, available_memory_gib())


def is_closed(cameras: Sequence[PinholeCamera]) -> bool:
    """Whether going from the last camera to the first is a step like the others."""
    poses = [c.world_to_camera.inverse()[:3] for c in cameras]
    steps = [float((a - b).norm()) for a, b in pairwise(poses)]
    closing = float((poses[-1] - poses[0]).norm())
    return closing <= _CLOSED * max(steps, default=0.0) + 1e-9


def _cameras_of_file(path: Path, options: ExportOptions) -> list[PinholeCamera]:
    cameras = load_cameras(path, 1, 1)  # checks the file
    if options.num_frames not in (None, len(cameras)):
        raise BadInput(
            f"{path.name} has {len(cameras)} cameras, not {options.num_frames}.",
            hint="Leave out the number of frames, or export the cameras again.",
        )
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    return load_cameras(path, *_frame_size(document["width"], document["height"], options.size))


def _frame_size(width: int, height: int, size: int | None) -> tuple[int, int]:
    size = size or max(width, height)
    if not _MIN_SIDE <= size <= _MAX_SIDE:
        raise BadInput(f"{size} is no size of a frame.", hint=f"Use {_MIN_SIDE} to {_MAX_SIDE} pixels.")
    scale = size / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))
