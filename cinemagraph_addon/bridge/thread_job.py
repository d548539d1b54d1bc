"""Work in a thread that a long job can wait for, like for a request: reading and converting large arrays. No bpy."""

import threading
from collections.abc import Callable

from ...ml_backend.protocol import CancelledEvent, Failed, Result
from .problem import Problem

Ending = Result | Failed | CancelledEvent
RESULT = "value"  # key of what the function returned


class ThreadJob:
    """Runs `function` in a thread of its own; ends with what it returned, or with its Problem.

    numpy lets go of Python's lock while it copies, so that Blender's main thread stays free.
    """

    def __init__(self, stage: str, function: Callable[[], object]) -> None:
        self.stage = stage
        self.fraction = 0.0
        self._function = function
        self._ending: Ending | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name=f"cinemagraph-{stage}", daemon=True).start()

    def poll(self) -> Ending | None:
        """How it ended, or None while it runs; returns at once."""
        return self._ending if self._ended.is_set() else None

    def wait(self, timeout_s: float) -> Ending | None:
        """Like `poll`, but gives it a little time to end."""
        self._ended.wait(timeout_s)
        return self.poll()

    def cancel(self) -> None:
        """Nobody waits any longer; the function runs to its end unseen."""

    def _run(self) -> None:
        try:
            self._ending = Result(0, {RESULT: self._function()})
        except Problem as problem:
            self._ending = Failed(0, "problem", problem.message, problem.hint)
        except Exception as error:  # noqa: BLE001 (in a thread nobody else would hear of it; the job reports it)
            self._ending = Failed(0, "internal_error", f"Unexpected {type(error).__name__}: {error}", "")
        self._ended.set()
