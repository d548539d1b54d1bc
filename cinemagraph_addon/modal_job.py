"""One way to run a long job: a generator that does a little, says where it is, and yields.

From a button the operator is modal: a timer drives the generator in slices too short to be felt, and Blender stays
responsive; Esc or Cancel closes it. Called from a script or in background mode it blocks until the job has ended, and
logs each step.
"""

import logging
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import bpy

from ..ml_backend.protocol import CancelledEvent, Failed, Result
from .bridge.client import Ending
from .bridge.problem import Problem
from .shown_text import shown

_log = logging.getLogger(__name__)
_POLL_S = 0.05
_SLICE_S = 0.01  # of Blender's main thread at a time
_LOG_STEP = 0.1  # of the whole job, between two lines of a headless run
_SURE_AFTER_S, _SURE_AFTER = 2.0, 0.05  # of time and of the work, before a time left is told


class Waitable(Protocol):
    """What a job may wait for: a request to the backend, or work in a thread."""

    stage: str
    fraction: float

    def poll(self) -> Ending | None:
        """How it ended, or None; returns at once."""

    def wait(self, timeout_s: float) -> Ending | None:
        """Like `poll`, but gives it a little time to end."""

    def cancel(self) -> None:
        """Ask it to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a job is: the stage in words, the fraction of the whole, and what it waits for, if it waits."""

    stage: str
    fraction: float
    waits_for: Waitable | None = None


Work = Generator[Step, None, str]
"""A job: yields steps, returns one sentence that says what was made, raises Problem."""


class JobStopped(Exception):
    """What was waited for was cancelled; not a failure."""


def wait_for(job: Waitable, start: float = 0.0, end: float = 1.0) -> Generator[Step, None, dict[str, object]]:
    """Inside a job, `values = yield from wait_for(request)`; its progress fills `start` to `end` of the job.

    Closing the generator cancels what is waited for.

    Raises:
        Problem: it failed. JobStopped: it was cancelled.
    """
    try:
        while (ending := job.poll()) is None:
            yield Step(job.stage or "starting", start + (end - start) * job.fraction, job)
    finally:
        if job.poll() is None:
            job.cancel()
    match ending:
        case Result(values=values):
            return values
        case Failed(code=code, message=message, hint=hint):
            raise Problem(message, hint=hint, code=code)
        case CancelledEvent():
            raise JobStopped


@dataclass(slots=True)
class RunningJob:
    """What panels show of the job in progress; `is_cancel_asked` is set by the Cancel button."""

    title: str
    work: Work
    step: Step = Step("starting", 0.0)
    is_cancel_asked: bool = False
    started: float = field(default_factory=time.monotonic)

    def line(self) -> str:
        """Stage, percentage, and, once it can be told, the time left."""
        stage = shown(self.step.stage)
        line, left = f"{stage[:1].upper()}{stage[1:]} {self.step.fraction:.0%}", self.seconds_left()
        return f"{line}, {shown(f'{_duration(left)} left')}" if left is not None else line

    def seconds_left(self) -> float | None:
        """Estimated from the pace so far; None while that would be a guess."""
        elapsed, done = time.monotonic() - self.started, self.step.fraction
        if elapsed < _SURE_AFTER_S or not _SURE_AFTER < done < 1:
            return None
        return elapsed * (1 - done) / done


_running: RunningJob | None = None
_last_code = ""


def last_code() -> str:
    """Code of the backend's error that the last job failed with; empty if it had none."""
    return _last_code


def running_job() -> RunningJob | None:
    """The job in progress, if any."""
    return _running


class JobOperator:
    """Mixin for operators that run a long job. Subclasses have one method, `work`.

    `work` must not keep references to Blender's data while it waits: undo may replace them. `self.scene()` finds the
    scene again. From one slice of its own work to the next, clicks and keys but Esc do not get through. (No ABC: its
    metaclass does not go together with that of Blender's operators.)
    """

    if TYPE_CHECKING:

        def work(self, context: bpy.types.Context) -> Work:
            """The job."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if _running is not None:
            cls.poll_message_set("Wait until the running job has ended, or cancel it")
            return False
        return True

    def scene(self) -> bpy.types.Scene:
        """The scene that the job was started in; raises Problem when it is gone."""
        scene = bpy.data.scenes.get(self._scene_key)
        if scene is None:
            raise Problem(f"The scene '{self._scene_key[0]}' was removed meanwhile.")
        return scene

    def execute(self, context: bpy.types.Context) -> set[str]:
        self._start(context)
        shown = None
        try:
            while (ended := self._advance()) is None:
                step = _running.step
                if (step.stage, int(step.fraction / _LOG_STEP)) != shown:
                    shown = (step.stage, int(step.fraction / _LOG_STEP))
                    _log.info("%s: %s %.0f%%", _running.title, step.stage, step.fraction * 100)
                if step.waits_for is not None:
                    step.waits_for.wait(_POLL_S)
            return ended
        except KeyboardInterrupt:
            return self._stop()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event | None) -> set[str]:
        if context.window is None or bpy.app.background:
            return self.execute(context)
        self._start(context)
        ended = self._advance()  # wrong input is told at once
        if ended is not None:
            return ended
        window = context.window
        while window.parent is not None:  # the Preferences may be closed before the job has ended
            window = window.parent
        with context.temp_override(window=window):
            self._timer = context.window_manager.event_timer_add(_POLL_S, window=window)
            context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC" or _running.is_cancel_asked:
            return self._stop()
        if event.type != "TIMER":
            # Between slices of its own the job keeps references to Blender's data: undo has to wait for a moment.
            return {"PASS_THROUGH"} if _running.step.waits_for is not None else {"RUNNING_MODAL"}
        until = time.monotonic() + _SLICE_S
        while True:
            ended = self._advance()
            if ended is not None:
                return ended
            if _running.step.waits_for is not None or time.monotonic() > until:
                break
        _show_status(f"{shown(_running.title)}: {_running.line()} ({shown('Esc to cancel')})")
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, as when another file is opened."""
        self._stop()

    def _start(self, context: bpy.types.Context) -> None:
        global _running, _last_code  # noqa: PLW0603 (one job at a time, and panels show it)
        self._timer, _last_code = None, ""
        # Names outlive undo, references do not. A linked scene may have the name of one of this file.
        library = context.scene.library
        self._scene_key = context.scene.name, library.filepath if library is not None else None
        _running = RunningJob(self.bl_label, self.work(context))

    def _advance(self) -> set[str] | None:
        """One step; what the operator returns when the job has ended."""
        global _last_code  # noqa: PLW0603
        try:
            _running.step = next(_running.work)
        except StopIteration as done:
            return self._end({"FINISHED"}, "INFO", done.value)
        except JobStopped:
            return self._stop()
        except Problem as problem:
            _last_code = problem.code
            return self._end({"CANCELLED"}, "ERROR", str(problem))
        except ReferenceError:  # undo replaced the data that the job held for a moment
            return self._end({"CANCELLED"}, "ERROR", "Undo changed the scene meanwhile. Run it again.")
        except Exception as error:  # noqa: BLE001 (the one place; a job that dies must give the buttons back)
            _log.exception("%s failed", self.bl_label)
            return self._end({"CANCELLED"}, "ERROR", f"Unexpected {type(error).__name__}: {error}")
        return None

    def _stop(self) -> set[str]:
        if _running is not None:
            _running.work.close()
        return self._end({"CANCELLED"}, "WARNING", f"{self.bl_label} was cancelled")

    def _end(self, result: set[str], level: str, message: str) -> set[str]:
        global _running  # noqa: PLW0603
        _running = None
        if self._timer is not None:
            bpy.context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        _show_status(None)
        scene = bpy.data.scenes.get(self._scene_key)
        if scene is not None and scene.library is None:
            scene.cinemagraph.message = message
            scene.cinemagraph.message_level = level
        self.report({level}, shown(message))
        return result


def _show_status(text: str | None) -> None:
    """The line at the bottom of the window, and the sidebars that show the progress."""
    if bpy.app.background:
        return
    if bpy.context.workspace is not None:
        bpy.context.workspace.status_text_set(text)
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "IMAGE_EDITOR", "PREFERENCES"}:
                for region in area.regions:
                    if region.type in {"UI", "WINDOW"} and (region.type == "UI" or area.type == "PREFERENCES"):
                        region.tag_redraw()


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
