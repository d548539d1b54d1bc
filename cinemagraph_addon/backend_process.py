"""The one backend process of this Blender: which Python runs it, when it starts, and when it stops."""

import atexit
import importlib.util
import os
import sys
import threading
from pathlib import Path

import bpy

from .bridge.client import BackendClient
from .bridge.problem import Problem

ADDON_VERSION = "0.1.0"
PYTHON_VARIABLE = "CINEMAGRAPH_BACKEND_PYTHON"
_SET_UP = "Set Backend Python in the add-on's preferences to a Python that has PyTorch installed."

_client: BackendClient | None = None
_lock = threading.Lock()  # the render thread and the window may both ask for the backend


def extension_package() -> str:
    """The extension's module name, such as `bl_ext.user_default.cinemagraph`."""
    return __package__.rpartition(".")[0]


def preferred_python() -> str:
    """The interpreter from the preferences, absolute, or an empty string."""
    addon = bpy.context.preferences.addons.get(extension_package())
    path = addon.preferences.backend_python if addon and addon.preferences else ""
    return bpy.path.abspath(path) if path else ""


def find_python() -> str:
    """The interpreter that runs the backend.

    The environment variable wins over the preferences; without both, Blender as a Python module uses the Python it
    runs in, when that one has torch.

    Raises:
        Problem: none is set, or the one that is set does not exist.
    """
    python = os.environ.get(PYTHON_VARIABLE) or preferred_python()
    if python:
        if not Path(python).is_file():
            raise Problem(f"The backend Python '{python}' does not exist.", hint=_SET_UP)
        return python
    runs_as_module = not bpy.app.binary_path
    if runs_as_module and importlib.util.find_spec("torch") is not None:
        return sys.executable
    raise Problem("The backend is not set up.", hint=_SET_UP)


def client() -> BackendClient:
    """The running backend; started when there is none, started anew after a crash or a change of Python.

    Raises:
        Problem: there is no usable Python, or it cannot be started.
    """
    global _client  # noqa: PLW0603 (one process per Blender is the point of this file)
    command = (find_python(), "-m", "ml_backend", "serve")
    with _lock:
        if _client is not None and _client.is_alive() and _client.command == command:
            return _client
        if _client is not None:
            _client.stop()
            _client = None
        _client = BackendClient(command, cwd=_extension_root(), log_file=log_file(), addon_version=ADDON_VERSION)
        return _client


def running_client() -> BackendClient | None:
    """The backend if it runs; never starts it."""
    return _client if _client is not None and _client.is_alive() else None


def log_file() -> Path:
    """Where the backend's stderr goes."""
    return _user_folder() / "backend.log"


def stop() -> None:
    """End the backend process, if any."""
    global _client  # noqa: PLW0603
    with _lock:
        if _client is not None:
            _client.stop()
        _client = None


def register() -> None:
    """Make sure that the process ends with Blender."""
    atexit.register(stop)


def unregister() -> None:
    """End the process with the add-on."""
    atexit.unregister(stop)
    stop()


def _extension_root() -> Path:
    """The folder that holds `ml_backend/`: the backend is started from the source that came with this add-on."""
    return Path(__file__).resolve().parents[1]


def _user_folder() -> Path:
    try:
        folder = bpy.utils.extension_path_user(extension_package(), create=True)
    except ValueError:  # not installed as an extension, as when run from a checkout
        folder = bpy.utils.user_resource("DATAFILES", path="cinemagraph", create=True)
    return Path(folder)
