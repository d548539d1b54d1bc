"""Safe View without a window: which views are asked for, when, and what is kept of the answers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon import backend_process, modal_job, safe_view, safe_view_drawing  # noqa: E402
from cinemagraph.cinemagraph_addon.view_measure import scene_view  # noqa: E402

UseBackend = Callable[[str], None]
_WAIT_S = 20.0


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Nothing is left of one test in the next."""
    safe_view.forget()
    yield
    safe_view.forget()


def _want(scene: bpy.types.Scene) -> None:
    bpy.context.view_layer.update()
    view = scene_view(scene, bpy.context.evaluated_depsgraph_get())
    safe_view.want(scene, bpy.context.view_layer, view)


def _look_until_idle() -> int:
    """What the timer does in a window; how often something was asked."""
    asked = 0
    while safe_view._look() is not None:
        asked += 1
        safe_view._state.asked.job.wait(_WAIT_S)
        assert safe_view._state.asked.job.poll() is not None
    return asked


def test_the_wanted_view_is_measured(built: bpy.types.Scene) -> None:
    built.camera.location.x = 0.3
    _want(built)
    _look_until_idle()
    assert safe_view.measured().unknown == pytest.approx(3.0)


def test_the_mask_comes_along(built: bpy.types.Scene) -> None:
    _want(built)
    _look_until_idle()
    assert safe_view.measured().mask.tolist() == [[2, 1, 1, 1, 1, 1], *[[2, 0, 0, 0, 0, 0]] * 3]


def test_the_same_view_is_asked_for_once(built: bpy.types.Scene) -> None:
    _want(built)
    _look_until_idle()
    _want(built)
    assert _look_until_idle() == 0


def test_of_many_views_meanwhile_only_the_last_is_asked_for(built: bpy.types.Scene) -> None:
    _want(built)
    safe_view._look()
    for step in range(1, 6):
        built.camera.location.x = 0.1 * step
        _want(built)
    safe_view._state.asked.job.wait(_WAIT_S)
    assert _look_until_idle() == 1
    assert safe_view.measured().unknown == pytest.approx(5.0)


def test_an_answer_of_another_view_is_not_current(built: bpy.types.Scene) -> None:
    _want(built)
    _look_until_idle()
    built.camera.location.x = 0.1
    _want(built)
    assert not safe_view.is_current()


def test_a_scene_that_was_built_again_is_measured_again(built: bpy.types.Scene, tmp_path: Path) -> None:
    _want(built)
    _look_until_idle()
    description = tmp_path / "photo.cinemagraph" / "scene.json"
    description.write_text(description.read_text() + " ")
    _want(built)
    assert _look_until_idle() == 1


def test_a_running_job_comes_first(built: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_view, "running_job", lambda: modal_job.RunningJob("Build Scene", iter(())))
    _want(built)
    safe_view._look()
    assert safe_view._state.asked is None


def test_a_missing_backend_is_told_and_not_asked_again(built: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CINEMAGRAPH_BACKEND_PYTHON", "/nowhere/python")
    _want(built)
    safe_view._look()
    assert "does not exist" in safe_view.problem()
    assert safe_view._look() is None


def test_a_backend_that_dies_is_told(built: bpy.types.Scene, use_backend: UseBackend) -> None:
    use_backend("crash")
    _want(built)
    _look_until_idle()
    assert "stopped unexpectedly" in safe_view.problem()


def test_no_arrays_are_left(built: bpy.types.Scene) -> None:
    _want(built)
    _look_until_idle()
    assert list(backend_process.running_client().folder.iterdir()) == []


def test_nothing_is_drawn_in_background_mode(addon: None) -> None:
    assert safe_view_drawing._handle is None


@pytest.mark.parametrize(
    ("unknown", "rating"), [(0.0, "SAFE"), (2.0, "SAFE"), (2.1, "CAUTION"), (5.0, "CAUTION"), (5.1, "UNSAFE")]
)
def test_the_rating_follows_the_allowed_share(unknown: float, rating: str) -> None:
    assert safe_view.rating(unknown, 2.0) == rating


def test_the_tint_has_its_bottom_row_first() -> None:
    tint = safe_view_drawing.tint(np.array([[1, 0], [2, 0]], np.uint8))
    assert np.array_equal(tint[..., 3] > 0, [[True, False], [True, False]])
    assert tint[0, 0, 0] > 4 * tint[0, 0, 1]  # beyond is red, and below
