"""Steps: paint a mask and draw an arrow with the mouse, and let the motion be estimated."""

import time
from collections.abc import Generator

import bpy
import numpy as np
from stall_monitor import LIMIT_S
from stepping import Tour, Wait


def a_mask_is_painted_with_the_mouse(tour: Tour) -> Generator[Wait, None, None]:
    yield from _run_job(tour, bpy.ops.cinemagraph.paint_mask)
    before = _painted(tour)
    yield from tour.drag("IMAGE_EDITOR", (0.2, 0.62), (0.5, 0.62))
    yield from tour.picture("mask")
    painted = _painted(tour) - before
    tour.note(painted_px=round(painted))
    assert painted > 100, "the brush painted nothing"
    yield from tour.press("ctrl+z", "IMAGE_EDITOR")
    yield from tour.settled()
    assert abs(_painted(tour) - before) < 1, "undo did not take the stroke back"


def an_arrow_is_drawn_with_the_mouse(tour: Tour) -> Generator[Wait, None, None]:
    before = len(tour.scene.cinemagraph.motion.arrows)
    yield from _run_job(tour, bpy.ops.cinemagraph.draw_arrows)
    yield from tour.drag("IMAGE_EDITOR", (0.4, 0.4), (0.5, 0.4))
    with bpy.context.temp_override(**tour.context("IMAGE_EDITOR")):
        assert bpy.ops.cinemagraph.arrows_from_annotations("INVOKE_DEFAULT", True) == {"FINISHED"}
    arrows = tour.scene.cinemagraph.motion.arrows
    assert len(arrows) == before + 1, (
        f"{before} arrows became {[(a.name, tuple(a.start), a.direction, a.speed) for a in arrows]}"
    )
    arrow = arrows[-1]
    tour.note(direction=round(arrow.direction, 3), speed=round(arrow.speed, 2))
    yield from tour.picture("arrows")
    with bpy.context.temp_override(**tour.context("IMAGE_EDITOR")):
        bpy.ops.cinemagraph.done_painting()
    yield from tour.settled()
    assert "VIEW_3D" in {area.type for area in tour.window.screen.areas}, "the 3D viewport did not come back"


def the_motion_is_estimated(tour: Tour) -> Generator[Wait, None, None]:
    seen, started = len(tour.monitor.stalls), time.monotonic()
    yield from _run_job(tour, bpy.ops.cinemagraph.estimate_motion)
    tour.note(seconds=round(time.monotonic() - started, 1), message=tour.scene.cinemagraph.message)
    assert "Estimated" in tour.scene.cinemagraph.message
    ours = [stall for stall in tour.monitor.stalls[seen:] if stall.parts.get("add-on", 0.0) > LIMIT_S]
    assert not ours, f"the add-on kept the main thread for more than {LIMIT_S} s: {ours}"


def _run_job(tour: Tour, operator: object) -> Generator[Wait, None, None]:
    with bpy.context.temp_override(**tour.context(_some_editor(tour))):
        operator("INVOKE_DEFAULT", True)  # with a step for undo, as a button makes
    yield lambda: not tour.is_job_running()
    yield from tour.settled()


def _some_editor(tour: Tour) -> str:
    """The 3D viewport, or the Image Editor that took its place."""
    kinds = {area.type for area in tour.window.screen.areas}
    return "VIEW_3D" if "VIEW_3D" in kinds else "IMAGE_EDITOR"


def _painted(tour: Tour) -> float:
    """How many pixels of the mask are white, grey ones in part. The image is found anew: undo replaces it."""
    image = tour.scene.cinemagraph.motion.mask_image
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return float(pixels[::4].sum())
