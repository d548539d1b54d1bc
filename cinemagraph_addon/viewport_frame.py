"""The Rendered viewport: the frame of the current view, a draft while it moves and the final one once it rests.

Drawing never waits: it draws the newest frame there is and asks for the next. A timer looks for the answer, and asks
Blender to draw again; it runs only while something is on its way. Keyed by the region, since Blender makes and frees
engines as it likes.
"""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import bpy
import gpu
import numpy as np
from gpu_extras.presets import draw_texture_2d

from ..ml_backend.protocol import RenderFrame
from . import backend_process, layer_pose
from .bridge.client import Job
from .bridge.problem import Problem
from .bridge.thread_job import RESULT, ThreadJob
from .camera import PinholeView, viewport_view
from .file_paths import scene_folder
from .frame_request import Region, root_matrix, view_request
from .rendered_frame import RenderedFrame, RenderStopped, read_frame, result_values
from .shown_text import shown

_POLL_S = 0.03
_REST_S = 0.25  # without a change of the view before the final frame is asked for

View = tuple[object, ...]  # all that a frame depends on; two equal views have the same frame


@dataclass(slots=True)
class _Asked:
    """A frame on its way: of which view, draft or final, the folder of its arrays."""

    view: View
    is_draft: bool
    job: Job
    folder: Path
    size: tuple[int, int]
    unit: float
    is_free: bool


@dataclass(slots=True)
class _Viewport:
    """What one region shows: the newest frame and its view, what is asked for, and when the view last changed."""

    texture: gpu.types.GPUTexture | None = None
    shown: View | None = None
    is_draft: bool = False
    wanted: View | None = None
    changed_at: float = 0.0
    asked: _Asked | None = None
    reading: ThreadJob | None = None  # of the answer to what was asked
    problem: str = ""
    stamp: int = 0  # counts changes of the scene


_viewports: dict[int, _Viewport] = {}


def changed(context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
    """Something in the scene has changed; what is shown is old."""
    viewport = _viewports.setdefault(context.region.as_pointer(), _Viewport())
    viewport.stamp += 1
    viewport.problem = ""


def draw(engine: bpy.types.RenderEngine, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
    """Draw the newest frame, and ask for a newer one where the view has changed."""
    viewport = _viewports.setdefault(context.region.as_pointer(), _Viewport())
    _receive(viewport)
    if not viewport.problem:
        try:
            _ask(viewport, context, depsgraph)
        except Problem as problem:
            viewport.problem = str(problem)
    engine.update_stats("Cinemagraph", shown(viewport.problem or _state(viewport)))
    if viewport.texture is None:
        return
    gpu.state.blend_set("ALPHA_PREMULT")
    engine.bind_display_space_shader(depsgraph.scene)
    draw_texture_2d(viewport.texture, (0, 0), context.region.width, context.region.height)
    engine.unbind_display_space_shader()
    gpu.state.blend_set("NONE")


def forget_all() -> None:
    """Stop what is on its way and let go of all textures."""
    for viewport in _viewports.values():
        _drop(viewport)
    _viewports.clear()
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)


def _ask(viewport: _Viewport, context: bpy.types.Context, depsgraph: bpy.types.Depsgraph) -> None:
    root = root_matrix(depsgraph)
    region = Region(0, 0, context.region.width, context.region.height)
    pinhole = viewport_view(context.region_data, region.width, region.height, root)
    view = _view_key(viewport, depsgraph, pinhole, region)
    now = time.monotonic()
    if view != viewport.wanted:
        viewport.wanted, viewport.changed_at = view, now
    rests = now - viewport.changed_at >= _REST_S
    is_shown = viewport.shown == view
    if is_shown and not viewport.is_draft:
        return
    _start_timer()  # to come back when the view has rested, or the answer is there
    if not layer_pose.prepare(scene_folder(depsgraph.scene)):
        return
    if viewport.asked is not None:
        if viewport.asked.view == view or viewport.asked.is_draft:
            return  # a draft is soon there, and better than nothing
        _drop(viewport)
    if rests or not is_shown:
        is_free = context.region_data.view_perspective != "CAMERA"
        viewport.asked = _submit(depsgraph, pinhole, region, view, is_draft=not rests, is_free=is_free)


def _view_key(viewport: _Viewport, depsgraph: bpy.types.Depsgraph, pinhole: PinholeView, region: Region) -> View:
    scene = depsgraph.scene
    pose = np.round(pinhole.world_to_camera, 6).tobytes()
    settings = scene.cinemagraph
    return (
        tuple(np.round(pinhole.intrinsics, 3)),
        pose,
        (region.width, region.height),
        (scene.frame_current, settings.loop_start, settings.loop_frames, settings.scene_dir),
        viewport.stamp,
    )


def _submit(
    depsgraph: bpy.types.Depsgraph, pinhole: PinholeView, region: Region, view: View, *, is_draft: bool, is_free: bool
) -> _Asked:
    client = backend_process.client()
    folder = Path(tempfile.mkdtemp(prefix="view-", dir=client.folder))
    try:
        request = view_request(depsgraph, pinhole, region, folder)
    except BaseException:  # raised again: the folder must not stay behind
        shutil.rmtree(folder, ignore_errors=True)
        raise
    fields = {**request.fields, "quality": "draft" if is_draft else "final", "samples": 1}
    job = client.submit(RenderFrame, **fields)
    return _Asked(view, is_draft, job, folder, (region.width, region.height), request.unit, is_free)


def _receive(viewport: _Viewport) -> None:
    """Take the answer, if it is there, as the texture to draw."""
    asked = viewport.asked
    if asked is None or asked.job.poll() is None:
        return
    if viewport.reading is None:
        viewport.reading = ThreadJob("reading the frame", lambda: _read(asked))
        return
    if (ending := viewport.reading.poll()) is None:
        return
    viewport.asked = viewport.reading = None
    try:
        frame = result_values(ending)[RESULT]
        if frame is not None:
            viewport.texture, viewport.shown, viewport.is_draft = _texture(frame), asked.view, asked.is_draft
    except Problem as problem:
        viewport.problem = str(problem)


def _read(asked: _Asked) -> RenderedFrame | None:
    """The frame that was asked for, None where it was stopped. In a thread: a large view takes a tenth of a second."""
    try:
        values = result_values(asked.job.poll())
        width, height = asked.size
        # Away from the camera most of the view may be empty: what fills holes there would be a fog.
        return read_frame(values, width=width, height=height, unit=asked.unit, is_transparent=asked.is_free)
    except RenderStopped:
        return None
    finally:
        shutil.rmtree(asked.folder, ignore_errors=True)


def _texture(frame: RenderedFrame) -> gpu.types.GPUTexture:
    height, width = frame.rgba.shape[:2]
    buffer = gpu.types.Buffer("FLOAT", frame.rgba.size, frame.rgba.ravel())
    return gpu.types.GPUTexture((width, height), format="RGBA16F", data=buffer)


def _drop(viewport: _Viewport) -> None:
    """Stop what is on its way."""
    if viewport.asked is not None:
        viewport.asked.job.cancel()
        shutil.rmtree(viewport.asked.folder, ignore_errors=True)
        viewport.asked = viewport.reading = None


def _state(viewport: _Viewport) -> str:
    if viewport.texture is None:
        return "Rendering the first frame"
    return "Draft" if viewport.is_draft or viewport.shown != viewport.wanted else "Final"


def _start_timer() -> None:
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=_POLL_S)


def _look() -> float | None:
    """Draw again where an answer has come or a view has rested; None ends the timer."""
    regions = _rendered_regions()
    for pointer in [p for p in _viewports if p not in regions]:  # the editor was closed, or shows something else
        _drop(_viewports.pop(pointer))
    is_busy = False
    for pointer, region in regions.items():
        viewport = _viewports.get(pointer)
        if viewport is None or viewport.problem:
            continue
        is_final = viewport.shown == viewport.wanted and not viewport.is_draft
        is_busy |= not is_final
        waits_for = viewport.reading or (viewport.asked.job if viewport.asked is not None else None)
        has_answer = waits_for is not None and waits_for.poll() is not None
        has_rested = viewport.asked is None and time.monotonic() - viewport.changed_at >= _REST_S and not is_final
        if has_answer or has_rested:
            region.tag_redraw()
    return _POLL_S if is_busy else None


def _rendered_regions() -> dict[int, bpy.types.Region]:
    found = {}
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D" and area.spaces.active.shading.type == "RENDERED":
                found |= {r.as_pointer(): r for r in area.regions if r.type == "WINDOW"}
    return found
