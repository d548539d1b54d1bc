"""One way to run a long job: asks the backend, shows progress, Esc or Cancel stops, reports how it ended.

From a button the operator is modal: a timer polls, and Blender stays responsive. Called from a script or in background
mode it blocks until the job has ended, and logs each step.
"""

import logging
from dataclasses import dataclass

import bpy

from ..ml_backend.protocol import CancelledEvent, Failed, Result
from .bridge.client import Ending, Job
from .bridge.problem import Problem

_log = logging.getLogger(__name__)
_POLL_S = 0.1
_LOG_STEP = 0.1  # of the whole job, between two lines of a headless run


@dataclass(slots=True)
class RunningJob:
    """What panels show of the job in progress; `is_cancel_asked` is set by the Cancel button."""

    title: str
    job: Job
    is_cancel_asked: bool = False

    def line(self) -> str:
        """Stage and percentage in one line."""
        return f"{self.job.stage or 'Starting'} {self.job.fraction:.0%}"


_running: RunningJob | None = None


def running_job() -> RunningJob | None:
    """The job in progress, if any."""
    return _running


class BackendJobOperator:
    """Mixin for operators whose work is one request.

    Subclasses say what to ask (`send`), and what to do with the answer (`finish`): both are abstract. (No ABC: its
    metaclass does not go together with that of Blender's operators.)
    """

    def send(self, context: bpy.types.Context) -> Job:
        """Check the input and submit the request; raises Problem."""
        raise NotImplementedError

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene, values: dict[str, object]) -> str:
        """Use the result, and say in one sentence what was made; raises Problem."""
        raise NotImplementedError

    def fail(self, scene: bpy.types.Scene | None, message: str) -> None:
        """Take note of a failure; the report is made by the caller."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if _running is not None:
            cls.poll_message_set("Wait until the running job has ended, or cancel it")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not self._start(context):
            return {"CANCELLED"}
        try:
            return self._end(context, self._wait())
        except KeyboardInterrupt:
            return self._end(context, None)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event | None) -> set[str]:
        if context.window is None:
            return self.execute(context)
        if not self._start(context):
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(_POLL_S, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC" or _running.is_cancel_asked:
            return self._end(context, None)
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        ending = _running.job.poll()
        if ending is not None:
            return self._end(context, ending)
        self._show(context, f"{_running.title}: {_running.line()} (Esc to cancel)")
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, as when another file is opened."""
        self._end(context, None)

    def _start(self, context: bpy.types.Context) -> bool:
        global _running  # noqa: PLW0603 (one job at a time, and panels show it)
        self._timer = None
        self._scene_name = context.scene.name  # names outlive undo, references do not
        try:
            _running = RunningJob(self.bl_label, self.send(context))
        except Problem as problem:
            self._report_failure(str(problem))
            return False
        return True

    def _wait(self) -> Ending:
        shown = None
        while (ending := _running.job.wait(_POLL_S)) is None:
            step = (_running.job.stage, int(_running.job.fraction / _LOG_STEP))
            if step != shown:
                shown = step
                _log.info("%s: %s", _running.title, _running.line())
        return ending

    def _end(self, context: bpy.types.Context, ending: Ending | None) -> set[str]:
        """Close the job; `ending` is None when it is to be stopped."""
        global _running
        job, _running = _running, None
        self._hide(context)
        if ending is None and job is not None:
            job.job.cancel()
        match ending:
            case Result(values=values):
                return self._use(context, values)
            case Failed(message=message, hint=hint):
                return self._report_failure(f"{message} {hint}".strip())
            case CancelledEvent() | None:
                self.report({"WARNING"}, f"{self.bl_label} was cancelled")
        return {"CANCELLED"}

    def _use(self, context: bpy.types.Context, values: dict[str, object]) -> set[str]:
        scene = bpy.data.scenes.get(self._scene_name)
        if scene is None:
            return self._report_failure(f"The scene '{self._scene_name}' was removed meanwhile.")
        try:
            self.report({"INFO"}, self.finish(context, scene, values))
        except Problem as problem:
            return self._report_failure(str(problem))
        return {"FINISHED"}

    def _report_failure(self, message: str) -> set[str]:
        self.fail(bpy.data.scenes.get(self._scene_name), message)
        self.report({"ERROR"}, message)
        return {"CANCELLED"}

    def _show(self, context: bpy.types.Context, text: str) -> None:
        if context.workspace is not None:
            context.workspace.status_text_set(text)
        _redraw_sidebars(context)

    def _hide(self, context: bpy.types.Context) -> None:
        if self._timer is None:
            return
        context.window_manager.event_timer_remove(self._timer)
        self._timer = None
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        _redraw_sidebars(context)


def _redraw_sidebars(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
