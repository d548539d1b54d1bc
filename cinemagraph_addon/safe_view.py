"""Safe View: what the camera's view shows that the photo does not know, measured while the artist looks.

Drawing says which view it wants; a timer asks the backend, one view at a time, and lets Blender draw again when the
answer is there. Nothing waits, and the timer runs only while something is asked for. While the animation plays nothing
is asked: the cores have other things to do.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..ml_backend.protocol import CancelledEvent, Failed, MeasureViews, Result
from . import backend_process
from .bridge.arrays import read_array
from .bridge.client import Ending, Job
from .bridge.problem import Problem
from .camera import PinholeView
from .modal_job import running_job
from .view_measure import measure_fields

_POLL_S = 0.02
_BUSY_S = 0.5  # between two looks while a job or a render has the backend
_CAUTION = 2.5  # times the allowed share, from which a view is no longer nearly safe


@dataclass(frozen=True, slots=True)
class Measured:
    """unknown and holes: percent of the frame; mask (h, w) uint8: 0 known, 1 inpainted, 2 beyond; row 0 on top."""

    unknown: float
    holes: float
    mask: np.ndarray


@dataclass(frozen=True, slots=True)
class _Asked:
    fields: dict[str, object]
    job: Job
    folder: Path


@dataclass(slots=True)
class _State:
    """Fields of the request that is wanted, on its way, and answered; a problem belongs to the answered one."""

    wanted: dict[str, object] | None = None
    asked: _Asked | None = None
    answered: dict[str, object] | None = None
    measured: Measured | None = None
    problem: str = ""


_state = _State()


def want(scene: bpy.types.Scene, view_layer: bpy.types.ViewLayer, view: PinholeView) -> None:
    """Say which view is looked at; asks for it soon if it is another one than before. Raises Problem."""
    _state.wanted = {**measure_fields(scene, view_layer, [view]), "built": _built_at(scene)}
    if _state.wanted != _state.answered:
        _start_timer()


def measured() -> Measured | None:
    """The newest answer."""
    return _state.measured


def is_current() -> bool:
    """Whether the newest answer is of the view that is wanted."""
    return _state.answered is not None and _state.answered == _state.wanted


def problem() -> str:
    """Why there is no answer, or an empty string."""
    return _state.problem


def rating(unknown: float, allowed: float) -> str:
    """SAFE, CAUTION, or UNSAFE: a share against the allowed one, both in percent."""
    if unknown <= allowed:
        return "SAFE"
    return "CAUTION" if unknown <= _CAUTION * allowed else "UNSAFE"


def forget() -> None:
    """Stop what is on its way and let go of the answer."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    _drop()
    _state.wanted = _state.answered = _state.measured = None
    _state.problem = ""


def _built_at(scene: bpy.types.Scene) -> int:
    """Changes when the scene is built anew: the same view may then show other things."""
    file = Path(bpy.path.abspath(scene.cinemagraph.scene_dir)) / "scene.json"
    return file.stat().st_mtime_ns if file.is_file() else 0


def _start_timer() -> None:
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=_POLL_S)


def _look() -> float | None:
    """Take an answer, ask for what is wanted; the time to the next look, or None when nothing is wanted."""
    if _state.asked is not None:
        if (ending := _state.asked.job.poll()) is None:
            return _POLL_S
        _receive(_state.asked, ending)
        redraw()
    if _state.wanted is None or is_current():
        return None
    if running_job() is not None or bpy.app.is_job_running("RENDER") or _is_playing():
        return _BUSY_S
    _ask(_state.wanted)
    return _POLL_S


def _ask(wanted: dict[str, object]) -> None:
    fields = {name: value for name, value in wanted.items() if name != "built"}
    try:
        client = backend_process.client()
        folder = Path(tempfile.mkdtemp(prefix="measure-", dir=client.folder))
    except (Problem, OSError) as error:
        _state.answered, _state.measured, _state.problem = wanted, None, str(error)
        redraw()
        return
    _state.asked = _Asked(wanted, client.submit(MeasureViews, **fields, output_dir=str(folder)), folder)


def _receive(asked: _Asked, ending: Ending) -> None:
    _state.asked = None
    try:
        _state.answered, _state.measured, _state.problem = asked.fields, *_read(ending)
    finally:
        shutil.rmtree(asked.folder, ignore_errors=True)


def _read(ending: Ending) -> tuple[Measured | None, str]:
    match ending:
        case Failed(message=message):
            return None, message
        case CancelledEvent():
            return None, ""
        case Result(values=values):
            try:
                mask = read_array(str(values["masks"]), (1, None, None))[0]
            except Problem as problem:
                return None, problem.message
            return Measured(100 * values["unknown"][0], 100 * values["holes"][0], mask), ""


def _drop() -> None:
    if _state.asked is not None:
        _state.asked.job.cancel()
        shutil.rmtree(_state.asked.folder, ignore_errors=True)
        _state.asked = None


def redraw() -> None:
    """Let all 3D viewports draw again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _is_playing() -> bool:
    return any(window.screen.is_animation_playing for window in bpy.context.window_manager.windows)
