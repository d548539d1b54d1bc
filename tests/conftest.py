"""Mounts the repository as the package `cinemagraph`, the way Blender does, and keeps bpy from hanging the exit."""

import importlib.util
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_status = [0]
# A shell that starts the tests in the background lets them ignore Ctrl-C, children too; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as ml_backend/__main__.py does, before torch is loaded

# Before the first `import bpy`: neither read nor write the developer's own Blender configuration.
_user_folder = tempfile.mkdtemp(prefix="blender-test-")
os.environ["BLENDER_USER_RESOURCES"] = _user_folder
os.environ["CINEMAGRAPH_WEIGHTS"] = str(Path(_user_folder) / "weights")  # nor use the networks that are installed


def _mount(name: str) -> None:
    """Make the repository importable as a package: the add-on's relative imports need a parent."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


_mount("cinemagraph")


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def backend_python() -> Path:
    """The Python that runs the real backend: the one that was named, or this one where it has torch."""
    named = os.environ.get("CINEMAGRAPH_BACKEND_PYTHON")
    if named:
        return Path(named)
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed here; CINEMAGRAPH_BACKEND_PYTHON can name a Python that has it")
    return Path(sys.executable)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    _status[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without the interpreter's own clean-up where bpy was imported.

    bpy 4.2 crashes and 4.5 hangs at exit when a registered class is still alive. All reports are written by now.
    """
    shutil.rmtree(_user_folder, ignore_errors=True)
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
