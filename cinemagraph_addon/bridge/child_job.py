"""Work in a thread that runs child processes; cancelling it ends them and all that they have started. No bpy."""

import contextlib
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...ml_backend.protocol import CancelledEvent, Failed, Result
from .problem import Problem

_log = logging.getLogger(__name__)
Ending = Result | Failed | CancelledEvent


class Cancelled(Exception):
    """Raised inside the work once the job was cancelled."""


class ChildJob:
    """Runs `work` in a thread of its own; ends with the values that it returns, or with its Problem."""

    def __init__(self, work: "Callable[[ChildJob], dict[str, object]]") -> None:
        self.stage = ""
        self.fraction = 0.0
        self._work = work
        self._child: subprocess.Popen | None = None
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._ending: Ending | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="cinemagraph-child-job", daemon=True).start()

    def poll(self) -> Ending | None:
        """How it ended, or None while it runs; returns at once."""
        return self._ending if self._ended.is_set() else None

    def wait(self, timeout_s: float) -> Ending | None:
        """Like `poll`, but gives it a little time to end."""
        self._ended.wait(timeout_s)
        return self.poll()

    def cancel(self) -> None:
        """End the children at once and the work at its next report; nothing happens if it has ended."""
        with self._lock:
            self._is_cancelled = True
            if self._child is not None:
                _kill_tree(self._child)

    # For the work, in its thread.

    def report(self, stage: str, fraction: float) -> None:
        """Say where the work is, as a fraction of the whole, which never goes back. Raises Cancelled."""
        if self._is_cancelled:
            raise Cancelled
        self.show(stage, fraction)

    def show(self, stage: str, fraction: float) -> None:
        """Like `report`, for work that is better ended than left half done: it goes on although it was cancelled."""
        self.stage, self.fraction = stage, max(self.fraction, min(fraction, 1.0))

    def run(
        self,
        command: Sequence[str],
        read_line: Callable[[str], None],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Run a child to its end, stdout and stderr line by line to `read_line`; its exit code.

        Raises:
            Cancelled: the job was cancelled. Problem: the child cannot be started.
        """
        child = self._start(command, cwd, environment)
        try:
            for line in child.stdout:
                read_line(line.rstrip("\n"))
            child.wait()
        finally:
            with self._lock:
                if child.poll() is None:  # read_line raised
                    _kill_tree(child)
                self._child = None
            child.wait()
            child.stdout.close()
        if self._is_cancelled:
            raise Cancelled
        return child.returncode

    def _start(
        self, command: Sequence[str], cwd: Path | None, environment: Mapping[str, str] | None
    ) -> subprocess.Popen[str]:
        # A group of its own: what the child starts can be ended with it, and Ctrl-C is Blender's to handle.
        windows = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {"start_new_session": True}
        with self._lock:
            if self._is_cancelled:
                raise Cancelled
            try:
                self._child = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                    errors="replace",
                    **windows,
                )
            except OSError as error:
                raise Problem(f"'{command[0]}' could not be started: {error.strerror or error}.") from error
            return self._child

    def _run(self) -> None:
        try:
            self._ending = Result(0, self._work(self))
        except Cancelled:
            self._ending = CancelledEvent(0)
        except Problem as problem:
            self._ending = Failed(0, "problem", problem.message, problem.hint)
        except Exception as error:  # noqa: BLE001 (in a thread nobody else would hear of it; the job reports it)
            _log.exception("A job failed unexpectedly")
            self._ending = Failed(0, "internal_error", f"Unexpected {type(error).__name__}: {error}.", "")
        self._ended.set()


def _kill_tree(child: subprocess.Popen) -> None:
    """End a child and its descendants without asking: what it leaves half done is known to be so."""
    if os.name == "nt":
        command = ["taskkill", "/T", "/F", "/PID", str(child.pid)]
        subprocess.run(command, capture_output=True, creationflags=subprocess.CREATE_NO_WINDOW, check=False)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
