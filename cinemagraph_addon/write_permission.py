"""Gives Python the right to write back where Blender 4.3 to 5.0 has lost it at the start of a render.

These versions have one flag for all threads that says whether Python may write. Each call of a Python class saves it,
sets its own, and puts the saved one back: a panel's `draw` sets "no". When the render thread calls an engine in the
middle of a draw, as it may whenever Python changes threads, it saves that "no" and puts it back when the draw is long
over. From then on every timer, handler, and script fails with "can't modify blend data in this state
(drawing/rendering)", whatever the engine. 4.2.23, 4.5.15, and 5.2 have a flag for each thread.

What two overlapping calls have spoilt, two others mend. A property's update function may always write, and the
properties of the window manager can always be set: in such a function another thread begins a call, which saves that
"yes", and it ends it, putting the "yes" back, when the function is over.
"""

import threading

import bpy
from bpy.app.handlers import persistent

_LOOK_S = 0.5
_LONGEST_WAIT_S = 5.0
_READONLY = "modify blend data in this state"  # after "can't" in 4.3, after "cannot" in 5.0
_begun, _may_end, _over = threading.Event(), threading.Event(), threading.Event()
_was_rendered = threading.Event()


def can_write() -> bool:
    """Whether Python may write now; in a draw it never may. To be asked in the main thread."""
    try:
        bpy.ops.cinemagraph.hold_write_permission()
    except RuntimeError as error:  # its poll refuses it, but Blender asks for the right to write before
        return _READONLY not in str(error)
    return True


def restore() -> None:
    """Let Python write again. To be called in the main thread, outside of any draw."""
    for event in (_begun, _may_end, _over):
        event.clear()
    bpy.context.window_manager.cinemagraph_may_write = True
    _may_end.set()
    if _begun.is_set():
        _over.wait(_LONGEST_WAIT_S)


class CINEMAGRAPH_OT_hold_write_permission(bpy.types.Operator):
    """Never runs: asking whether it may is a call that lasts as long as wanted"""

    bl_idname = "cinemagraph.hold_write_permission"
    bl_label = "Hold Write Permission"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if threading.current_thread() is not threading.main_thread():
            _begun.set()
            _may_end.wait(_LONGEST_WAIT_S)
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        return {"CANCELLED"}


def _on_update(_manager: bpy.types.WindowManager, _context: bpy.types.Context) -> None:
    threading.Thread(target=_hold).start()
    _begun.wait(_LONGEST_WAIT_S)


def _hold() -> None:
    bpy.ops.cinemagraph.hold_write_permission.poll()
    _over.set()


def _look() -> float:
    """After a render, look whether it has spoilt the right to write."""
    if _was_rendered.is_set() and not bpy.app.is_job_running("RENDER"):
        _was_rendered.clear()
        if not can_write():
            restore()
    return _LOOK_S


@persistent
def _after_frame(*_: object) -> None:
    _was_rendered.set()  # in the render thread, where a timer must not be started


_HANDLERS = ("render_post", "render_complete", "render_cancel")


def register() -> None:
    """Look after each render in a window; without one a render runs in the main thread."""
    bpy.utils.register_class(CINEMAGRAPH_OT_hold_write_permission)
    bpy.types.WindowManager.cinemagraph_may_write = bpy.props.BoolProperty(
        name="May Write", description="Set to give Python the right to write back", update=_on_update
    )
    if bpy.app.background:
        return
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).append(_after_frame)
    bpy.app.timers.register(_look, first_interval=_LOOK_S, persistent=True)


def unregister() -> None:
    """Leave nothing behind."""
    if not bpy.app.background:
        bpy.app.timers.unregister(_look)
        for name in _HANDLERS:
            getattr(bpy.app.handlers, name).remove(_after_frame)
    del bpy.types.WindowManager.cinemagraph_may_write
    bpy.utils.unregister_class(CINEMAGRAPH_OT_hold_write_permission)
