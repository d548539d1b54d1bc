"""Steps: Build Scene runs in the background, shows where it is, and stops when asked."""

import shutil
import time
from collections.abc import Generator

import bpy
from stall_monitor import LIMIT_S
from stepping import Tour, Wait

_SOON_S = 0.5  # within which Esc and Cancel must work


def start_build(tour: Tour, size: int = 1280) -> None:
    """Press the button *Build Scene*."""
    settings = tour.scene.cinemagraph
    settings.photo, settings.working_size = str(tour.photo), size
    settings.scene_dir = str(tour.out / f"{tour.photo.stem}.cinemagraph")
    settings.mask = str(tour.mask)
    if tour.hints:
        settings.hints = str(tour.hints)
    with bpy.context.temp_override(**tour.context()):
        assert bpy.ops.cinemagraph.build_scene("INVOKE_DEFAULT", True) == {"RUNNING_MODAL"}


def the_cancel_button_stops_a_build(tour: Tour) -> Generator[Wait, None, None]:
    job = tour.addon("modal_job").running_job
    start_build(tour)
    yield lambda: job() is None or job().step.fraction > 0.1
    assert job() is not None, tour.scene.cinemagraph.message
    yield from tour.picture_now("progress")
    assert job() is not None, "the build was over before it could be cancelled"
    tour.note(progress=job().line())
    asked = time.perf_counter()
    bpy.ops.cinemagraph.cancel_job()
    yield lambda: not tour.is_job_running()
    _check_stopped(tour, asked)


def escape_stops_a_build(tour: Tour) -> Generator[Wait, None, None]:
    start_build(tour)
    yield 1.0
    assert tour.is_job_running(), tour.scene.cinemagraph.message
    asked = time.perf_counter()
    yield from tour.press("Escape")
    yield lambda: not tour.is_job_running()
    _check_stopped(tour, asked)


def a_build_leaves_blender_responsive(tour: Tour) -> Generator[Wait, None, None]:
    shutil.rmtree(tour.out / f"{tour.photo.stem}.cinemagraph", ignore_errors=True)  # all steps anew
    seen, started = len(tour.monitor.stalls), time.monotonic()
    start_build(tour)
    lines: list[str] = []
    while tour.is_job_running():
        line = tour.addon("modal_job").running_job().line()
        if not lines or lines[-1] != line:
            lines.append(line)
        yield 0.02
    tour.note(build_s=round(time.monotonic() - started, 1), lines=len(lines), last_line=lines[-1])
    tour.note(message=tour.scene.cinemagraph.message)
    yield from tour.settled()
    assert tour.scene.cinemagraph.is_built, tour.scene.cinemagraph.message
    assert any("left" in line for line in lines), "no time left was told"
    stalls = tour.monitor.stalls[seen:]
    for owner in ("add-on", "Blender", "tour"):
        longest = max((stall.parts.get(owner, 0.0) for stall in stalls), default=0.0)
        tour.note(**{f"longest stall by {owner} (ms)": round(longest * 1000)})
    ours = [stall for stall in stalls if stall.parts.get("add-on", 0.0) > LIMIT_S]
    assert not ours, f"the add-on kept the main thread for more than {LIMIT_S} s: {ours}"


def _check_stopped(tour: Tour, asked: float) -> None:
    took = tour.own_seconds_since(asked)
    tour.note(stopped_after_s=round(time.perf_counter() - asked, 2), without_drawing_s=round(took, 2))
    assert "cancelled" in tour.scene.cinemagraph.message
    assert took < _SOON_S
