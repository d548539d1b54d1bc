"""What the command line does in Blender: build a .blend from a photo, render it, make loops of many photos.

Everything goes through the operators, as in a script of an artist's own. What fails raises Stop with an exit code.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import bpy

from . import modal_job
from .backend_environment import find_python
from .bridge.folder_check import FolderState, check_folder
from .bridge.problem import Problem
from .file_paths import relative_when_saved, scene_folder
from .frame_files import use_even_size, write_frames_to
from .operators.find_files import PHOTO_ENDINGS

EXIT_FAILED, EXIT_INPUT, EXIT_SCENE, EXIT_OUTPUT, EXIT_MISSING, EXIT_STOPPED = 1, 2, 3, 4, 5, 130
# Codes of the backend's errors, with the exit codes of its own command line.
_EXIT_CODES = {
    "bad_input": EXIT_INPUT,
    "bad_scene": EXIT_SCENE,
    "bad_output": EXIT_OUTPUT,
    "missing_dependency": EXIT_MISSING,
    "weights_mismatch": 6,
    "protocol_error": 7,
    "protocol_mismatch": 7,
}
_VIDEOS = (".mp4", ".webm", ".gif", ".mkv", ".mov", ".avi")
Say = Callable[[str], None]


class Stop(Exception):
    """The command ends here; the message is for stderr."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scene is built: files by the name of their property (`mask`, `depth`, ...), sizes, and the camera."""

    files: tuple[tuple[str, Path], ...] = ()
    size: int = 1280
    layers: int = 0
    frames: int = 60
    fps: float = 25.0
    camera: str = "circle"
    amplitude: float = 1.0


@dataclass(frozen=True, slots=True)
class Loops:
    """How loops of many photos are written: kind of file, repetitions, forwards and back, and what stays beside them.

    masks and hints are folders with a file of the photo's name for each photo; keep_scenes leaves .blend files.
    """

    ending: str = ".mp4"
    loops: int = 1
    ping_pong: bool = False
    masks: Path | None = None
    hints: Path | None = None
    keep_scenes: bool = False
    overwrite: bool = False


def build(photo: Path, blend: Path, settings: Settings, say: Say, *, scene_dir: Path | None, overwrite: bool) -> None:
    """Photo -> .blend with scene, camera, and settings for PNG frames; the scene folder stands beside it."""
    require_backend()
    for path in (photo, *(path for _, path in settings.files)):
        _require_file(path)
    if blend.exists() and not overwrite:
        raise Stop(f"{blend} exists, and may hold work. Give another name, or --overwrite.", EXIT_OUTPUT)
    _make_folder(blend.parent)
    bpy.ops.wm.read_homefile(use_empty=True)
    _save(blend)  # first, so that paths are kept relative to the file
    scene = bpy.context.scene
    values = scene.cinemagraph
    for name, path in (("photo", photo), *settings.files):
        setattr(values, name, relative_when_saved(str(path)))
    if scene_dir is not None:
        values.scene_dir = relative_when_saved(str(scene_dir))
    values.working_size, values.layers, values.loop_frames = settings.size, str(settings.layers), settings.frames
    _set_fps(scene, settings.fps)
    _run_job(bpy.ops.cinemagraph.build_scene)
    say(bpy.context.scene.cinemagraph.message)  # with -c, Blender does not show what operators report
    _run(bpy.ops.cinemagraph.add_camera, path=settings.camera, amplitude=settings.amplitude)
    write_frames_to(bpy.context.scene, "//frames/", "png")
    with _without_backup():  # the file of a moment ago
        _save(blend)
    say(f"Saved {blend}")


def render(blend: Path, out: Path | None, say: Say, *, frames: tuple[int, int] | None, format: str | None) -> None:
    """Render the frames of a .blend by Blender's own pipeline; the file itself stays as it is."""
    _require_file(blend)
    _run(bpy.ops.wm.open_mainfile, filepath=str(blend))
    scene = bpy.context.scene
    if scene.cinemagraph.is_built:
        require_backend()
        _require_scene_folder(scene)
    if frames is not None:
        scene.frame_start, scene.frame_end = frames
    if out is not None or format is not None:
        _choose_output(scene, blend, out, format)
    with _telling_frames(say, len(range(scene.frame_start, scene.frame_end + 1, scene.frame_step))):
        _run(bpy.ops.render.render, animation=True)
    say(f"Wrote {bpy.path.abspath(scene.render.filepath)}")


def batch(photos: Sequence[Path], out: Path, settings: Settings, loops: Loops, say: Say) -> int:
    """A loop of each photo, file or folder of them; one that fails does not stop the rest. The exit code."""
    require_backend()
    _make_folder(out)
    failures: list[Stop] = []
    targets = _targets(_found_photos(photos), out, loops.ending)
    for number, (photo, target) in enumerate(targets, start=1):
        say(f"[{number}/{len(targets)}] {photo.name}")
        if target.exists() and not loops.overwrite:
            say(f"{target} is there already; --overwrite makes it again")
            continue
        try:
            _make_loop(photo, target, settings, loops, say)
        except Stop as stop:
            if stop.exit_code == EXIT_STOPPED:
                raise
            failures.append(stop)
            say(f"{photo.name} failed: {stop}")
    say(f"{len(targets) - len(failures)} of {len(targets)} photos have their loop in {out}")
    return failures[0].exit_code if failures else 0


def require_backend() -> None:
    """Raise Stop where no backend is set up."""
    try:
        find_python()
    except Problem as problem:
        raise Stop(str(problem), EXIT_MISSING) from problem


def _make_loop(photo: Path, target: Path, settings: Settings, loops: Loops, say: Say) -> None:
    work = target.parent if loops.keep_scenes else Path(tempfile.mkdtemp(prefix=".cinemagraph-", dir=target.parent))
    try:
        found = [(name, _file_named(folder, photo.stem)) for name, folder in _side_folders(loops)]
        files = (*settings.files, *((name, path) for name, path in found if path is not None))
        for name, path in found:
            if path is None:
                say(f"{photo.name} has no {name}")
        own = replace(settings, files=files)
        blend, scene_dir = work / f"{target.stem}.blend", work / f"{target.stem}.cinemagraph"
        build(photo, blend, own, say, scene_dir=scene_dir, overwrite=loops.overwrite)
        options = {"loops": loops.loops, "ping_pong": loops.ping_pong}
        _run_job(bpy.ops.cinemagraph.export_loop, filepath=str(target), **options)
        say(bpy.context.scene.cinemagraph.message)
    finally:
        if not loops.keep_scenes:
            shutil.rmtree(work, ignore_errors=True)


def _side_folders(loops: Loops) -> list[tuple[str, Path]]:
    folders = (("mask", loops.masks), ("hints", loops.hints))
    return [(name, folder) for name, folder in folders if folder is not None]


def _file_named(folder: Path, stem: str) -> Path | None:
    return next((path for path in sorted(folder.glob("*")) if path.is_file() and path.stem == stem), None)


def _found_photos(photos: Sequence[Path]) -> Iterator[Path]:
    for path in photos:
        if path.is_dir():
            yield from (p for p in sorted(path.iterdir()) if p.suffix.lower() in PHOTO_ENDINGS and p.is_file())
        else:
            yield path


def _targets(photos: Iterator[Path], out: Path, ending: str) -> list[tuple[Path, Path]]:
    """Each photo with its file in `out`; a second photo of the same name gets a number."""
    taken: set[str] = set()
    targets = []
    for photo in photos:
        name, number = photo.stem, 2
        while name.lower() in taken:  # some file systems take both as one
            name, number = f"{photo.stem}-{number}", number + 1
        taken.add(name.lower())
        targets.append((photo, out / f"{name}{ending}"))
    return targets


def _choose_output(scene: bpy.types.Scene, blend: Path, out: Path | None, format: str | None) -> None:
    format = format or ("mp4" if out is not None and out.suffix.lower() == ".mp4" else "png")
    ending = out.suffix.lower() if out is not None else ""
    if ending in _VIDEOS and (format, ending) != ("mp4", ".mp4"):
        raise Stop(f"{out.name} does not hold {format}. Give a folder for frames, or a name with .mp4.", EXIT_OUTPUT)
    out = out or (blend.with_suffix(".mp4") if format == "mp4" else blend.parent / "frames")
    if format == "mp4":
        _make_folder(out.parent)
        use_even_size(scene.render)
        write_frames_to(scene, str(out.with_suffix(".mp4")), format)
    else:
        _make_folder(out)
        write_frames_to(scene, f"{out}/", format)


@contextmanager
def _telling_frames(say: Say, count: int) -> Iterator[None]:
    written: list[int] = []

    def tell(scene: bpy.types.Scene, *_: object) -> None:
        written.append(scene.frame_current)
        say(f"Frame {scene.frame_current} ({len(written)} of {count})")

    bpy.app.handlers.render_write.append(tell)
    try:
        yield
    finally:
        bpy.app.handlers.render_write.remove(tell)


def _run(operator: Callable[..., set[str]], **options: object) -> None:
    try:
        ended = operator(**options)
    except RuntimeError as error:
        message = str(error).strip().removeprefix("Error: ")
        raise Stop(message, EXIT_STOPPED if "was stopped" in message else EXIT_FAILED) from error
    if "CANCELLED" in ended:
        raise Stop("Stopped.", EXIT_STOPPED)


def _run_job(operator: Callable[..., set[str]], **options: object) -> None:
    try:
        _run(operator, **options)
    except Stop as stop:
        raise Stop(str(stop), _EXIT_CODES.get(modal_job.last_code(), stop.exit_code)) from stop


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise Stop(f"There is no file {path}.", EXIT_INPUT)


def _require_scene_folder(scene: bpy.types.Scene) -> None:
    folder = scene_folder(scene)
    if check_folder(folder).state is not FolderState.WHOLE:
        raise Stop(f"The scene folder {folder} is missing, incomplete, or of another version.", EXIT_SCENE)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"{folder} cannot be made: {error.strerror}.", EXIT_OUTPUT) from error


def _save(blend: Path) -> None:
    try:
        _run(bpy.ops.wm.save_as_mainfile, filepath=str(blend))
    except Stop as stop:
        raise Stop(str(stop), EXIT_OUTPUT) from stop


@contextmanager
def _without_backup() -> Iterator[None]:
    filepaths = bpy.context.preferences.filepaths
    before, filepaths.save_version = filepaths.save_version, 0
    try:
        yield
    finally:
        filepaths.save_version = before


def _set_fps(scene: bpy.types.Scene, fps: float) -> None:
    """Blender's speed is a whole number divided by a base: 29.97 is 30 / 1.001."""
    whole = max(1, round(fps))
    scene.render.fps, scene.render.fps_base = whole, float(Fraction(whole) / Fraction(fps))
