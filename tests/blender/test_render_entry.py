"""A render must not cut a panel's drawing in two: no file is looked at, and Python's lock stays where it is."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    from cinemagraph.cinemagraph_addon import render_entry

    monkeypatch.setattr(render_entry, "is_rendering", lambda: True)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was looked at on disk since."""
    seen: list[object] = []

    def watched(name: str) -> None:
        real = getattr(os, name)

        def look(path: object = ".", *args: object, **kwargs: object) -> object:
            seen.append(path)
            return real(path, *args, **kwargs)

        monkeypatch.setattr(os, name, look)

    for name in ("stat", "lstat", "scandir", "listdir", "open"):
        watched(name)
    return seen


@pytest.fixture
def interval() -> Iterator[float]:
    from cinemagraph.cinemagraph_addon import render_entry

    before = sys.getswitchinterval()
    yield before
    render_entry._after_frame()
    sys.setswitchinterval(before)


class _PanelContext:
    """Blender's context, with what there is in a window only."""

    area = SimpleNamespace(type="VIEW_3D")
    region = SimpleNamespace(width=300)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))

    def __getattr__(self, name: str) -> object:
        return getattr(bpy.context, name)


def test_files_are_looked_at_when_no_render_runs(built: "bpy.types.Scene", looks: list[object]) -> None:
    _draw_all_panels()
    assert looks


def test_no_file_is_looked_at_while_a_render_runs(
    built: "bpy.types.Scene", rendering: None, looks: list[object]
) -> None:
    _draw_all_panels()
    assert looks == []


def test_notices_of_before_stay_while_a_render_runs(built: "bpy.types.Scene", monkeypatch: pytest.MonkeyPatch) -> None:
    from cinemagraph.cinemagraph_addon import notices, render_entry

    built.camera = None
    before = notices.shown_notices(built)
    built.camera = built.cinemagraph.photo_camera
    monkeypatch.setattr(render_entry, "is_rendering", lambda: True)
    assert before
    assert notices.shown_notices(built) == before


def test_a_frame_in_the_render_thread_waits_until_the_window_is_outside_python(
    built: "bpy.types.Scene", interval: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cinemagraph.cinemagraph_addon import render_entry

    window = threading.main_thread().ident
    inside = [True]
    monkeypatch.setattr(sys, "_current_frames", lambda: {window: None} if inside[0] else {})
    frame = threading.Thread(target=render_entry._before_frame, args=(built,))
    frame.start()
    frame.join(0.05)
    waited = frame.is_alive()
    inside[0] = False
    frame.join(5)
    assert waited
    assert not frame.is_alive()


def test_drawing_is_not_interrupted_between_a_frame_s_begin_and_its_end(
    built: "bpy.types.Scene", interval: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cinemagraph.cinemagraph_addon import render_entry

    monkeypatch.setattr(sys, "_current_frames", dict)
    frame = threading.Thread(target=render_entry._before_frame, args=(built,))
    frame.start()
    frame.join(5)
    during = sys.getswitchinterval()
    render_entry._after_frame()
    assert during > 1
    assert sys.getswitchinterval() == interval


def test_other_engines_and_background_renders_are_left_alone(built: "bpy.types.Scene", interval: float) -> None:
    from cinemagraph.cinemagraph_addon import render_entry

    started = time.monotonic()
    render_entry._before_frame(built)  # in the main thread, as in background
    assert sys.getswitchinterval() == interval
    assert time.monotonic() - started < 0.5


def _draw_all_panels() -> None:
    from cinemagraph.cinemagraph_addon.panels.layout import CinemagraphPanel

    context = _PanelContext()
    for panel in CinemagraphPanel.__subclasses__():
        if hasattr(panel, "draw") and getattr(panel, "poll", lambda _context: True)(context):
            panel.draw(SimpleNamespace(layout=MagicMock()), context)
