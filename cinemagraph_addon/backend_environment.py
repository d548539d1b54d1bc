"""Where the backend's Python comes from: the preferences, the private environment, or what a variable names."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .bridge.base_python import candidates
from .bridge.environment import (
    BackendFolder,
    Condition,
    EnvironmentState,
    examine_environment,
    read_requirements,
)
from .bridge.install import InstallOptions
from .bridge.problem import Problem
from .bridge.torch_build import TorchBuild, build_for_this_computer

if TYPE_CHECKING:
    from .preferences import CinemagraphPreferences

ADDON_VERSION = "0.1.0"
PYTHON_VARIABLE = "CINEMAGRAPH_BACKEND_PYTHON"
INSTALL_LABELS: dict[Condition, str] = {
    "absent": "Install Backend",
    "unfinished": "Retry Installation",
    "broken": "Install Backend Again",
    "outdated": "Update Backend",
    "ready": "Install Backend Again",
}
_FAULTS: dict[Condition, str] = {
    "absent": "The backend is not installed.",
    "unfinished": "The installation of the backend is not complete.",
    "broken": "The backend was installed with a Python that is gone.",
    "outdated": "The backend was installed for another version of the add-on.",
}


def extension_package() -> str:
    """The extension's module name, such as `bl_ext.user_default.cinemagraph`."""
    return __package__.rpartition(".")[0]


def extension_root() -> Path:
    """The folder that holds `ml_backend/`: the backend is started from the source that came with this add-on."""
    return Path(__file__).resolve().parents[1]


def user_folder() -> Path:
    """The folder for what this add-on writes by itself; it may not exist yet."""
    try:
        folder = bpy.utils.extension_path_user(extension_package())
    except ValueError:  # not installed as an extension, as when run from a checkout
        folder = bpy.utils.user_resource("DATAFILES", path="cinemagraph")
    return Path(folder)


def preferences() -> "CinemagraphPreferences | None":
    """The add-on's preferences; None where it was registered without being enabled, as scripts do."""
    addon = bpy.context.preferences.addons.get(extension_package())
    return addon.preferences if addon else None


def private_folder() -> BackendFolder:
    """Where the private environment is or will be."""
    return BackendFolder(user_folder())


def private_state() -> EnvironmentState:
    """In which state the private environment is; raises Problem when the add-on itself is damaged."""
    return examine_environment(private_folder(), read_requirements(extension_root() / "pyproject.toml"))


def find_python() -> str:
    """The interpreter that runs the backend.

    The environment variable wins over an existing Python that the preferences name, and this over the private
    environment. Where nothing is installed, Blender as a Python module uses the Python it runs in, when it has torch.

    Raises:
        Problem: there is none, or what was chosen cannot be used.
    """
    variable = os.environ.get(PYTHON_VARIABLE)
    if variable:
        return _existing(variable, f"Correct the environment variable {PYTHON_VARIABLE}.")
    chosen = preferences()
    if chosen is not None and chosen.python_source == "EXISTING":
        if not chosen.backend_python:
            raise Problem("No Python is chosen for the backend.", hint="Choose one in the add-on's preferences.")
        return _existing(bpy.path.abspath(chosen.backend_python), "Choose another in the add-on's preferences.")
    condition = private_state().condition
    if condition == "ready":
        return str(private_folder().python)
    runs_as_module = not bpy.app.binary_path
    if condition == "absent" and runs_as_module and importlib.util.find_spec("torch") is not None:
        return sys.executable
    raise Problem(_FAULTS[condition], hint=f"Press {INSTALL_LABELS[condition]} in the add-on's preferences.")


def offered_installation() -> str | None:
    """What the button is called that would mend a missing backend; None where another Python was chosen."""
    chosen = preferences()
    if os.environ.get(PYTHON_VARIABLE) or (chosen is not None and chosen.python_source == "EXISTING"):
        return None
    try:
        return INSTALL_LABELS[private_state().condition]
    except Problem:
        return None


def chosen_build() -> TorchBuild:
    """The build of PyTorch that the preferences ask for."""
    chosen = preferences()
    return build_for_this_computer(chosen.torch_build if chosen is not None else "AUTO")


def install_options() -> InstallOptions:
    """What *Install Backend* installs, from the preferences."""
    chosen = preferences()
    wheels = chosen.wheel_folder if chosen is not None else ""
    return InstallOptions(
        folder=private_folder(),
        extension_root=extension_root(),
        addon_version=ADDON_VERSION,
        pythons=tuple(candidates()),
        build=chosen_build(),
        is_online=bpy.app.online_access,
        wheel_folder=Path(bpy.path.abspath(wheels)) if wheels else None,
    )


def _existing(python: str, hint: str) -> str:
    if not Path(python).is_file():
        raise Problem(f"The backend Python '{python}' does not exist.", hint=hint)
    return python
