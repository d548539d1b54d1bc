"""The one backend process of this Blender: when it starts, when it stops, and what it said of itself."""

import atexit
import threading
from pathlib import Path

from .backend_environment import ADDON_VERSION, extension_root, find_python, user_folder
from .bridge.client import BackendClient
from .bridge.report import BackendReport

_client: BackendClient | None = None
_report: BackendReport | None = None
_lock = threading.Lock()  # the render thread and the window may both ask for the backend


def client() -> BackendClient:
    """The running backend; started when there is none, started anew after a crash or a change of Python.

    Raises:
        Problem: there is no usable Python, or it cannot be started.
    """
    global _client, _report  # noqa: PLW0603 (one process per Blender is the point of this file)
    command = (find_python(), "-m", "ml_backend", "serve")
    with _lock:
        if _client is not None and _client.is_alive() and _client.command == command:
            return _client
        if _client is not None:
            _client.stop()
        _client, _report = None, None
        _client = BackendClient(command, cwd=extension_root(), log_file=log_file(), addon_version=ADDON_VERSION)
        return _client


def running_client() -> BackendClient | None:
    """The backend if it runs; never starts it."""
    return _client if _client is not None and _client.is_alive() else None


def report() -> BackendReport | None:
    """What *Test Backend* found out about the running backend, if it was tested."""
    return _report if running_client() is not None else None


def keep_report(report: BackendReport) -> None:
    """Keep what a test found out, for as long as this backend runs."""
    global _report  # noqa: PLW0603
    _report = report


def is_other_version() -> bool:
    """Whether the backend that was started last is of another version than this add-on."""
    return _client is not None and _client.is_other_version


def log_file() -> Path:
    """Where the backend's stderr goes."""
    return user_folder() / "backend.log"


def stop() -> None:
    """End the backend process, if any."""
    global _client, _report
    with _lock:
        if _client is not None:
            _client.stop()
        _client, _report = None, None


def register() -> None:
    """Make sure that the process ends with Blender."""
    atexit.register(stop)


def unregister() -> None:
    """End the process with the add-on."""
    atexit.unregister(stop)
    stop()
