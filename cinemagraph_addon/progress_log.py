"""Where headless runs see progress: one line per step on stderr, through `logging`."""

import logging

import bpy

_handler: logging.Handler | None = None


def register() -> None:
    """In background mode, show what this add-on logs, unless the caller has set up logging."""
    global _handler  # noqa: PLW0603 (one handler per process, taken away again by unregister)
    logger = logging.getLogger(__package__)
    if not bpy.app.background or logger.hasHandlers():
        return
    _handler = logging.StreamHandler()
    _handler.setFormatter(logging.Formatter("Cinemagraph: %(message)s"))
    logger.addHandler(_handler)
    logger.setLevel(logging.INFO)


def unregister() -> None:
    """Take the handler away."""
    global _handler  # noqa: PLW0603
    if _handler is not None:
        logging.getLogger(__package__).removeHandler(_handler)
        _handler = None
