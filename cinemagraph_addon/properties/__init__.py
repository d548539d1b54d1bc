"""Scene properties, one file per panel: `scene.cinemagraph` and the groups inside it."""

from . import camera, motion, preview, render, scene

_MODULES = (motion, camera, preview, render, scene)  # groups before what contains them


def register() -> None:
    """Add `scene.cinemagraph`."""
    for module in _MODULES:
        module.register()


def unregister() -> None:
    """Remove `scene.cinemagraph`."""
    for module in reversed(_MODULES):
        module.unregister()
