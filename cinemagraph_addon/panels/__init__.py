"""The Cinemagraph tab of the sidebars, one file per panel, in the order of the work. Panels read and never write."""

from . import backend, camera, export, motion, notices, preview, render, scene, status

_MODULES = (status, notices, scene, motion, preview, camera, render, export, backend)  # also the order on screen


def register() -> None:
    """Add the panels."""
    for module in _MODULES:
        module.register()


def unregister() -> None:
    """Take them away."""
    for module in reversed(_MODULES):
        module.unregister()
