"""The moving points of the viewport: both clouds, the closed loop, and what a render gets instead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.cloud_nodes import FADE_START  # noqa: E402
from cinemagraph.cinemagraph_addon.point_cloud import set_layer_flow  # noqa: E402

_STANDS, _FLOWS = "Layer 0 (near)", "Layer 1 (far)"
_COUNT = 48 * 64  # points of each layer
_BEHIND = 1.02


@dataclass(frozen=True)
class Points:
    """What the viewport or a render has of a layer: positions (N, 3), radii (N,), names of attributes."""

    positions: np.ndarray
    radii: np.ndarray
    names: tuple[str, ...]

    def sorted(self) -> np.ndarray:
        """Rows (x, y, z, radius) in an order of their own."""
        rows = np.column_stack([self.positions, self.radii])
        return rows[np.lexsort(rows.T)]


def _points(depsgraph: bpy.types.Depsgraph, name: str) -> Points:
    found = [
        i.object.data for i in depsgraph.object_instances if i.object.type == "POINTCLOUD" and i.object.name == name
    ]
    assert len(found) == 1
    positions, radii = np.empty((len(found[0].points), 3), np.float32), np.empty(len(found[0].points), np.float32)
    found[0].attributes["position"].data.foreach_get("vector", positions.ravel())
    found[0].attributes["radius"].data.foreach_get("value", radii)
    return Points(positions, radii, tuple(found[0].attributes.keys()))


def _at(scene: bpy.types.Scene, frame: int, name: str = _FLOWS) -> Points:
    scene.frame_set(frame)
    return _points(bpy.context.evaluated_depsgraph_get(), name)


def _rest(name: str = _FLOWS) -> np.ndarray:
    positions = np.empty((_COUNT, 3), np.float32)
    bpy.data.objects[name].data.attributes["position"].data.foreach_get("vector", positions.ravel())
    return positions


def test_at_the_first_frame_all_points_stand_where_the_photo_has_them(built: bpy.types.Scene) -> None:
    assert np.array_equal(_at(built, 1).positions[:_COUNT], _rest())


def test_the_backward_cloud_stands_behind_the_forward_one(built: bpy.types.Scene) -> None:
    # 60 frames of 0.01 along x before their rest, at 1.02 times the distance
    expected = (_rest() - np.float32([0.6, 0, 0])) * np.float32(_BEHIND)
    assert np.allclose(_at(built, 1).positions[_COUNT:], expected, atol=1e-5)


def test_the_frame_after_the_loop_is_the_first_one(built: bpy.types.Scene) -> None:
    assert np.array_equal(_at(built, 61).sorted(), _at(built, 1).sorted())


def test_the_backward_cloud_ends_where_the_forward_one_began(built: bpy.types.Scene) -> None:
    last = _at(built, 60).positions[_COUNT:]
    assert np.allclose(last, (_rest() - np.float32([0.01, 0, 0])) * np.float32(_BEHIND), atol=1e-5)


def test_at_half_the_loop_both_clouds_are_there(built: bpy.types.Scene) -> None:
    assert np.count_nonzero(_at(built, 31).radii) == 2 * _COUNT


def test_forward_points_vanish_by_a_smooth_step_late_in_the_loop(built: bpy.types.Scene) -> None:
    x = (50 / 60 - FADE_START) / (1 - FADE_START)
    expected = 1 - x**3 * (x * (6 * x - 15) + 10)
    found = np.count_nonzero(_at(built, 51).radii[:_COUNT]) / _COUNT
    assert found == pytest.approx(expected, abs=0.03)  # 3 sigma of 3072 throws


@pytest.mark.parametrize("frame", [30, 42, 50, 57])
def test_the_preview_fades_as_the_renderer_does(built: bpy.types.Scene, frame: int) -> None:
    symmetric = pytest.importorskip("ml_backend.animation.symmetric", reason="torch is not installed here")
    found = np.count_nonzero(_at(built, frame + 1).radii[:_COUNT]) / _COUNT
    assert found == pytest.approx(1 - symmetric.late_fade(frame / 60), abs=0.03)  # 3 sigma of 3072 throws


def test_vanishing_shows_no_pattern(built: bpy.types.Scene) -> None:
    shown = (_at(built, 51).radii[:_COUNT] > 0).reshape(64, 48)
    in_rows, in_columns = shown.mean(axis=1).std(), shown.mean(axis=0).std()
    # of independent throws: sqrt(p (1 - p) / n) for n = 48 and 64
    spread = np.sqrt(shown.mean() * (1 - shown.mean()))
    assert (in_rows < 1.5 * spread / np.sqrt(48), in_columns < 1.5 * spread / np.sqrt(64)) == (True, True)


def test_points_follow_a_bent_path(built: bpy.types.Scene) -> None:
    obj = bpy.data.objects[_FLOWS]
    flow, bend = np.zeros((2 * _COUNT, 3), np.float32), np.zeros((2 * _COUNT, 3), np.float32)
    flow[:, 0], bend[:, 2] = 0.01, 0.001  # OpenCV: to the right, and away
    set_layer_flow(obj, flow, bend)
    moved = _at(built, 11).positions[:_COUNT] - _rest()
    assert np.allclose(moved, [0.1, 0.1, 0], atol=1e-5)


@pytest.mark.parametrize("frame", [2, 31, 60])
def test_a_point_without_flow_never_moves(built: bpy.types.Scene, frame: int) -> None:
    assert np.array_equal(_at(built, frame, _STANDS).positions, _rest(_STANDS))


@pytest.mark.parametrize("frame", [2, 31, 60])
def test_a_point_without_flow_never_vanishes(built: bpy.types.Scene, frame: int) -> None:
    assert _at(built, frame, _STANDS).radii.min() > 0


def test_a_point_is_as_wide_as_two_of_the_photos_pixels(built: bpy.types.Scene) -> None:
    # depth 4, focal length 96 px; points are drawn twice as wide as their step
    assert np.allclose(_at(built, 1).radii[:_COUNT], 0.5 * 2 * 4 / 96, rtol=1e-4)


def test_a_point_that_comes_nearer_keeps_its_width_in_the_picture(built: bpy.types.Scene) -> None:
    flow = np.zeros((2 * _COUNT, 3), np.float32)
    flow[:, 2] = -0.1  # OpenCV: towards the camera, from depth 4 to 3
    set_layer_flow(bpy.data.objects[_FLOWS], flow, np.zeros_like(flow))
    assert np.allclose(_at(built, 11).radii[:_COUNT], 0.5 * 2 * 3 / 96, rtol=1e-4)


def test_a_point_behind_the_camera_is_not_drawn(built: bpy.types.Scene) -> None:
    flow = np.zeros((2 * _COUNT, 3), np.float32)
    flow[:, 2] = -0.5
    set_layer_flow(bpy.data.objects[_FLOWS], flow, np.zeros_like(flow))
    assert _at(built, 11).radii[:_COUNT].max() == 0


def test_points_of_the_viewport_keep_color_and_id(built: bpy.types.Scene) -> None:
    assert {"Color", "point_id"} <= set(_at(built, 31).names)


def test_density_thins_both_clouds(built: bpy.types.Scene) -> None:
    built.cinemagraph.preview.density = 0.5
    assert len(_at(built, 31).radii) == pytest.approx(_COUNT, rel=0.06)  # of twice as many


def test_thinned_points_are_wider(built: bpy.types.Scene) -> None:
    full = _at(built, 31).radii[0]
    built.cinemagraph.preview.density = 0.25
    assert _at(built, 31).radii[0] == pytest.approx(2 * full)


class _Looker(bpy.types.RenderEngine):
    """Renders nothing; looks at the points of the render's own depsgraph."""

    bl_idname = "CINEMAGRAPH_TEST_LOOKER"
    bl_label = "Looker"
    seen: ClassVar[list[Points]] = []

    def render(self, depsgraph: bpy.types.Depsgraph) -> None:
        self.seen.append(_points(depsgraph, _FLOWS))


@pytest.fixture
def rendered_points(built: bpy.types.Scene) -> Callable[[int], Points]:
    def look(frame: int) -> Points:
        bpy.utils.register_class(_Looker)
        _Looker.seen.clear()
        try:
            built.render.engine = _Looker.bl_idname
            built.frame_set(frame)
            bpy.ops.render.render()
        finally:
            built.render.engine = "CINEMAGRAPH"
            bpy.utils.unregister_class(_Looker)
        return _Looker.seen[0]

    return look


def test_a_render_gets_the_points_at_rest(rendered_points: Callable[[int], Points]) -> None:
    assert np.array_equal(rendered_points(31).positions, _rest())


def test_a_render_gets_all_points_whatever_the_density(
    built: bpy.types.Scene, rendered_points: Callable[[int], Points]
) -> None:
    built.cinemagraph.preview.density = 0.1
    assert np.array_equal(rendered_points(31).positions, _rest())


def test_density_does_not_change_the_rendered_width(
    built: bpy.types.Scene, rendered_points: Callable[[int], Points]
) -> None:
    built.cinemagraph.preview.density = 0.1
    assert np.allclose(rendered_points(31).radii, 0.5 * 2 * 4 / 96, rtol=1e-4)


def test_a_render_gets_all_attributes(rendered_points: Callable[[int], Points]) -> None:
    assert {"Color", "point_id", "layer", "source_pixel", "flow", "flow_bend"} <= set(rendered_points(31).names)
