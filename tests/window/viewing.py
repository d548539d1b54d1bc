"""Steps: what the viewport shows: points, relief, playback, and cameras."""

import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import bpy
from stall_monitor import LIMIT_S
from stepping import Tour, Wait

_SHADERS_S = 20.0  # Material Preview compiles; without a GPU that takes long
_FRAMES_SEEN = 8


def the_points_show_the_photo(tour: Tour) -> Generator[Wait, None, None]:
    space = tour.area().spaces.active
    assert space.region_3d.view_perspective == "CAMERA", "the build did not look through the camera"
    tour.note(shading=space.shading.type)
    tour.note(hidden=[obj.name for obj in tour.scene.objects if obj.hide_get()])
    yield _SHADERS_S
    yield from tour.picture("points")


def the_relief_shows_in_solid_shading(tour: Tour) -> Generator[Wait, None, None]:
    shading, before = tour.area().spaces.active.shading, tour.area().spaces.active.shading.type
    tour.scene.cinemagraph.preview.display = "RELIEF"
    shading.type = "SOLID"
    shading.color_type, shading.light = "VERTEX", "FLAT"
    yield from tour.picture("relief")
    tour.scene.cinemagraph.preview.display = "POINTS"
    shading.type = before
    yield 1.0


def space_plays_the_loop(tour: Tour) -> Generator[Wait, None, None]:
    handlers = [*bpy.app.handlers.frame_change_pre, *bpy.app.handlers.frame_change_post]
    assert not [h for h in handlers if "cinemagraph" in h.__module__], "Python runs while it plays"
    tour.scene.cinemagraph.preview.density = 0.3
    tour.scene.sync_mode = "NONE"  # every frame
    tour.scene.frame_set(1)
    yield 1.0
    yield from tour.press("space")
    yield lambda: tour.window.screen.is_animation_playing
    started = time.monotonic()
    yield lambda: tour.scene.frame_current > _FRAMES_SEEN
    tour.note(seconds_per_frame=round((time.monotonic() - started) / _FRAMES_SEEN, 2))
    yield from tour.picture_now("playing")
    yield from tour.press("space")
    yield lambda: not tour.window.screen.is_animation_playing
    tour.scene.cinemagraph.preview.density = 1.0


def the_frame_after_the_loop_looks_like_the_first(tour: Tour) -> Generator[Wait, None, None]:
    overlay = tour.area().spaces.active.overlay
    overlay.show_overlays = False  # the frame's number is one
    samples, tour.scene.eevee.taa_samples = tour.scene.eevee.taa_samples, 1  # more take their time to settle
    first, loop = tour.scene.frame_start, tour.scene.cinemagraph.loop_frames
    pictures = []
    for frame in (first, first + loop // 2, first + loop):
        tour.scene.frame_set(frame)
        pictures.append((yield from tour.picture(f"loop_{frame:03}")))
    overlay.show_overlays, tour.scene.eevee.taa_samples = True, samples
    tour.scene.frame_set(first)
    crop = _viewport_crop(tour)
    moved, closed = (_different_pixels(pictures[0], other, crop) for other in pictures[1:])
    tour.note(pixels_moved_at_half=moved, pixels_moved_after_loop=closed)
    assert moved > 1000, "nothing moved"
    assert closed < moved / 4, "the loop does not close"  # EEVEE's one sample is not quite the same each time


def a_camera_follows_a_path(tour: Tour) -> Generator[Wait, None, None]:
    with bpy.context.temp_override(**tour.context()):
        assert bpy.ops.cinemagraph.add_camera("INVOKE_DEFAULT", True, path="circle") == {"FINISHED"}
    tour.scene.frame_set(tour.scene.frame_start + tour.scene.cinemagraph.loop_frames // 4)
    yield from tour.picture("camera_path")
    tour.scene.frame_set(tour.scene.frame_start)


def the_safe_view_shows_what_is_unknown(tour: Tour) -> Generator[Wait, None, None]:
    tour.scene.cinemagraph.camera.show_safe_view = True
    tour.scene.frame_set(tour.scene.frame_start + tour.scene.cinemagraph.loop_frames // 4)
    yield 3.0  # it measures once the view rests
    yield from tour.picture("safe_view")
    tour.scene.cinemagraph.camera.show_safe_view = False
    tour.scene.frame_set(tour.scene.frame_start)


def the_rendered_viewport_shows_the_final_frame(tour: Tour) -> Generator[Wait, None, None]:
    seen = len(tour.monitor.stalls)
    tour.area().spaces.active.shading.type = "RENDERED"
    started = time.monotonic()
    viewports = tour.addon("viewport_frame")._viewports
    yield lambda: any(v.shown is not None and v.shown == v.wanted and not v.is_draft for v in viewports.values())
    tour.note(final_frame_s=round(time.monotonic() - started, 1))
    yield from tour.picture("rendered_viewport")
    tour.area().spaces.active.shading.type = "SOLID"
    ours = [stall for stall in tour.monitor.stalls[seen:] if stall.parts.get("add-on", 0.0) > LIMIT_S]
    assert not ours, f"the add-on kept the main thread for more than {LIMIT_S} s: {ours}"


def _viewport_crop(tour: Tour) -> str:
    """The middle of the 3D viewport, as ImageMagick writes areas: headers, sidebar, and gizmos lie outside."""
    area = tour.area()
    width, height = area.width // 2, area.height // 2
    left, top = area.x + area.width // 8, tour.window.height - area.y - area.height + area.height // 4
    return f"{width}x{height}+{left}+{top}"


def _different_pixels(first: Path, second: Path, crop: str) -> int:
    """How many pixels differ by more than rounding."""
    command = ["compare", "-metric", "AE", "-fuzz", "1%", f"{first}[{crop}]", f"{second}[{crop}]", "null:"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode < 2, done.stderr
    return round(float(done.stderr.split()[0]))
