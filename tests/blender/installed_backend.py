"""Run with Blender's Python: an installed extension's backend, from nothing to removed. Prints what was seen as JSON.

    python installed_backend.py EXTENSION_ZIP WHEEL_FOLDER

BLENDER_USER_RESOURCES names an empty folder; the zip pins tiny packages (`wheels.py`).
"""

import json
import os
import sys
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.cinemagraph"


def main(archive: str, wheel_folder: str) -> dict[str, object]:
    """Everything in the order in which a user may do it; what was seen at each step."""
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    settings = bpy.context.preferences.addons[MODULE].preferences
    environment = sys.modules[f"{MODULE}.cinemagraph_addon.backend_environment"]
    process = sys.modules[f"{MODULE}.cinemagraph_addon.backend_process"]
    seen: dict[str, object] = {}

    def look(name: str) -> None:
        try:
            seen[name] = environment.find_python()
        except Exception as problem:  # noqa: BLE001 (the class is the extension's own; the test reads its words)
            seen[name] = str(problem)

    look("python at first")
    seen["offered at first"] = environment.offered_installation()
    seen["installing offline"] = _message(bpy.ops.cinemagraph.install_backend)
    seen["removing nothing"] = _message(bpy.ops.cinemagraph.remove_backend)
    settings.wheel_folder = wheel_folder
    seen["installing"] = _message(bpy.ops.cinemagraph.install_backend)
    look("python when installed")
    seen["testing"] = _message(bpy.ops.cinemagraph.test_backend)
    seen["report"] = process.report().lines() if process.report() else []
    settings.python_source = "EXISTING"
    look("no existing python")
    settings.backend_python = sys.executable
    look("existing python")
    settings.python_source = "PRIVATE"
    pyproject = environment.extension_root() / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("tiny==1.0", "tiny==2.0"))
    look("python after an update of the add-on")
    seen["offered after an update of the add-on"] = environment.offered_installation()
    seen["updating"] = _message(bpy.ops.cinemagraph.install_backend)
    look("python when updated")
    seen["removing"] = _message(bpy.ops.cinemagraph.remove_backend)
    seen["backend runs"] = process.running_client() is not None
    seen["left"] = sorted(path.name for path in environment.private_folder().path.iterdir())
    bpy.ops.preferences.addon_disable(module=MODULE)
    return seen


def _message(operator: object) -> str:
    """FINISHED or CANCELLED, or why it failed."""
    try:
        return next(iter(operator()))
    except RuntimeError as error:
        return str(error)


if __name__ == "__main__":
    result = main(*sys.argv[1:])
    Path(os.environ["SEEN"]).write_text(json.dumps(result))
    os._exit(0)  # bpy may hang in its own exit
