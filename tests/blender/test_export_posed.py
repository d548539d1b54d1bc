"""Export Loop of layers that do not stand as built: each frame asks the backend for what Render Animation asks."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

FAR = "Layer 1 (far)"
_LAST = 5  # frame of the scene


@pytest.fixture
def short(built: bpy.types.Scene) -> bpy.types.Scene:
    """A built scene whose loop is 4 frames long and begins at frame 2, with a camera that moves."""
    built.cinemagraph.loop_frames, built.cinemagraph.loop_start = 4, 2
    for frame, x in ((2, 0.0), (6, 0.4)):
        built.camera.location.x = x
        built.camera.keyframe_insert("location", frame=frame)
    return built


def _folder(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.scene_dir))


def _request(scene: bpy.types.Scene) -> dict[str, object]:
    """The last frame's request, without what differs from job to job."""
    request = json.loads((_folder(scene) / "last_request.json").read_text())
    return {name: value for name, value in request.items() if name not in {"id", "output_dir"}}


def _positions(scene: bpy.types.Scene, layer: int) -> np.ndarray:
    """Of the posed layer, in the order of the ids."""
    ids, positions = (np.load(_folder(scene) / f"last_{name}_{layer}.npy") for name in ("ids", "positions"))
    return np.column_stack([ids, positions])[np.argsort(ids)]


def _export(scene: bpy.types.Scene, tmp_path: Path) -> dict[str, object]:
    bpy.ops.cinemagraph.export_loop(filepath=str(tmp_path / "loop.mp4"))
    return _request(scene)


def _render(scene: bpy.types.Scene, tmp_path: Path) -> dict[str, object]:
    scene.frame_set(_LAST)
    scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    return _request(scene)


def _move(obj: bpy.types.Object) -> None:
    obj.location.x += 0.1


def _bend(obj: bpy.types.Object) -> None:
    obj.modifiers.new("Bend", "SIMPLE_DEFORM")


def _wave(obj: bpy.types.Object) -> None:
    wave = obj.modifiers.new("Wave", "WAVE")
    wave.height, wave.width, wave.narrowness = 0.5, 1.5, 1.5
    wave.time_offset = -40.0  # it has arrived everywhere
    obj.modifiers.move(1, 0)  # before the points are made: a wave bends meshes


def _wave_in_renders_only(obj: bpy.types.Object) -> None:
    _wave(obj)
    obj.modifiers["Wave"].show_viewport = False


def _wave_of_a_thin_preview(obj: bpy.types.Object) -> None:
    _wave(obj)
    bpy.context.scene.cinemagraph.preview.density = 0.1


def _shape(obj: bpy.types.Object) -> None:
    obj.shape_key_add(name="Basis")
    key = obj.shape_key_add(name="Up")
    key.data[3].co.z += 1.0
    key.value = 0.5


def _edit(obj: bpy.types.Object) -> None:
    obj.data.vertices[3].co.x += 0.1


def _delete(obj: bpy.types.Object) -> None:
    import bmesh

    mesh = bmesh.new()
    mesh.from_mesh(obj.data)
    mesh.verts.ensure_lookup_table()
    mesh.verts.remove(mesh.verts[5])
    mesh.to_mesh(obj.data)
    mesh.free()


CHANGES = [_move, _wave, _wave_in_renders_only, _wave_of_a_thin_preview, _bend, _shape, _edit, _delete]


@pytest.mark.parametrize("change", CHANGES)
def test_a_frame_asks_for_what_render_animation_asks(
    short: bpy.types.Scene, tmp_path: Path, change: Callable[[bpy.types.Object], None]
) -> None:
    change(bpy.data.objects[FAR])
    rendered = _render(short, tmp_path)
    positions = [_positions(short, layer) for layer in rendered["posed_layers"]]
    short.frame_set(1)
    assert _export(short, tmp_path) == rendered
    for layer, expected in zip(rendered["posed_layers"], positions, strict=True):
        assert np.allclose(_positions(short, layer), expected, atol=1e-5)


@pytest.mark.parametrize("change", [_move, _wave, _shape, _edit])
def test_the_changed_layer_is_posed(
    short: bpy.types.Scene, tmp_path: Path, change: Callable[[bpy.types.Object], None]
) -> None:
    change(bpy.data.objects[FAR])
    assert _export(short, tmp_path)["posed_layers"] == [1]


def test_a_layer_hidden_in_some_frames_is_hidden_in_those(short: bpy.types.Scene, tmp_path: Path) -> None:
    layer = bpy.data.objects["Layer 0 (near)"]
    for frame, hidden in ((1, False), (4, True)):
        layer.hide_render = hidden
        layer.keyframe_insert("hide_render", frame=frame)
    assert _export(short, tmp_path)["hidden_layers"] == [0]


def test_all_frames_are_encoded(short: bpy.types.Scene, tmp_path: Path) -> None:
    _move(bpy.data.objects[FAR])
    _export(short, tmp_path)
    assert (tmp_path / "loop.mp4").read_bytes().count(b"IHDR") == 4


def test_the_artists_frame_and_modifiers_stay(short: bpy.types.Scene, tmp_path: Path) -> None:
    obj = bpy.data.objects[FAR]
    _wave_in_renders_only(obj)
    short.frame_set(37, subframe=0.5)
    before = [(m.name, m.show_viewport, m.show_render) for m in obj.modifiers]
    _export(short, tmp_path)
    after = [(m.name, m.show_viewport, m.show_render) for m in obj.modifiers]
    assert (after, short.frame_current, short.frame_subframe) == (before, 37, 0.5)


def test_points_without_ids_are_said(short: bpy.types.Scene, tmp_path: Path) -> None:
    mesh = bpy.data.objects[FAR].data
    mesh.attributes.remove(mesh.attributes["point_id"])
    with pytest.raises(RuntimeError, match="Press Restore Points"):
        _export(short, tmp_path)


def test_the_job_leaves_no_files_behind(short: bpy.types.Scene, tmp_path: Path) -> None:
    from cinemagraph.cinemagraph_addon import backend_process

    _move(bpy.data.objects[FAR])
    _export(short, tmp_path)
    assert list(backend_process.running_client().folder.iterdir()) == []
