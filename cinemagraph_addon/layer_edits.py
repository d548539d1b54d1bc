"""What the artist has done to the layers: moved, deformed, or edited so that points lost their number.

Points know their row in the scene folder's arrays by the attribute "point_id". Edit Mode keeps it when points are
moved or deleted; copied points carry it twice, new points have none of their own.
"""

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from .bridge.arrays import read_array
from .cloud_nodes import MODIFIER
from .coordinates import opencv_to_blender
from .point_cloud import layer_objects

_MOVED = 1e-5  # of a matrix relative to the root: above what float32 leaves of the identity


@dataclass(frozen=True, slots=True)
class PointIds:
    """How a mesh's points fit the scene folder: numbers of points that carry no id of the layer, or one twice, and of
    rows of the layer that no point carries. has_ids is False where the attribute itself is gone.
    """

    has_ids: bool = True
    foreign: int = 0
    doubled: int = 0
    deleted: int = 0


def posed_layer(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, hidden: frozenset[int]) -> str | None:
    """The name of a layer that does not stand where it was built: moved against the root, or deformed; None if all do.

    Points that were moved in Edit Mode are not looked for here; see `is_edited`.
    """
    root = scene.cinemagraph.root
    for layer, obj in layer_objects(scene.cinemagraph.collection).items():
        if layer in hidden:
            continue
        matrix = np.array(obj.evaluated_get(depsgraph).matrix_world)
        if root is not None:
            matrix = np.linalg.inv(np.array(root.evaluated_get(depsgraph).matrix_world)) @ matrix
        others = [m for m in obj.modifiers if m.name != MODIFIER and m.show_render]
        if others or obj.data.shape_keys is not None or np.abs(matrix - np.eye(4)).max() > _MOVED:
            return obj.name
    return None


def is_edited(mesh: bpy.types.Mesh, positions: np.ndarray, rows: np.ndarray) -> bool:
    """Whether a mesh's points are not the rows (n,) of its layer, or not at positions (N, 3) of all rows, OpenCV."""
    ids = read_ids(mesh)
    if ids is None or len(ids) != len(rows) or not np.array_equal(np.sort(ids), rows):
        return True
    found = np.empty((len(ids), 3), np.float32)
    mesh.attributes["position"].data.foreach_get("vector", found.ravel())
    return not np.array_equal(found, opencv_to_blender(positions[ids]).astype(np.float32))


def point_ids(mesh: bpy.types.Mesh, rows: np.ndarray) -> PointIds:
    """Compare a mesh's ids with the rows (n,) of its layer."""
    ids = read_ids(mesh)
    if ids is None:
        return PointIds(has_ids=False, foreign=len(mesh.vertices), deleted=len(rows))
    size = int(rows.max(initial=-1)) + 1
    known = (ids >= 0) & (ids < size)
    is_row = np.zeros(size, bool)
    is_row[rows] = True
    known[known] = is_row[ids[known]]
    counts = np.bincount(ids[known], minlength=size)
    return PointIds(
        foreign=int((~known).sum()),
        doubled=int(np.maximum(counts - 1, 0).sum()),
        deleted=int((counts[rows] == 0).sum()),
    )


def read_ids(mesh: bpy.types.Mesh) -> np.ndarray | None:
    """The ids (n,) int32 of a mesh's vertices; None where the attribute is gone or of another kind."""
    attribute = mesh.attributes.get("point_id")
    if attribute is None or attribute.data_type != "INT" or attribute.domain != "POINT":
        return None
    ids = np.empty(len(mesh.vertices), np.int32)
    attribute.data.foreach_get("value", ids)
    return ids


def layer_rows(folder: Path, layer: int) -> np.ndarray:
    """The rows (n,) of a layer's points in the arrays of a scene folder; raises Problem."""
    return np.flatnonzero(read_array(folder / "cloud" / "layers.npy", (None,)) == layer)
