"""Steps: F12 renders with the engine, and Esc stops it."""

import time
from collections.abc import Generator

import bpy
import numpy as np
from stepping import Tour, Wait

_SOON_S = 0.5
_SOON_WRITABLE_S = 5.0  # half a second, and what drawing without a GPU takes
_MANY = 12


def escape_stops_a_render(tour: Tour) -> Generator[Wait, None, None]:
    scene = tour.scene
    tour.area().spaces.active.shading.type = "SOLID"  # without a GPU, drawing the points takes longer than a render
    scene.cinemagraph.preview.display = "RELIEF"
    yield from tour.settled()
    render, settings = scene.render, scene.cinemagraph.render
    render.resolution_percentage, settings.samples = 300, 4  # long enough to be stopped
    try:
        _press_render(tour)
        yield lambda: bpy.app.is_job_running("RENDER")
        yield 1.5
        assert bpy.app.is_job_running("RENDER"), "the render was over before it could be stopped"
        asked = time.perf_counter()
        yield from tour.press("Escape")
        yield lambda: not bpy.app.is_job_running("RENDER")
    finally:
        render.resolution_percentage, settings.samples = 100, 1
    took = tour.own_seconds_since(asked)
    tour.note(stopped_after_s=round(time.perf_counter() - asked, 2), without_drawing_s=round(took, 2))
    yield from _close_render_window(tour)
    assert took < _SOON_S


def a_frame_renders(tour: Tour) -> Generator[Wait, None, None]:
    tour.scene.frame_set(tour.scene.frame_start)
    started = time.monotonic()
    _press_render(tour)
    yield lambda: bpy.app.is_job_running("RENDER")
    yield lambda: not bpy.app.is_job_running("RENDER")
    tour.note(render_s=round(time.monotonic() - started, 2))
    yield from tour.picture("render")
    file = tour.out / "frame.png"
    tour.scene.render.image_settings.file_format = "PNG"
    bpy.data.images["Render Result"].save_render(str(file), scene=tour.scene)
    yield from _close_render_window(tour)
    error = np.abs(_pixels(file) - _pixels(tour.out / f"{tour.photo.stem}.cinemagraph" / "photo.png")).mean()
    tour.note(mean_difference_to_the_photo=round(float(error) * 255, 2))
    assert error * 255 < 2, "the first frame is not the photo"


def renders_beside_drawing_leave_blender_writable(tour: Tour) -> Generator[Wait, None, None]:
    """Blender 4.3 to 5.0 cannot write any more when a render starts in the middle of a panel's drawing."""
    render, waits = tour.scene.render, []
    render.resolution_percentage = 25
    try:
        for _ in range(_MANY):
            _press_render(tour)
            yield lambda: _redrawn(tour) and bpy.app.is_job_running("RENDER")
            yield lambda: _redrawn(tour) and not bpy.app.is_job_running("RENDER")
            ended = time.monotonic()
            yield lambda: _can_write(tour)
            waits.append(round(time.monotonic() - ended, 2))
            tour.note(rendered=len(waits), seconds_until_writable=waits)
    finally:
        render.resolution_percentage = 100
    yield from _close_render_window(tour)
    assert max(waits) < _SOON_WRITABLE_S


def _can_write(tour: Tour) -> bool:
    try:
        tour.scene.frame_step = 1
    except AttributeError:
        return False
    return True


def _redrawn(tour: Tour) -> bool:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in (region for region in area.regions if region.type != "WINDOW"):
                region.tag_redraw()  # panels and headers only: drawing the points takes a second without a GPU
    return True


def _press_render(tour: Tour) -> None:
    with bpy.context.temp_override(**tour.context()):
        bpy.ops.render.render("INVOKE_DEFAULT")


def _close_render_window(tour: Tour) -> Generator[Wait, None, None]:
    for window in list(bpy.context.window_manager.windows)[1:]:
        with bpy.context.temp_override(window=window):
            bpy.ops.wm.window_close()
    yield 0.3


def _pixels(file: object) -> np.ndarray:
    image = bpy.data.images.load(str(file), check_existing=False)
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(-1, 4)[:, :3]
