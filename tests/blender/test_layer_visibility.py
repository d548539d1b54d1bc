"""Whatever hides a layer hides it everywhere: in F12, in the Rendered viewport, in Export Loop, and in Safe View."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.frame_request import root_matrix  # noqa: E402
from cinemagraph.cinemagraph_addon.layer_pose import layer_poses  # noqa: E402
from cinemagraph.cinemagraph_addon.layer_visibility import hidden_layers  # noqa: E402
from cinemagraph.cinemagraph_addon.point_cloud import layer_objects  # noqa: E402

FAR = "Layer 1 (far)"
HideLayer = Callable[[bpy.types.Object, bpy.types.LayerCollection], None]


def _by_the_eye(obj: bpy.types.Object, _: bpy.types.LayerCollection) -> None:
    obj.hide_set(True)


def _by_the_monitor(obj: bpy.types.Object, _: bpy.types.LayerCollection) -> None:
    obj.hide_viewport = True


def _by_the_camera(obj: bpy.types.Object, _: bpy.types.LayerCollection) -> None:
    obj.hide_render = True


def _by_the_eye_of_its_collection(_: bpy.types.Object, own: bpy.types.LayerCollection) -> None:
    own.hide_viewport = True


def _by_the_monitor_of_its_collection(_: bpy.types.Object, own: bpy.types.LayerCollection) -> None:
    own.collection.hide_viewport = True


def _by_the_camera_of_its_collection(_: bpy.types.Object, own: bpy.types.LayerCollection) -> None:
    own.collection.hide_render = True


def _by_excluding_its_collection(_: bpy.types.Object, own: bpy.types.LayerCollection) -> None:
    own.exclude = True


@pytest.fixture(
    params=[
        _by_the_eye,
        _by_the_monitor,
        _by_the_camera,
        _by_the_eye_of_its_collection,
        _by_the_monitor_of_its_collection,
        _by_the_camera_of_its_collection,
        _by_excluding_its_collection,
    ],
    ids=lambda hide: hide.__name__.strip("_"),
)
def hidden(request: pytest.FixtureRequest, built: bpy.types.Scene) -> bpy.types.Scene:
    """A built scene whose far layer, in a collection of its own inside that of the scene, is hidden in one way."""
    obj, outer = bpy.data.objects[FAR], built.cinemagraph.collection
    own = bpy.data.collections.new("Far")
    outer.children.link(own)
    own.objects.link(obj)
    outer.objects.unlink(obj)
    layer = bpy.context.view_layer.layer_collection.children[outer.name].children[own.name]
    request.param(obj, layer)
    bpy.context.view_layer.update()
    return built


def _folder(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.scene_dir))


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    return json.loads((_folder(scene) / "last_request.json").read_text())


def test_a_render_leaves_a_hidden_layer_out(hidden: bpy.types.Scene, tmp_path: Path) -> None:
    hidden.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    assert _request(hidden)["hidden_layers"] == [1]


def test_the_rendered_viewport_leaves_a_hidden_layer_out(hidden: bpy.types.Scene, tmp_path: Path) -> None:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert layer_poses(depsgraph, _folder(hidden), root_matrix(depsgraph), tmp_path).hidden_layers == [1]


def test_export_loop_leaves_a_hidden_layer_out(hidden: bpy.types.Scene, tmp_path: Path) -> None:
    hidden.cinemagraph.loop_frames = 2
    bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.mp4"))
    assert _request(hidden)["hidden_layers"] == [1]


def test_safe_view_leaves_a_hidden_layer_out(hidden: bpy.types.Scene) -> None:
    assert hidden_layers(hidden, bpy.context.view_layer) == {1}


def test_a_layer_in_a_second_collection_that_is_shown_is_rendered(built: bpy.types.Scene, tmp_path: Path) -> None:
    other = bpy.data.collections.new("Other")
    built.collection.children.link(other)
    other.objects.link(bpy.data.objects[FAR])
    bpy.context.view_layer.layer_collection.children[other.name].exclude = True
    built.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    assert _request(built)["hidden_layers"] == []


def test_rebuilding_keeps_a_layer_hidden_by_the_eye(built: bpy.types.Scene) -> None:
    bpy.data.objects[FAR].hide_set(True)
    bpy.ops.cinemagraph.build_scene()
    assert bpy.data.objects[FAR].hide_get()


def test_showing_the_layers_undoes_every_way_of_hiding(built: bpy.types.Scene) -> None:
    layers = list(layer_objects(built.cinemagraph.collection).values())
    layers[0].hide_set(True)
    layers[0].hide_render = True
    layers[1].hide_viewport = True
    child = bpy.context.view_layer.layer_collection.children[built.cinemagraph.collection.name]
    child.exclude = True
    bpy.ops.cinemagraph.show_layers()
    assert hidden_layers(built, bpy.context.view_layer) == frozenset()
