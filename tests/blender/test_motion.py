"""Arrows in a list, Estimate Motion, and what the backend gets of it."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.arrow_sources import arrows_of_strokes  # noqa: E402
from cinemagraph.cinemagraph_addon.hints import arrow_source  # noqa: E402
from cinemagraph.cinemagraph_addon.mask_image import FREEZE, MASK, new_mask  # noqa: E402
from PIL import Image  # noqa: E402


@pytest.fixture
def painted(built: bpy.types.Scene) -> bpy.types.Scene:
    """A built scene whose mask of 96x64 is white in the lower right quarter."""
    values = np.zeros((64, 96), np.uint8)
    values[32:, 48:] = 255
    new_mask(built, MASK, values)
    return built


def _add_arrow(scene: bpy.types.Scene, start: tuple[float, float], end: tuple[float, float]) -> bpy.types.PropertyGroup:
    arrow = scene.cinemagraph.motion.arrows.add()
    arrow.start, arrow.end = start, end
    return arrow


def _folder(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.scene_dir))


def _sent(scene: bpy.types.Scene) -> dict[str, object]:
    return json.loads((_folder(scene) / "last_motion.json").read_text())


def _drawn(scene: bpy.types.Scene) -> dict[str, object]:
    return json.loads((_folder(scene) / "drawn_hints.json").read_text())


def _flow(layer: str) -> np.ndarray:
    data = bpy.data.objects[layer].data.attributes["flow"].data
    values = np.empty(len(data) * 3, np.float32)
    data.foreach_get("vector", values)
    return values.reshape(-1, 3)


def _pixels(layer: str) -> np.ndarray:
    data = bpy.data.objects[layer].data.attributes["source_pixel"].data
    values = np.empty(len(data) * 2, np.float32)
    data.foreach_get("vector", values)
    return values.reshape(-1, 2)


def test_an_arrow_is_the_way_of_fifty_frames(built: bpy.types.Scene) -> None:
    arrow = _add_arrow(built, (0.25, 0.5), (0.75, 0.5))  # 48 pixels of 96
    assert (arrow.speed, arrow.direction) == (pytest.approx(48 / 50), pytest.approx(0.0))


def test_up_is_a_quarter_turn(built: bpy.types.Scene) -> None:
    assert _add_arrow(built, (0.5, 0.25), (0.5, 0.75)).direction == pytest.approx(math.pi / 2)


def test_direction_turns_an_arrow_and_keeps_its_speed(built: bpy.types.Scene) -> None:
    arrow = _add_arrow(built, (0.25, 0.5), (0.75, 0.5))
    arrow.direction = math.pi / 2
    assert (arrow.end[0], arrow.end[1], arrow.speed) == pytest.approx((0.25, 0.5 + 48 / 64, 48 / 50))


def test_speed_makes_an_arrow_longer_and_keeps_its_direction(built: bpy.types.Scene) -> None:
    arrow = _add_arrow(built, (0.25, 0.5), (0.5, 0.5))
    arrow.speed = 48 / 50
    assert tuple(arrow.end) == pytest.approx((0.75, 0.5))


def test_an_arrow_of_speed_0_remembers_its_direction(built: bpy.types.Scene) -> None:
    arrow = _add_arrow(built, (0.5, 0.25), (0.5, 0.75))
    arrow.speed = 0.0
    assert arrow.direction == pytest.approx(math.pi / 2, abs=1e-3)


def test_the_backend_gets_the_mask_as_painted(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    mask = np.asarray(Image.open(_folder(painted) / "drawn_mask.png"))
    assert (mask.shape, mask[:32].max(), mask[:, :48].max(), mask[32:, 48:].min()) == ((64, 96), 0, 0, 255)


def test_the_backend_gets_the_freeze_mask(painted: bpy.types.Scene) -> None:
    new_mask(painted, FREEZE, np.full((64, 96), 77, np.uint8))
    bpy.ops.cinemagraph.estimate_motion()
    assert np.unique(np.asarray(Image.open(_folder(painted) / "drawn_freeze.png"))).tolist() == [77]


def test_the_backend_gets_arrows_in_pixels_from_the_top(painted: bpy.types.Scene) -> None:
    _add_arrow(painted, (0.5, 0.25), (0.75, 0.5))
    bpy.ops.cinemagraph.estimate_motion()
    arrow = _drawn(painted)["arrows"][0]
    assert (arrow["start"], arrow["end"], _drawn(painted)["frames"]) == ([48.0, 48.0], [72.0, 32.0], 50)


def test_a_switched_off_arrow_stays_off(painted: bpy.types.Scene) -> None:
    _add_arrow(painted, (0.5, 0.25), (0.75, 0.5)).enabled = False
    bpy.ops.cinemagraph.estimate_motion()
    assert _drawn(painted)["arrows"][0]["enabled"] is False


def test_the_backend_gets_speed_and_smoothing(painted: bpy.types.Scene) -> None:
    painted.cinemagraph.motion.speed, painted.cinemagraph.motion.smoothing = 2.0, 0.5
    bpy.ops.cinemagraph.estimate_motion()
    assert (_sent(painted)["speed"], _sent(painted)["smoothing"]) == (2.0, 0.5)


def test_the_hints_file_is_used_without_arrows(painted: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "arrows.json").write_text("{}")
    painted.cinemagraph.hints = str(tmp_path / "arrows.json")
    bpy.ops.cinemagraph.estimate_motion()
    assert (_sent(painted)["hints"], arrow_source(painted.cinemagraph)) == (
        str(tmp_path / "arrows.json"),
        "Arrows of arrows.json",
    )


def test_the_motion_shows_on_the_layers_at_once(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    flow, pixels = _flow("Layer 1 (far)"), _pixels("Layer 1 (far)")
    assert np.array_equal(flow[:, 2] > 0, pixels[:, 1] > 32)  # the mask's rows; the far half are its columns


def test_what_flowed_before_and_is_not_painted_stands_still(painted: bpy.types.Scene) -> None:
    moved_before = bool((_flow("Layer 1 (far)")[:, 0] != 0).all())
    bpy.ops.cinemagraph.estimate_motion()
    assert (moved_before, bool((_flow("Layer 1 (far)")[:, 0] == 0).all())) == (True, True)


def test_the_flow_is_there_as_a_picture(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    assert tuple(painted.cinemagraph.motion.flow_image.size) == (96, 64)


def test_the_picture_is_loaded_anew(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    bpy.ops.cinemagraph.filter_mask(kind="FILL")
    bpy.ops.cinemagraph.estimate_motion()
    pixels = np.empty(96 * 64 * 4, np.float32)
    painted.cinemagraph.motion.flow_image.pixels.foreach_get(pixels)
    assert float(pixels.reshape(-1, 4)[:, 0].max()) < 0.6


def test_regions_are_listed_with_v_up(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    region = painted.cinemagraph.motion.regions[0]
    assert (region.name, tuple(region.place), region.speed) == ("Water", (0.25, 0.25), 1.0)


def test_the_speed_of_a_region_goes_there_and_back(painted: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.estimate_motion()
    painted.cinemagraph.motion.regions[0].speed = 0.5
    bpy.ops.cinemagraph.estimate_motion()
    assert (_sent(painted)["region_speeds"], painted.cinemagraph.motion.regions[0].speed) == ([[0.25, 0.75, 0.5]], 0.5)


def test_warnings_end_up_in_the_message(painted: bpy.types.Scene) -> None:
    _add_arrow(painted, (0.1, 0.9), (0.2, 0.9))
    bpy.ops.cinemagraph.estimate_motion()
    assert painted.cinemagraph.message == "Estimated the motion of 1 region. Arrow 1 starts where nothing moves"


def test_a_mask_of_another_size_is_used_and_said(built: bpy.types.Scene) -> None:
    new_mask(built, MASK, np.full((64, 96), 255, np.uint8))
    built.cinemagraph.motion.mask_image.scale(48, 32)
    bpy.ops.cinemagraph.build_scene()
    assert built.cinemagraph.message.endswith("Motion Mask of 48 x 32 was scaled to the photo's 96 x 64")


def test_estimating_needs_a_built_scene(scene: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="Build the scene first"):
        bpy.ops.cinemagraph.estimate_motion()


def test_a_mask_file_that_is_gone_is_named(built: bpy.types.Scene) -> None:
    built.cinemagraph.mask = "/nowhere/mask.png"
    with pytest.raises(RuntimeError, match=r"Mask '/nowhere/mask\.png' does not exist"):
        bpy.ops.cinemagraph.estimate_motion()


def test_a_crash_leaves_the_motion_as_it_was(painted: bpy.types.Scene, use_backend: Callable[[str], None]) -> None:
    from cinemagraph.cinemagraph_addon import backend_process

    before = _flow("Layer 1 (far)")
    backend_process.stop()
    use_backend("crash")
    with pytest.raises(RuntimeError, match="The backend stopped unexpectedly"):
        bpy.ops.cinemagraph.estimate_motion()
    assert np.array_equal(_flow("Layer 1 (far)"), before)


def test_building_uses_what_was_painted_before(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("good")
    scene.cinemagraph.photo = str(photo)
    bpy.ops.cinemagraph.guess_mask()
    bpy.ops.cinemagraph.build_scene()
    motion = scene.cinemagraph.motion
    assert (motion.mask_image is not None, len(motion.arrows)) == (True, 1)


def test_a_guess_makes_a_mask_and_arrows(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("good")
    scene.cinemagraph.photo = str(photo)
    bpy.ops.cinemagraph.guess_mask()
    arrow = scene.cinemagraph.motion.arrows[0]
    assert (tuple(arrow.start), tuple(arrow.end)) == ((0.25, 0.25), (0.5, 0.25))


def test_a_guess_keeps_drawn_arrows(painted: bpy.types.Scene) -> None:
    _add_arrow(painted, (0.125, 0.5), (0.25, 0.5))
    bpy.ops.cinemagraph.guess_mask()
    assert [tuple(a.start) for a in painted.cinemagraph.motion.arrows] == [(0.125, 0.5)]


def _stroke(*points: tuple[float, float]) -> SimpleNamespace:
    return SimpleNamespace(points=[SimpleNamespace(co=(u, v, 0.0)) for u, v in points])


def test_a_stroke_is_an_arrow_from_its_first_to_its_last_point() -> None:
    arrows = arrows_of_strokes([_stroke((0.1, 0.2), (0.5, 0.9), (0.3, 0.4))])
    assert (arrows[0].start, arrows[0].end) == ((0.1, 0.2), (0.3, 0.4))


def test_dots_are_no_arrows() -> None:
    assert arrows_of_strokes([_stroke((0.1, 0.2)), _stroke((0.1, 0.2), (0.1, 0.2))]) == []


def test_the_head_of_a_drawn_line_is_no_arrow() -> None:
    head, line = _stroke((0.48, 0.37), (0.5, 0.35), (0.48, 0.33)), _stroke((0.4, 0.35), (0.5, 0.35))
    assert [(arrow.start, arrow.end) for arrow in arrows_of_strokes([head, line])] == [((0.4, 0.35), (0.5, 0.35))]


def test_without_strokes_the_button_says_how_to_draw(built: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="draw a line with the Annotate tool"):
        bpy.ops.cinemagraph.arrows_from_annotations()


def _select(obj: bpy.types.Object) -> None:
    bpy.context.collection.objects.link(obj)
    bpy.context.view_layer.update()
    bpy.ops.object.select_all(action="DESELECT")
    obj.select_set(True)


def test_an_empty_becomes_an_arrow_along_its_tip(built: bpy.types.Scene) -> None:
    empty = bpy.data.objects.new("River", None)
    empty.empty_display_type, empty.empty_display_size = "SINGLE_ARROW", 0.125
    empty.location, empty.rotation_euler = (0, 1, 0), (0, math.pi / 2, 0)  # before the camera, pointing right
    _select(empty)
    bpy.ops.cinemagraph.arrows_from_objects()
    arrow = built.cinemagraph.motion.arrows[0]
    # One unit before a lens of 96 px, 0.125 units are 12 px of 96.
    place = (*arrow.start, *arrow.end)
    assert (arrow.name, place) == ("River", pytest.approx((0.5, 0.5, 0.625, 0.5), abs=1e-5))


def test_a_curve_becomes_an_arrow_from_end_to_end(built: bpy.types.Scene) -> None:
    data = bpy.data.curves.new("Flow", "CURVE")
    spline = data.splines.new("POLY")
    spline.points.add(2)
    for point, co in zip(spline.points, ((0, 2, 0), (0.5, 2, 0.5), (0, 2, 0.25)), strict=True):
        point.co = (*co, 1)
    _select(bpy.data.objects.new("Flow", data))
    bpy.ops.cinemagraph.arrows_from_objects()
    arrow = built.cinemagraph.motion.arrows[0]
    assert (*arrow.start, *arrow.end) == pytest.approx((0.5, 0.5, 0.5, 0.5 + 12 / 64), abs=1e-5)


def test_objects_follow_a_root_that_was_moved(built: bpy.types.Scene) -> None:
    built.cinemagraph.root.location = (5, 0, 0)
    empty = bpy.data.objects.new("River", None)
    empty.empty_display_type, empty.location = "SINGLE_ARROW", (5, 1, 0)
    _select(empty)
    bpy.ops.cinemagraph.arrows_from_objects()
    assert tuple(built.cinemagraph.motion.arrows[0].start) == pytest.approx((0.5, 0.5), abs=1e-5)


def test_an_object_behind_the_camera_is_no_arrow(built: bpy.types.Scene) -> None:
    empty = bpy.data.objects.new("River", None)
    empty.location = (0, -3, 0)
    _select(empty)
    bpy.ops.cinemagraph.arrows_from_objects()
    assert len(built.cinemagraph.motion.arrows) == 0


def test_the_list_can_be_edited(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_arrow()
    bpy.ops.cinemagraph.add_arrow()
    motion = built.cinemagraph.motion
    before = motion.arrows[1].direction
    bpy.ops.cinemagraph.flip_arrow()
    turned = abs(motion.arrows[1].direction - before)
    bpy.ops.cinemagraph.remove_arrow()
    assert (len(motion.arrows), motion.active_arrow, turned) == (1, 0, pytest.approx(math.pi))


def test_arrows_are_undone(built: bpy.types.Scene) -> None:
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.cinemagraph.add_arrow("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    assert len(bpy.context.scene.cinemagraph.motion.arrows) == 0


def test_arrows_are_saved_with_the_file(built: bpy.types.Scene, tmp_path: Path) -> None:
    _add_arrow(built, (0.125, 0.5), (0.25, 0.5))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert tuple(bpy.context.scene.cinemagraph.motion.arrows[0].end) == (0.25, 0.5)
