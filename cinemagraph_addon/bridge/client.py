"""One backend process and the jobs it was given. No bpy; nothing here blocks Blender.

A reader thread turns the lines of the child's stdout into the state of each `Job`, so that the window's timer and a
render thread can watch different jobs at once. Requests wait until the backend has answered `Hello`.
"""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...ml_backend.protocol import (
    PROTOCOL_VERSION,
    BadMessage,
    Cancel,
    CancelledEvent,
    Event,
    Failed,
    Hello,
    Progress,
    Request,
    Result,
    Shutdown,
    decode_event,
    encode,
)
from .problem import Problem

Ending = Result | Failed | CancelledEvent
_LOG_LIMIT_BYTES = 1_000_000  # an old log is dropped when it is longer than this
_RESTART = "The next job starts it again."


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What the backend said about itself in its answer to Hello."""

    backend_version: str
    python: str
    torch: str
    device: str
    threads: int


class Job:
    """One request on its way. `stage` and `fraction` follow its progress; it ends exactly once."""

    def __init__(self, number: int, client: "BackendClient") -> None:
        self.number = number
        self.stage = ""
        self.fraction = 0.0
        self._client = client
        self._ending: Ending | None = None
        self._ended = threading.Event()

    def poll(self) -> Ending | None:
        """How the job ended, or None while it runs; returns at once."""
        return self._ending if self._ended.is_set() else None

    def wait(self, timeout_s: float) -> Ending | None:
        """Like `poll`, but gives the job a little time to end."""
        self._ended.wait(timeout_s)
        return self.poll()

    def cancel(self) -> None:
        """Ask the backend to stop the job; nothing happens if it has ended."""
        if self.poll() is None:
            self._client.send_cancel(self.number)

    def receive(self, event: Event) -> None:
        """Take an event from the reader thread."""
        if isinstance(event, Progress):
            self.stage, self.fraction = event.stage, event.fraction
        elif self._ending is None:
            self._ending = event
            self._ended.set()


class BackendClient:
    """A running backend. All methods may be called from any thread."""

    def __init__(self, command: Sequence[str], *, cwd: Path, log_file: Path, addon_version: str) -> None:
        """Start `command` in `cwd` with stderr in `log_file`; raises Problem when it cannot be started."""
        self.command = tuple(command)
        self.log_file = log_file
        self.info: BackendInfo | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="cinemagraph-"))  # arrays of the jobs
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._held: list[bytes] | None = []  # requests that wait for Hello; None once it was answered
        self._death: tuple[str, str, str] | None = None  # code, message, hint
        self._process = self._start(cwd)
        self._hello = next(self._numbers)
        self._write(encode(Hello(self._hello, PROTOCOL_VERSION, addon_version)))
        threading.Thread(target=self._read, name="cinemagraph-backend", daemon=True).start()

    def is_alive(self) -> bool:
        """Whether the backend can still take requests."""
        return self._death is None and self._process.poll() is None

    @property
    def is_other_version(self) -> bool:
        """Whether the backend answered, but speaks another version of the protocol."""
        return self._death is not None and self._death[0] == "protocol_mismatch"

    def submit(self, kind: type[Request], **fields: object) -> Job:
        """Send a request of a kind from `protocol`; the number is added here. Never raises: the job fails instead."""
        with self._lock:
            job = Job(next(self._numbers), self)
            if self._death is not None:
                job.receive(Failed(job.number, *self._death))
                return job
            self._jobs[job.number] = job
            line = encode(kind(id=job.number, **fields))
            if self._held is not None:
                self._held.append(line)
                return job
        self._write(line)
        return job

    def send_cancel(self, number: int) -> None:
        """Ask the backend to end a job."""
        line = encode(Cancel(next(self._numbers), number))
        with self._lock:
            if self._held is not None:
                self._held.append(line)
                return
        self._write(line)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Let the backend end, or end it after `timeout_s`; removes the job folder. May be called twice."""
        self._write(encode(Shutdown(next(self._numbers))))
        with contextlib.suppress(OSError):  # the pipe may be gone with the process
            self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, cwd: Path) -> subprocess.Popen:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT_BYTES:
            self.log_file.unlink()
        environment = {**os.environ, "PYTHONUTF8": "1"}  # the log is UTF-8 on Windows too
        # A session of its own: Ctrl-C in the terminal is Blender's to handle, not the child's.
        windows = {"creationflags": subprocess.CREATE_NO_WINDOW} if os.name == "nt" else {"start_new_session": True}
        try:
            with self.log_file.open("ab") as log:
                self._log_start = log.tell()
                return subprocess.Popen(
                    self.command,
                    cwd=cwd,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    **windows,
                )
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Problem(
                f"The backend could not be started with '{self.command[0]}': {error.strerror or error}.",
                hint="Choose the Python that has PyTorch installed in the add-on's preferences.",
            ) from error

    def _write(self, line: bytes) -> None:
        # Where the process has gone, the reader thread says so to every job.
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _read(self) -> None:
        """Body of the reader thread: hand out events until the pipe closes, then end what is left."""
        death = None
        for line in self._process.stdout:
            try:
                death = self._receive(decode_event(line))
            except BadMessage as error:
                death = ("protocol_error", f"The backend sent something unexpected: {error}.", self._see_log())
            if death:
                self._process.kill()
                break
        code = self._process.wait()
        self._process.stdout.close()
        self._end_all(
            death
            or (
                "backend_died",
                f"The backend stopped unexpectedly (exit code {code}).{self._last_words()}",
                f"{_RESTART} {self._see_log()}",
            )
        )

    def _receive(self, event: Event) -> tuple[str, str, str] | None:
        """Hand an event to its job; a reason to end the process when Hello went wrong."""
        if event.id == self._hello:
            return self._receive_hello(event)
        with self._lock:
            job = self._jobs.get(event.id)
            if job is not None and not isinstance(event, Progress):
                del self._jobs[event.id]
        if job is not None:  # answers to Cancel and Shutdown have no job
            job.receive(event)
        return None

    def _receive_hello(self, event: Event) -> tuple[str, str, str] | None:
        if isinstance(event, Progress):
            return None
        if isinstance(event, Failed):
            return event.code, event.message, event.hint
        found = event.values.get("protocol") if isinstance(event, Result) else None
        if found != PROTOCOL_VERSION:
            return (
                "protocol_mismatch",
                f"The backend speaks protocol {found}, this add-on speaks {PROTOCOL_VERSION}.",
                "Install the backend that came with this version of the add-on.",
            )
        self.info = _backend_info(event.values)
        with self._lock:
            held, self._held = self._held or [], None
            for line in held:
                self._write(line)
        return None

    def _end_all(self, death: tuple[str, str, str]) -> None:
        with self._lock:
            self._death = death
            jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job.receive(Failed(job.number, *death))

    def _last_words(self) -> str:
        """The last line of this process in the log, often the name of what is missing."""
        try:
            with self.log_file.open("rb") as log:
                log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - 4000))
                lines = log.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f" It said: {last}" if last else ""

    def _see_log(self) -> str:
        return f"Details are in '{self.log_file}'."


def _backend_info(values: dict[str, object]) -> BackendInfo:
    return BackendInfo(
        backend_version=str(values.get("backend_version", "?")),
        python=str(values.get("python", "?")),
        torch=str(values.get("torch", "?")),
        device=str(values.get("device", "?")),
        threads=int(values.get("threads", 0) or 0),
    )
