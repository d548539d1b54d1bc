"""The Blender side: panels, operators, objects, cameras, and the render engine. Importing it needs no Blender."""

import atexit
from importlib import import_module
from types import ModuleType

_MODULES = (
    "progress_log",
    "backend_process",
    "preferences",
    "properties",
    "file_paths",
    "mask_image",
    "mask_history",
    "operators.job",
    "operators.scene",
    "operators.mask",
    "operators.arrows",
    "operators.motion",
    "operators.view",
    "depth_composite",
    "operators.depth_composite",
    "operators.cameras",
    "operators.camera_presets",
    "operators.loop_check",
    "operators.safe_view",
    "operators.backend",
    "operators.install",
    "operators.photo",
    "operators.export",
    "operators.export_ply",
    "operators.pack",
    "operators.frame_range",
    "operators.find_files",
    "operators.photo_view",
    "operators.restore_points",
    "menus",
    "panels",
    "safe_view_drawing",
    "mask_overlay",
    "render_engine",
    "write_permission",
    "translations",
    "command_line",
)


def register() -> None:
    """Register every module in order; one that fails takes the earlier ones back."""
    done: list[ModuleType] = []
    for name in _MODULES:
        module = import_module(f".{name}", __package__)
        try:
            module.register()
        except BaseException:  # whatever it was is raised again; half an add-on must not stay registered
            _unregister(done)
            raise
        done.append(module)
    if _runs_as_python_module():
        atexit.register(unregister)


def unregister() -> None:
    """Undo `register` in reverse, ending with the backend process."""
    atexit.unregister(unregister)
    _unregister([import_module(f".{name}", __package__) for name in _MODULES])


def _unregister(modules: list[ModuleType]) -> None:
    for module in reversed(modules):
        module.unregister()


def _runs_as_python_module() -> bool:
    """Whether Blender is the bpy wheel, which crashes (4.2) or hangs (4.5) at exit while classes are registered."""
    import bpy

    return not bpy.app.binary_path
