"""Layers that the artist has hidden, moved, deformed, or edited: what a render tells the backend."""

import json
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

FAR = "Layer 1 (far)"


def _folder(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.scene_dir))


def _render(scene: bpy.types.Scene, tmp_path: Path) -> dict[str, object]:
    scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    return json.loads((_folder(scene) / "last_request.json").read_text())


def _sent(scene: bpy.types.Scene, name: str, layer: int = 1) -> np.ndarray:
    return np.load(_folder(scene) / f"last_{name}_{layer}.npy")


def _rest(scene: bpy.types.Scene, layer: int = 1) -> np.ndarray:
    cloud = _folder(scene) / "cloud"
    return np.load(cloud / "positions.npy")[np.load(cloud / "layers.npy") == layer]


def test_layers_as_built_are_not_sent(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.frame_set(31)  # they flow in the viewport by now
    assert _render(built, tmp_path)["posed_layers"] == []


def test_a_hidden_layer_is_left_out(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects[FAR].hide_render = True
    request = _render(built, tmp_path)
    assert (request["hidden_layers"], request["posed_layers"]) == ([1], [])


def test_a_moved_layer_stands_where_it_was_moved(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects[FAR].location = (0.5, 1.0, 0.25)  # right, away, up
    assert _render(built, tmp_path)["posed_layers"] == [1]
    assert np.allclose(_sent(built, "positions") - _rest(built), (0.5, -0.25, 1.0), atol=1e-5)


def test_a_scaled_layer_has_its_flow_scaled(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects[FAR].scale = (2.0, 1.0, 3.0)
    linear = np.reshape(_render(built, tmp_path)["posed_linear"][0], (3, 3))
    assert np.allclose(linear, np.diag([2.0, 3.0, 1.0]), atol=1e-6)


def test_moving_the_root_moves_no_layer(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.root.location = (3.0, 2.0, 1.0)
    built.cinemagraph.root.scale = (0.5, 0.5, 0.5)
    assert _render(built, tmp_path)["posed_layers"] == []


def test_a_modifier_deforms_the_layer(built: bpy.types.Scene, tmp_path: Path) -> None:
    _add_shift(bpy.data.objects[FAR])
    _render(built, tmp_path)
    assert np.allclose(_sent(built, "positions") - _rest(built), (0.0, -0.5, 0.0), atol=1e-5)


def test_a_wave_leaves_the_points_their_ids(built: bpy.types.Scene, tmp_path: Path) -> None:
    obj = bpy.data.objects[FAR]
    wave = obj.modifiers.new("Wave", "WAVE")
    wave.height, wave.width, wave.narrowness = 0.5, 1.5, 1.5
    obj.modifiers.move(1, 0)  # before the points are made: a wave bends meshes
    built.frame_set(20)
    _render(built, tmp_path)
    moved = np.abs(_sent(built, "positions") - _rest(built)).max(axis=1)
    assert (moved.max() > 0.01, len(_sent(built, "ids"))) == (True, len(_rest(built)))


def test_a_modifier_that_is_off_deforms_nothing(built: bpy.types.Scene, tmp_path: Path) -> None:
    _add_shift(bpy.data.objects[FAR]).show_render = False
    assert _render(built, tmp_path)["posed_layers"] == []


def test_deleted_points_are_not_rendered(built: bpy.types.Scene, tmp_path: Path) -> None:
    import bmesh

    mesh = bpy.data.objects[FAR].data
    edited = bmesh.new()
    edited.from_mesh(mesh)
    bmesh.ops.delete(edited, geom=edited.verts[:10], context="VERTS")
    edited.to_mesh(mesh)
    edited.free()
    _render(built, tmp_path)
    expected = np.flatnonzero(np.load(_folder(built) / "cloud" / "layers.npy") == 1)[10:]
    assert np.array_equal(_sent(built, "ids"), expected)


def test_points_without_ids_say_what_to_do(built: bpy.types.Scene, tmp_path: Path) -> None:
    mesh = bpy.data.objects[FAR].data
    mesh.attributes.remove(mesh.attributes["point_id"])
    with pytest.raises(RuntimeError, match=r"have lost the attribute 'point_id'\. Press Restore Points"):
        _render(built, tmp_path)


def test_points_of_another_scene_folder_say_what_to_do(built: bpy.types.Scene, tmp_path: Path) -> None:
    attribute = bpy.data.objects[FAR].data.attributes["point_id"]
    attribute.data[0].value = 10_000_000
    with pytest.raises(RuntimeError, match="do not belong to this scene folder"):
        _render(built, tmp_path)


def test_a_layer_without_our_nodes_is_still_rendered(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects[FAR].modifiers.clear()
    request = _render(built, tmp_path)
    assert (request["hidden_layers"], request["posed_layers"]) == ([], [])


def test_the_viewports_relief_hides_no_layer_from_the_rendered_view(built: bpy.types.Scene, tmp_path: Path) -> None:
    built.cinemagraph.preview.display = "RELIEF"
    assert _viewport_poses(built, tmp_path) == ([], [])


def test_the_rendered_view_knows_moved_layers(built: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.data.objects[FAR].location.x = 0.5
    assert _viewport_poses(built, tmp_path) == ([], [1])


def test_the_rendered_view_gets_deformed_layers_at_rest(built: bpy.types.Scene, tmp_path: Path) -> None:
    _add_shift(bpy.data.objects[FAR])
    bpy.data.objects[FAR].modifiers.move(1, 0)
    built.frame_set(31)
    _viewport_poses(built, tmp_path)
    sent = np.load(tmp_path / "positions_1.npy")
    assert np.allclose(sent - _rest(built), (0.0, -0.5, 0.0), atol=1e-4)


def _viewport_poses(scene: bpy.types.Scene, folder: Path) -> tuple[list[int], list[int]]:
    from cinemagraph.cinemagraph_addon.frame_request import root_matrix
    from cinemagraph.cinemagraph_addon.layer_pose import layer_poses

    depsgraph = bpy.context.evaluated_depsgraph_get()
    poses = layer_poses(depsgraph, _folder(scene), root_matrix(depsgraph), folder)
    return poses.hidden_layers, poses.posed_layers


def _add_shift(obj: bpy.types.Object) -> bpy.types.NodesModifier:
    """Geometry Nodes that lift everything by half a unit."""
    group = bpy.data.node_groups.new("Lift", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Geometry", in_out=in_out, socket_type="NodeSocketGeometry")
    source, lift, target = (
        group.nodes.new(kind) for kind in ("NodeGroupInput", "GeometryNodeSetPosition", "NodeGroupOutput")
    )
    lift.inputs["Offset"].default_value = (0.0, 0.0, 0.5)
    group.links.new(source.outputs[0], lift.inputs["Geometry"])
    group.links.new(lift.outputs[0], target.inputs[0])
    modifier = obj.modifiers.new("Lift", "NODES")
    modifier.node_group = group
    return modifier
