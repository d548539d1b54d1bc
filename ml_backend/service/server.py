"""`python -m ml_backend serve`: the process that the add-on talks to, in the messages of `protocol.py`.

One thread reads requests, the main thread runs one job at a time. A job is called with its request and a progress
callback, which raises `Cancelled` once the job was cancelled or the parent has gone. torch is imported by the first
job that needs it, so that Hello is answered at once.
"""

import json
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from ml_backend import protocol
from ml_backend.errors import BackendError, Cancelled

_log = logging.getLogger(__name__)

_GRACE_S = 10.0  # for a job that reports no progress after the parent has gone

ReportProgress = Callable[[str, float], None]
Work = Callable[[protocol.Request, ReportProgress], dict[str, object]]
"""Does one request and returns the values of its Result; raises BackendError."""


def serve() -> int:
    """Answer requests from stdin until Shutdown or the end of stdin; the exit code."""
    from ml_backend.service.jobs import Jobs  # noqa: PLC0415  (so that `--help` and Hello stay quick)

    # Ctrl-C in a terminal reaches Blender too; what becomes of us is Blender's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    requests, events = take_over_stdin(), take_over_stdout()
    server = Server(requests, events, Jobs().perform)
    server.on_parent_gone = _exit_after_grace
    server.run()
    return 0


def take_over_stdout() -> BinaryIO:
    """The real stdout; everything else that writes to stdout, children included, goes to stderr."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return ours


def take_over_stdin() -> BinaryIO:
    """The real stdin; libraries and children find an empty one."""
    # Unbuffered: a daemon thread that waits inside a buffered reader can abort the interpreter's exit.
    ours = os.fdopen(os.dup(0), "rb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return ours


class Server:
    """Reads requests, runs them in order, and writes events; `work` does what a request asks."""

    def __init__(self, requests: BinaryIO, events: BinaryIO, work: Work) -> None:
        self.on_parent_gone: Callable[[], None] = lambda: None
        self._requests = requests
        self._events = events
        self._work = work
        self._queue: queue.SimpleQueue[protocol.Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unfinished: set[int] = set()
        self._cancelled: set[int] = set()
        self._parent_has_gone = False

    def run(self) -> None:
        """Work until Shutdown or until the parent has gone."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        while (request := self._queue.get()) is not None:
            self._send(self._perform(request))
            if isinstance(request, protocol.Shutdown):
                return

    def _read(self) -> None:
        for line in self._requests:
            try:
                request = protocol.decode_request(line)
            except protocol.BadMessage as error:
                _log.error("%s", error)
                self._send(_refusal(line, error))
                continue
            if isinstance(request, protocol.Cancel):
                self._cancel(request)
            else:
                self._accept(request)
        self._parent_has_gone = True
        self._queue.put(None)
        self.on_parent_gone()

    def _accept(self, request: protocol.Request) -> None:
        with self._lock:
            self._unfinished.add(request.id)
        self._queue.put(request)

    def _cancel(self, request: protocol.Cancel) -> None:
        with self._lock:
            if request.job in self._unfinished:
                self._cancelled.add(request.job)
        self._send(protocol.Result(request.id, {}))

    def _perform(self, request: protocol.Request) -> protocol.Event:
        try:
            if request.id in self._cancelled:
                raise Cancelled("Stopped before it began.")
            return protocol.Result(request.id, self._answer(request))
        except Cancelled:
            return protocol.CancelledEvent(request.id)
        except BackendError as error:
            _log.exception("Request %d failed", request.id)
            return protocol.Failed(request.id, error.code, error.message, error.hint)
        except MemoryError:
            _log.exception("Request %d ran out of memory", request.id)
            return protocol.Failed(request.id, "out_of_memory", "There is not enough memory.", "Use a smaller size.")
        except Exception as error:  # noqa: BLE001  the one place that turns whatever went wrong into an answer
            _log.exception("Request %d failed unexpectedly", request.id)
            message = f"Unexpected {type(error).__name__}: {error}"
            return protocol.Failed(request.id, "internal_error", message, "The backend's log has the details.")
        finally:
            with self._lock:
                self._unfinished.discard(request.id)
                self._cancelled.discard(request.id)

    def _answer(self, request: protocol.Request) -> dict[str, object]:
        if isinstance(request, protocol.Shutdown):
            return {}

        def progress(stage: str, fraction: float) -> None:
            if self._parent_has_gone or request.id in self._cancelled:
                raise Cancelled("The user stopped the job.")
            self._send(protocol.Progress(request.id, stage, min(max(float(fraction), 0.0), 1.0)))

        return self._work(request, progress)

    def _send(self, event: protocol.Event) -> None:
        line = protocol.encode(event)
        with self._lock:
            try:
                self._events.write(line)
                self._events.flush()
            except (BrokenPipeError, ValueError):  # nobody listens any more, or the pipe is closed already
                self._parent_has_gone = True


def _refusal(line: bytes, error: protocol.BadMessage) -> protocol.Failed:
    """The answer to a line that is no request; its number is 0 where none can be read."""
    try:
        number = json.loads(line)["id"]
    except (ValueError, TypeError, KeyError):
        number = 0
    hint = "Update the add-on and the backend to the same version."
    return protocol.Failed(number if isinstance(number, int) else 0, "bad_message", str(error), hint)


def _exit_after_grace() -> None:
    timer = threading.Timer(_GRACE_S, os._exit, [0])
    timer.daemon = True
    timer.start()
