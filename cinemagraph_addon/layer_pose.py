"""How the layers stand in an evaluated scene: hidden, as built, or moved, deformed, and edited by the artist.

A layer that stands as it was built needs no words: the backend has its points. Of any other layer the evaluated points
travel to the backend, where `point_id` finds each one's features and flow.
"""

from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

from ..ml_backend.protocol import Failed
from .bridge.problem import Problem
from .bridge.scene_folder import read_description, read_rest
from .bridge.thread_job import ThreadJob
from .cloud_nodes import MODIFIER
from .coordinates import blender_to_opencv, linear_blender_to_opencv, opencv_to_blender
from .layer_visibility import shown_layers
from .point_cloud import layer_objects

_SAME = 1e-5  # in units of the scene, where the nearest part of the photo is at 1


@dataclass(frozen=True, slots=True)
class LayerPoses:
    """Fields of a RenderFrame: hidden layers, and posed ones with nine numbers each; their arrays are in the folder."""

    hidden_layers: list[int] = field(default_factory=list)
    posed_layers: list[int] = field(default_factory=list)
    posed_linear: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Points:
    """Evaluated points of one layer in the root's space: ids (M,), positions (M, 3); name and matrix of its object."""

    name: str
    ids: np.ndarray
    positions: np.ndarray
    matrix: np.ndarray


@dataclass(frozen=True, slots=True)
class SeenLayers:
    """The layers of an evaluated scene, read from Blender: what is left to do may be done in a thread.

    points: None of a scene without any layer object, which has all layers as built; else those that are shown.
    """

    points: dict[int, _Points] | None


@dataclass(frozen=True, slots=True)
class _Rest:
    """Points as built: how many there are, and of each layer the ids and the positions (M, 3) in the root's space."""

    key: tuple[Path, int]
    num_points: int
    ids: tuple[np.ndarray, ...]
    positions: tuple[np.ndarray, ...]


_rest: _Rest | None = None
_preparing: ThreadJob | None = None


def layer_poses(depsgraph: bpy.types.Depsgraph, scene_dir: Path, root: np.ndarray, folder: Path) -> LayerPoses:
    """How the layers stand at the depsgraph's frame; arrays of posed layers are written to `folder`.

    Args:
        root: matrix (4, 4) of the scene's root object.

    Raises:
        Problem: points have lost their ids.
    """
    return write_poses(see_layers(depsgraph, root), scene_dir, folder)


def see_layers(depsgraph: bpy.types.Depsgraph, root: np.ndarray) -> SeenLayers:
    """All that `write_poses` needs of Blender; see `layer_poses`."""
    if not layer_objects(depsgraph.scene.cinemagraph.collection):
        return SeenLayers(None)
    to_root = np.linalg.inv(root)
    found = {layer: _evaluated_points(depsgraph, obj, to_root) for layer, obj in shown_layers(depsgraph).items()}
    return SeenLayers({layer: points for layer, points in found.items() if points is not None and len(points.ids)})


def write_poses(seen: SeenLayers, scene_dir: Path, folder: Path) -> LayerPoses:
    """Compare with the points as built and write the arrays of posed layers, in any thread; see `layer_poses`."""
    num_layers = read_description(scene_dir).num_layers
    poses = LayerPoses()
    if seen.points is None:
        return poses
    rest = _rest_points(scene_dir)
    for layer in range(num_layers):
        points = seen.points.get(layer)
        if points is None:
            poses.hidden_layers.append(layer)
        elif not _is_as_built(points, rest, layer):
            _check_ids(points, rest)
            np.save(folder / f"ids_{layer}.npy", points.ids)
            np.save(folder / f"positions_{layer}.npy", blender_to_opencv(points.positions).astype(np.float32))
            poses.posed_layers.append(layer)
            poses.posed_linear.append(linear_blender_to_opencv(points.matrix[:3, :3]).ravel().tolist())
    return poses


def prepare(scene_dir: Path) -> bool:
    """Whether `layer_poses` can answer at once; where not, a thread reads what it needs. For whoever must not wait."""
    global _preparing  # noqa: PLW0603 (one cache; scenes are rendered one after the other)
    if _rest is not None and _rest.key == _rest_key(scene_dir):
        _preparing = None
        return True
    ending = _preparing.poll() if _preparing is not None else None
    if isinstance(ending, Failed):
        _preparing = None
        raise Problem(ending.message, hint=ending.hint)
    if _preparing is None or ending is not None:
        _preparing = ThreadJob("reading the points", lambda: _rest_points(scene_dir))
    return False


def forget() -> None:
    """Let go of the points that were kept for comparison."""
    global _rest, _preparing  # noqa: PLW0603
    _rest = _preparing = None


def _evaluated_points(depsgraph: bpy.types.Depsgraph, obj: bpy.types.Object, to_root: np.ndarray) -> _Points | None:
    """The layer's points with all its modifiers, at rest in time; None where nothing is left of it."""
    is_render = depsgraph.mode == "RENDER"
    data = obj.original.data if not is_render and _is_undeformed(obj) else _geometry(depsgraph, obj)
    if data is None:
        return None
    matrix = to_root @ np.array(obj.matrix_world, dtype=np.float64)
    positions = _read(data, "position", "vector", 3)
    ids = _read(data, "point_id", "value", 1, np.int32)
    if positions is None or ids is None:
        raise Problem(
            f"The points of '{obj.name}' have lost the attribute 'point_id'.",
            hint="Press Restore Points in the sidebar.",
        )
    if not is_render and isinstance(data, bpy.types.PointCloud):
        positions, ids = _at_rest(depsgraph.scene, obj.original.data, positions, ids)
    if not np.allclose(matrix, np.eye(4), atol=1e-7):
        positions = positions @ matrix[:3, :3].T.astype(np.float32) + matrix[:3, 3].astype(np.float32)
    return _Points(obj.name, ids, positions, matrix)


def _geometry(depsgraph: bpy.types.Depsgraph, obj: bpy.types.Object) -> bpy.types.ID | None:
    """Evaluated data of a layer: a point cloud, or the mesh's vertices where the artist took the modifier away."""
    for instance in depsgraph.object_instances:
        found = instance.object
        if found.type == "POINTCLOUD" and found.original == obj.original and instance.is_instance:
            return found.data
    return obj.data if obj.type == "MESH" and len(obj.data.vertices) else None


def _is_undeformed(obj: bpy.types.Object) -> bool:
    """Whether nothing but our own nodes changes the mesh: the viewport may show it thinned out, or not at all."""
    return obj.original.data.shape_keys is None and all(m.name == MODIFIER for m in obj.modifiers if m.show_viewport)


def _at_rest(
    scene: bpy.types.Scene, mesh: bpy.types.Mesh, positions: np.ndarray, ids: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Points of the viewport, which flow there already, taken back to where they began; each one once.

    The forward cloud comes first (`cloud_nodes.py`); its backward twins are left out.
    """
    known = _read(mesh, "point_id", "value", 1, np.int32)
    flow, bend = (_read(mesh, name, "vector", 3) for name in ("flow", "flow_bend"))
    if known is None or flow is None or bend is None:
        return positions, ids
    first = np.sort(np.unique(ids, return_index=True)[1])
    order = np.argsort(known, kind="stable")
    rows = order[np.minimum(np.searchsorted(known, ids[first], sorter=order), len(known) - 1)]
    time = np.float32((scene.frame_current_final - scene.cinemagraph.loop_start) % scene.cinemagraph.loop_frames)
    return positions[first] - flow[rows] * time - bend[rows] * time**2, ids[first]


def _read(data: bpy.types.ID, name: str, key: str, width: int, dtype: type = np.float32) -> np.ndarray | None:
    attribute = data.attributes.get(name)
    if attribute is None or attribute.domain != "POINT":
        return None
    values = np.empty(len(attribute.data) * width, dtype)
    attribute.data.foreach_get(key, values)
    return values.reshape(-1, width) if width > 1 else values


def _is_as_built(points: _Points, rest: _Rest, layer: int) -> bool:
    ids = rest.ids[layer]
    if len(points.ids) != len(ids) or not np.array_equal(points.ids, ids):
        return False
    return bool(np.abs(points.positions - rest.positions[layer]).max(initial=0.0) <= _SAME * _size(points.positions))


def _size(positions: np.ndarray) -> np.ndarray:
    """What rounding is measured by: each point's distance, at least 1."""
    return np.maximum(1.0, np.abs(positions).max(initial=0.0))


def _check_ids(points: _Points, rest: _Rest) -> None:
    if int(points.ids.min()) < 0 or int(points.ids.max()) >= rest.num_points:
        raise Problem(
            f"The points of '{points.name}' do not belong to this scene folder.",
            hint="Press Restore Points in the sidebar.",
        )


def _rest_points(scene_dir: Path) -> _Rest:
    """Points as built, kept until the scene folder is written again."""
    global _rest  # noqa: PLW0603
    key = _rest_key(scene_dir)
    if _rest is None or _rest.key != key:
        positions, layers = read_rest(scene_dir)
        ids = tuple(np.flatnonzero(layers == layer).astype(np.int32) for layer in range(int(layers.max(initial=0)) + 1))
        in_blender = opencv_to_blender(positions).astype(np.float32)
        _rest = _Rest(key, len(positions), ids, tuple(in_blender[rows] for rows in ids))
    return _rest


def _rest_key(scene_dir: Path) -> tuple[Path, int]:
    try:
        return scene_dir, (scene_dir / "cloud" / "positions.npy").stat().st_mtime_ns
    except OSError as error:
        raise Problem(
            f"The scene folder '{scene_dir}' is missing its points.", hint="Build the scene again."
        ) from error
