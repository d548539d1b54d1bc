"""Building a scene through the operator, and what stands in Blender afterwards."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from bpy_extras.object_utils import world_to_camera_view  # noqa: E402
from cinemagraph.cinemagraph_addon.built_scene import colors_match_photo  # noqa: E402
from cinemagraph.cinemagraph_addon.color import srgb_to_linear  # noqa: E402

_NUM_PIXELS = 96 * 64


def _attribute(name: str, kind: str, width: int) -> np.ndarray:
    data = bpy.data.objects["Layer 1 (far)"].data.attributes[name].data
    values = np.empty(len(data) * width, np.float32)
    data.foreach_get(kind, values)
    return values.reshape(-1, width)


def _layers(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    return [obj for obj in scene.cinemagraph.collection.objects if "cinemagraph_layer" in obj]


def test_each_layer_is_an_object(built: bpy.types.Scene) -> None:
    names = sorted(obj.name for obj in _layers(built))
    assert names == ["Layer 0 (near)", "Layer 1 (far)"]


def test_all_points_are_there(built: bpy.types.Scene) -> None:
    assert sum(len(obj.data.vertices) for obj in _layers(built)) == _NUM_PIXELS


def test_points_are_coloured_in_linear_light(built: bpy.types.Scene, photo: Path) -> None:
    from PIL import Image

    pixel = np.asarray(Image.open(photo))[0, 48] / 255  # first pixel of the right half
    assert np.allclose(_attribute("Color", "color", 4)[0], [*srgb_to_linear(pixel), 1.0], atol=1e-6)


def test_points_know_their_row_in_the_arrays(built: bpy.types.Scene) -> None:
    assert _attribute("point_id", "value", 1)[:2, 0].tolist() == [48, 49]


def test_points_know_their_pixel(built: bpy.types.Scene) -> None:
    assert _attribute("source_pixel", "vector", 2)[0].tolist() == [48.5, 0.5]


def test_points_know_their_layer(built: bpy.types.Scene) -> None:
    assert set(_attribute("layer", "value", 1)[:, 0]) == {1}


def test_geometry_nodes_make_a_point_of_each_vertex(built: bpy.types.Scene) -> None:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    clouds = [i.object.data for i in depsgraph.object_instances if i.object.type == "POINTCLOUD"]
    moving = _NUM_PIXELS // 2  # the far half flows, and has a backward twin
    assert sum(len(cloud.points) for cloud in clouds) == _NUM_PIXELS + moving


def test_points_are_two_pixels_wide_at_their_depth(built: bpy.types.Scene) -> None:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    clouds = [i.object.data for i in depsgraph.object_instances if i.object.type == "POINTCLOUD"]
    radii = sorted({round(cloud.points[0].radius, 5) for cloud in clouds})
    assert radii == pytest.approx([1 / 96, 4 / 96], abs=1e-5)


def test_points_land_on_their_pixels(built: bpy.types.Scene) -> None:
    bpy.context.view_layer.update()
    obj = bpy.data.objects["Layer 1 (far)"]
    vertices, pixels = obj.data.vertices, _attribute("source_pixel", "vector", 2)
    for index in (0, 500, len(vertices) - 1):
        view = world_to_camera_view(built, built.camera, obj.matrix_world @ vertices[index].co)
        assert np.allclose([view.x * 96, (1 - view.y) * 64], pixels[index], atol=0.01)


def test_the_frame_is_the_photo(built: bpy.types.Scene) -> None:
    render = built.render
    assert (render.resolution_x, render.resolution_y, render.resolution_percentage) == (96, 64, 100)


def test_the_photo_camera_is_active_and_has_the_photos_lens(built: bpy.types.Scene) -> None:
    # 96 px wide at a focal length of 96 px on a sensor of 36 mm.
    assert (built.camera.name, built.camera.data.lens) == ("Photo Camera", pytest.approx(36.0))


def test_the_photo_stands_behind_the_camera_view(built: bpy.types.Scene) -> None:
    assert tuple(built.camera.data.background_images[0].image.size) == (96, 64)


def test_the_frame_range_is_one_loop(built: bpy.types.Scene) -> None:
    assert (built.frame_start, built.frame_end) == (1, 60)


def test_colours_match_the_photo(built: bpy.types.Scene) -> None:
    assert colors_match_photo(built)


def test_building_again_keeps_the_objects(built: bpy.types.Scene) -> None:
    before = sorted(obj.name for obj in bpy.data.objects)
    bpy.ops.cinemagraph.build_scene()
    assert sorted(obj.name for obj in bpy.data.objects) == before


def test_building_again_keeps_what_is_hidden(built: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 1 (far)"].hide_render = True
    bpy.ops.cinemagraph.build_scene()
    assert bpy.data.objects["Layer 1 (far)"].hide_render


def test_building_again_leaves_no_old_points(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.build_scene()
    assert len(bpy.data.meshes) == 3  # two layers and the relief


def test_a_layer_that_is_gone_is_removed(built: bpy.types.Scene) -> None:
    extra = bpy.data.objects["Layer 1 (far)"].copy()
    extra["cinemagraph_layer"] = 7
    built.cinemagraph.collection.objects.link(extra)
    bpy.ops.cinemagraph.build_scene()
    assert "Layer 1 (far).001" not in bpy.data.objects


def test_two_scenes_of_one_photo_get_their_own_folders(built: bpy.types.Scene, photo: Path) -> None:
    other = bpy.data.scenes.new("Other")
    other.cinemagraph.photo = str(photo)
    with bpy.context.temp_override(scene=other, view_layer=other.view_layers[0]):
        bpy.ops.cinemagraph.build_scene()
    assert other.cinemagraph.scene_dir != built.cinemagraph.scene_dir


@pytest.fixture
def cube(scene: bpy.types.Scene) -> bpy.types.Object:
    """The cube of Blender's first scene, 2 units wide around the origin, where the photo's camera will stand."""
    bpy.ops.mesh.primitive_cube_add()
    return bpy.context.object


def _build(scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]) -> None:
    use_backend("good")
    scene.cinemagraph.photo = str(photo)
    bpy.ops.cinemagraph.build_scene()


def test_a_cube_around_the_camera_is_hidden(
    cube: bpy.types.Object, scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    _build(scene, photo, use_backend)
    assert (cube.hide_get(), cube.hide_render) == (True, True)


def test_what_was_hidden_is_told(
    cube: bpy.types.Object, scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    _build(scene, photo, use_backend)
    assert "Hid 'Cube'" in scene.cinemagraph.message


def test_a_cube_beside_the_camera_stays(
    cube: bpy.types.Object, scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    cube.location.x = 3
    bpy.context.view_layer.update()
    _build(scene, photo, use_backend)
    assert not cube.hide_get()


def test_a_cube_shown_again_stays_when_the_scene_is_built_again(
    cube: bpy.types.Object, scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    _build(scene, photo, use_backend)
    cube.hide_set(False)
    bpy.ops.cinemagraph.build_scene()
    assert not cube.hide_get()


def test_the_button_asks_for_a_photo_first(scene: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="Choose a photo first"):
        bpy.ops.cinemagraph.build_scene()


def test_a_photo_that_is_gone_is_named(scene: bpy.types.Scene, use_backend: Callable[[str], None]) -> None:
    use_backend("good")
    scene.cinemagraph.photo = "/nowhere/lake.jpg"
    with pytest.raises(RuntimeError, match=r"Photo '/nowhere/lake\.jpg' does not exist"):
        bpy.ops.cinemagraph.build_scene()


def test_a_crash_while_building_is_one_clear_error(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("crash")
    scene.cinemagraph.photo = str(photo)
    with pytest.raises(RuntimeError, match="The backend stopped unexpectedly"):
        bpy.ops.cinemagraph.build_scene()


def test_after_a_crash_building_works_again(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    scene.cinemagraph.photo = str(photo)
    use_backend("crash")
    with pytest.raises(RuntimeError):
        bpy.ops.cinemagraph.build_scene()
    use_backend("good")
    assert bpy.ops.cinemagraph.build_scene() == {"FINISHED"}


def test_a_failed_build_leaves_the_scene_as_it_was(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("crash")
    scene.cinemagraph.photo = str(photo)
    with pytest.raises(RuntimeError):
        bpy.ops.cinemagraph.build_scene()
    assert (list(scene.objects), scene.cinemagraph.is_built) == ([], False)


def test_a_missing_backend_is_named(scene: bpy.types.Scene, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CINEMAGRAPH_BACKEND_PYTHON", "/nowhere/python")
    scene.cinemagraph.photo = str(photo)
    with pytest.raises(RuntimeError, match="'/nowhere/python' does not exist"):
        bpy.ops.cinemagraph.build_scene()


def test_paths_are_relative_once_the_file_is_saved(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert (built.cinemagraph.photo, built.cinemagraph.scene_dir) == ("//photo.png", "//photo.cinemagraph")


def test_paths_follow_a_file_that_is_saved_elsewhere(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    (tmp_path / "sub").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sub" / "shot.blend"))
    assert built.cinemagraph.scene_dir == "//../photo.cinemagraph"


def test_saving_a_copy_keeps_the_paths_of_the_open_file(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    (tmp_path / "sub").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sub" / "copy.blend"), copy=True)
    assert built.cinemagraph.scene_dir == "//photo.cinemagraph"


def test_a_saved_copy_finds_its_files(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    (tmp_path / "sub").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "sub" / "copy.blend"), copy=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "sub" / "copy.blend"))
    assert bpy.context.scene.cinemagraph.scene_dir == "//../photo.cinemagraph"


def test_the_backend_test_passes(scene: bpy.types.Scene, use_backend: Callable[[str], None]) -> None:
    use_backend("good")
    assert bpy.ops.cinemagraph.test_backend() == {"FINISHED"}


def test_building_again_keeps_another_render_size(built: bpy.types.Scene) -> None:
    built.render.resolution_x = 192
    bpy.ops.cinemagraph.build_scene()
    assert built.render.resolution_x == 192


def test_building_another_photo_gives_its_size(built: bpy.types.Scene, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (48, 64)).save(tmp_path / "other.png")
    built.cinemagraph.photo = str(tmp_path / "other.png")
    bpy.ops.cinemagraph.build_scene()
    assert (built.render.resolution_x, built.render.resolution_y) == (48, 64)


def test_building_again_keeps_engine_range_and_colours(built: bpy.types.Scene) -> None:
    built.render.engine, built.frame_end = "CYCLES", 30
    built.view_settings.exposure = 1.0
    bpy.ops.cinemagraph.build_scene()
    assert (built.render.engine, built.frame_end, built.view_settings.exposure) == ("CYCLES", 30, 1.0)


def test_colours_are_left_alone_when_asked(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("good")
    scene.cinemagraph.photo, scene.cinemagraph.match_colors = str(photo), False
    before = scene.view_settings.view_transform
    bpy.ops.cinemagraph.build_scene()
    assert scene.view_settings.view_transform == before


def test_building_again_keeps_keys_of_cameras(built: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.add_camera(path="circle")
    camera = built.camera
    built.frame_set(20)
    before = camera.matrix_world.copy()
    bpy.ops.cinemagraph.build_scene()
    built.frame_set(1)
    built.frame_set(20)
    assert built.camera.matrix_world == before


def test_building_again_keeps_a_moved_layer(built: bpy.types.Scene) -> None:
    bpy.data.objects["Layer 0 (near)"].location.x = 2.0
    bpy.ops.cinemagraph.build_scene()
    assert bpy.data.objects["Layer 0 (near)"].location.x == 2.0


def test_the_network_estimates_the_depth_unless_told_otherwise(built: bpy.types.Scene) -> None:
    assert _asked(built) == {"depth": "", "horizon": None}


def test_the_rule_and_a_horizon_can_be_asked_for(built: bpy.types.Scene) -> None:
    settings = built.cinemagraph
    settings.depth_source, settings.use_horizon, settings.horizon = "prior", True, 0.25
    bpy.ops.cinemagraph.build_scene()
    assert _asked(built) == {"depth": "prior", "horizon": 0.25}


def test_a_depth_map_is_not_corrected(built: bpy.types.Scene, photo: Path) -> None:
    settings = built.cinemagraph
    settings.depth, settings.depth_source, settings.use_horizon = str(photo), "prior", True
    bpy.ops.cinemagraph.build_scene()
    assert _asked(built) == {"depth": str(photo), "horizon": None}


def _asked(scene: bpy.types.Scene) -> dict[str, object]:
    return json.loads((Path(scene.cinemagraph.scene_dir) / "scene.json").read_text())["asked"]
