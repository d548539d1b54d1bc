"""Lets no drawing of a panel be cut in two by the start of a render, which would leave Blender unable to write.

Blender has one flag for all threads that says whether Python may write. Each call of a Python class saves it, sets its
own, and puts the old one back: a panel's `draw` sets "no". When the render thread enters `render()` while a draw in the
window's thread waits for Python's lock, it saves that "no", and puts it back when the draw is long over. From then on
every timer, handler, and script fails with "can't modify blend data in this state (drawing/rendering)".

So from `render_pre` on, the running thread is not made to give Python's lock away, and the render thread goes on only
when the window's thread is outside Python. What draws must not give the lock away by itself either, as by looking at a
file: `is_rendering` tells it so.
"""

import sys
import threading
import time

import bpy
from bpy.app.handlers import persistent

from .render_engine import ENGINE

_UNDISTURBED_S = 10.0  # longer than any drawing, or anything else that our callbacks do between two waits
_LONGEST_WAIT_S = 1.0  # the window may be in a long operator, which harms nothing: operators may write
_POLL_S = 0.001
_usual_interval_s: float | None = None


def is_rendering() -> bool:
    """Whether a render job runs beside the window; never in background, where there is no window to draw."""
    return bpy.app.is_job_running("RENDER")


@persistent
def _before_frame(scene: bpy.types.Scene, *_: object) -> None:
    global _usual_interval_s  # noqa: PLW0603 (the interval is one per process)
    if scene.render.engine != ENGINE or threading.current_thread() is threading.main_thread():
        return
    if _usual_interval_s is None:
        _usual_interval_s = sys.getswitchinterval()
        sys.setswitchinterval(_UNDISTURBED_S)
    until = time.monotonic() + _LONGEST_WAIT_S
    while threading.main_thread().ident in sys._current_frames() and time.monotonic() < until:
        time.sleep(_POLL_S)


@persistent
def _after_frame(*_: object) -> None:
    global _usual_interval_s  # noqa: PLW0603
    if _usual_interval_s is not None:
        sys.setswitchinterval(_usual_interval_s)
        _usual_interval_s = None


def register() -> None:
    """Watch the frames of all renders."""
    bpy.app.handlers.render_pre.append(_before_frame)
    for name in ("render_post", "render_complete", "render_cancel"):
        getattr(bpy.app.handlers, name).append(_after_frame)


def unregister() -> None:
    """Leave Python's lock as it was."""
    bpy.app.handlers.render_pre.remove(_before_frame)
    for name in ("render_post", "render_complete", "render_cancel"):
        getattr(bpy.app.handlers, name).remove(_after_frame)
    _after_frame()
