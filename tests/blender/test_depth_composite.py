"""Ordinary objects among the photo's points."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

_RED = (255, 0, 0)


@pytest.fixture
def composed(built: bpy.types.Scene) -> bpy.types.Scene:
    """The fake backend's photo, all at depth 2, and two red cubes: one before it on the left, one behind it."""
    for name, x, y in (("Before", -0.3, 1.0), ("Behind", 0.9, 3.0)):
        _add_cube(built, name, (x, y, 0.0))
    bpy.ops.cinemagraph.add_depth_composite()
    objects = built.cinemagraph.render.objects_scene
    objects.render.engine = "CYCLES"
    objects.cycles.samples, objects.cycles.use_denoising = 1, False
    objects.view_settings.view_transform = "Standard"
    return built


def _add_cube(scene: bpy.types.Scene, name: str, location: tuple[float, float, float]) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=0.2, location=location)
    cube = bpy.context.object
    cube.name = name
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    material.node_tree.nodes.clear()
    emission = material.node_tree.nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (1.0, 0.0, 0.0, 1.0)
    output = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
    cube.data.materials.append(material)
    return cube


def _render(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return np.asarray(Image.open(path.with_suffix(".png")).convert("RGB"))


def _pixel(scene: bpy.types.Scene, name: str) -> tuple[int, int]:
    """Row and column of an object's centre."""
    from bpy_extras.object_utils import world_to_camera_view

    view = world_to_camera_view(scene, scene.camera, bpy.data.objects[name].matrix_world.translation)
    return int((1 - view.y) * 64), int(view.x * 96)


def test_an_object_before_the_points_covers_them(composed: bpy.types.Scene, tmp_path: Path) -> None:
    frame = _render(composed, tmp_path / "frame")
    assert tuple(frame[_pixel(composed, "Before")]) == _RED


def test_an_object_behind_the_points_is_covered(composed: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    frame = _render(composed, tmp_path / "frame")
    place = _pixel(composed, "Behind")
    assert np.array_equal(frame[place], np.asarray(Image.open(photo))[place])


def test_the_rest_of_the_photo_is_as_without(composed: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    frame = _render(composed, tmp_path / "frame").astype(int)
    assert np.abs(frame[:8] - np.asarray(Image.open(photo))[:8]).max() <= 1


def test_an_object_that_is_added_later_is_there_too(composed: bpy.types.Scene, tmp_path: Path) -> None:
    _add_cube(composed, "Later", (0.3, 1.0, 0.0))
    bpy.context.view_layer.update()
    frame = _render(composed, tmp_path / "frame")
    assert tuple(frame[_pixel(composed, "Later")]) == _RED


def test_the_objects_follow_a_change_of_camera(composed: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.add_camera(path="static")
    composed.camera.location.x = 0.2
    frame = _render(composed, tmp_path / "frame")
    assert tuple(frame[_pixel(composed, "Before")]) == _RED


def test_the_cloud_is_not_rendered_twice(composed: bpy.types.Scene) -> None:
    objects = composed.cinemagraph.render.objects_scene
    assert [obj.name for obj in objects.objects if obj.name.startswith("Layer")] == []


def test_taking_it_away_leaves_the_photo(composed: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.remove_depth_composite()
    assert np.array_equal(_render(composed, tmp_path / "frame"), np.asarray(Image.open(photo)))


def test_taking_it_away_keeps_the_objects(composed: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.remove_depth_composite()
    assert {"Before", "Behind"} <= {obj.name for obj in composed.objects}


def test_setting_it_up_again_adds_no_second_node(composed: bpy.types.Scene) -> None:
    tree = composed.node_tree if bpy.app.version < (5, 0) else composed.compositing_node_group
    before = len(tree.nodes)
    bpy.ops.cinemagraph.add_depth_composite()
    assert len(tree.nodes) == before
