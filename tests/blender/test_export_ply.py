"""Points and cameras as PLY, read again by Blender's own importer."""

import json
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

_NUM_PIXELS = 96 * 64


def _import(path: Path) -> bpy.types.Mesh:
    """The mesh that Blender's importer makes, with Blender's axes kept."""
    bpy.ops.wm.ply_import(filepath=str(path), forward_axis="Y", up_axis="Z", merge_verts=False)
    return bpy.context.view_layer.objects.active.data


def _positions(mesh: bpy.types.Mesh) -> np.ndarray:
    values = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.attributes["position"].data.foreach_get("vector", values.ravel())
    return values


def _layer(number: int) -> bpy.types.Object:
    return bpy.data.objects[f"Layer {number} ({'near' if number == 0 else 'far'})"]


def _export(path: Path, **options: object) -> bpy.types.Mesh:
    bpy.ops.cinemagraph.export_points(filepath=str(path), **options)
    return _import(path)


def test_all_points_come_back(built: bpy.types.Scene, tmp_path: Path) -> None:
    assert len(_export(tmp_path / "points.ply").vertices) == _NUM_PIXELS


def test_points_come_back_where_the_layers_show_them(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.location = (3, 2, 1)
    built.cinemagraph.root.rotation_euler = (0.3, 0.2, 0.1)
    bpy.context.view_layer.update()
    layer = _layer(0)
    ids = [item.value for item in layer.data.attributes["point_id"].data]
    expected = np.array([layer.matrix_world @ layer.data.vertices[i].co for i in np.argsort(ids)])  # rows in order
    found = _positions(_export(tmp_path / "points.ply"))
    assert np.allclose(expected, found[: len(expected)], atol=1e-5)


def test_colours_come_back(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    from PIL import Image

    mesh = _export(tmp_path / "points.ply", pose="REST")
    colors = np.empty((len(mesh.vertices), 4), np.float32)
    mesh.color_attributes[0].data.foreach_get("color_srgb", colors.ravel())
    expected = np.asarray(Image.open(photo))[:, :48].reshape(-1, 3)  # the near half, row by row
    assert np.array_equal(np.rint(colors[: len(expected), :3] * 255), expected)


def test_points_have_flowed_by_the_current_frame(built: bpy.types.Scene, tmp_path: Path) -> None:
    rest = _positions(_export(tmp_path / "rest.ply", pose="REST"))
    built.frame_set(11)
    moved = _positions(_export(tmp_path / "moved.ply"))
    shift = (moved - rest)[-100:]  # the far half flows to the right
    assert np.allclose(shift, [0.1, 0, 0], atol=1e-5)


def test_a_moved_layer_is_written_where_it_stands(built: bpy.types.Scene, tmp_path: Path) -> None:
    rest = _positions(_export(tmp_path / "rest.ply", pose="REST"))
    _layer(0).location.z = 2
    moved = _positions(_export(tmp_path / "moved.ply"))
    assert moved[:, 2].max() == pytest.approx(rest[rest[:, 1] < 2, 2].max() + 2, abs=1e-5)


def test_a_hidden_layer_is_left_out(built: bpy.types.Scene, tmp_path: Path) -> None:
    _layer(1).hide_viewport = True
    assert len(_export(tmp_path / "points.ply").vertices) == _NUM_PIXELS // 2


def test_as_built_has_the_hidden_layer_too(built: bpy.types.Scene, tmp_path: Path) -> None:
    _layer(1).hide_viewport = True
    assert len(_export(tmp_path / "points.ply", pose="REST").vertices) == _NUM_PIXELS


def test_the_header_names_layer_and_flow(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.export_points(filepath=str(tmp_path / "points.ply"))
    header = (tmp_path / "points.ply").read_bytes().partition(b"end_header\n")[0].decode()
    lines = [line for line in header.splitlines() if line.startswith("property")]
    assert lines[6:] == ["property int layer", *(f"property float flow_{axis}" for axis in "xyz")]


def test_each_camera_is_a_pyramid_on_a_line(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.loop_frames = 4
    bpy.ops.cinemagraph.export_cameras(filepath=str(tmp_path / "cameras.ply"))
    mesh = _import(tmp_path / "cameras.ply")
    assert (len(mesh.vertices), len(mesh.edges)) == (20, 4 * 8 + 3)


def test_the_pyramid_stands_where_the_camera_does(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.location = (3, 2, 1)
    bpy.context.view_layer.update()
    bpy.ops.cinemagraph.export_cameras(filepath=str(tmp_path / "cameras.ply"))
    corners = built.camera.matrix_world @ built.camera.data.view_frame(scene=built)[0]
    found = _positions(_import(tmp_path / "cameras.ply"))
    tip, base = found[0], found[1:5]
    assert np.allclose(tip, built.camera.matrix_world.translation, atol=1e-5)
    direction = np.array(corners) - tip  # of one corner of the camera's frame: one edge of the pyramid
    cosines = (base - tip) @ direction / np.linalg.norm(base - tip, axis=1) / np.linalg.norm(direction)
    assert cosines.max() == pytest.approx(1.0, abs=1e-5)


def test_cameras_as_json_are_those_of_the_backend(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.export_cameras(filepath=str(tmp_path / "cameras.json"))
    document = json.loads((tmp_path / "cameras.json").read_text())
    assert (document["format"], len(document["frames"])) == ("cinemagraph-cameras/1", 60)


def test_a_moved_layer_does_not_keep_cameras_from_being_written(built: bpy.types.Scene, tmp_path: Path) -> None:
    _layer(0).location.z = 2
    assert bpy.ops.cinemagraph.export_cameras(filepath=str(tmp_path / "cameras.ply")) == {"FINISHED"}


def test_another_ending_is_refused(built: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"needs a name with \.ply"):
        bpy.ops.cinemagraph.export_points(filepath=str(tmp_path / "points.obj"))


def test_a_place_that_cannot_be_written_is_said(built: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="could not be written"):
        bpy.ops.cinemagraph.export_points(filepath=str(tmp_path / "none" / "points.ply"))


def test_the_export_menu_offers_all_three(addon: None) -> None:
    draws = bpy.types.TOPBAR_MT_file_export._dyn_ui_initialize()
    assert any(draw.__module__.endswith("cinemagraph_addon.menus") for draw in draws)
