"""Points and cameras of a scene as the arrays of a PLY file, in Blender's axes and world. No bpy."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..coordinates import opencv_to_blender
from .scene_folder import CloudArrays

_POINT = np.dtype(
    [
        *((name, "f4") for name in ("x", "y", "z")),
        *((name, "u1") for name in ("red", "green", "blue")),
        ("layer", "i4"),
        *((name, "f4") for name in ("flow_x", "flow_y", "flow_z")),
    ]
)
_CORNER = np.dtype([*((name, "f4") for name in ("x", "y", "z")), ("frame", "i4")])
_EDGE = np.dtype([("vertex1", "i4"), ("vertex2", "i4")])
_CORNERS = ((1, 2), (2, 3), (3, 4), (4, 1), (0, 1), (0, 2), (0, 3), (0, 4))  # edges of a pyramid, its tip is 0


@dataclass(frozen=True, slots=True)
class PosedRows:
    """Points of one layer that the artist moved: ids (M,) of rows, positions (M, 3) at rest, linear (3, 3); OpenCV."""

    ids: np.ndarray
    positions: np.ndarray
    linear: np.ndarray


@dataclass(frozen=True, slots=True)
class Pose:
    """How the points stand: frames since the loop began, hidden layers, and layers that stand elsewhere."""

    time: float = 0.0
    hidden: frozenset[int] = frozenset()
    posed: dict[int, PosedRows] = field(default_factory=dict)


def point_vertices(cloud: CloudArrays, pose: Pose, to_world: np.ndarray) -> np.ndarray:
    """The points as PLY vertices: place, sRGB colour, layer, and flow per frame.

    Args:
        to_world: matrix (4, 4) of the scene's root object.
    """
    linear = np.asarray(to_world[:3, :3], np.float32)
    parts = []
    for layer in range(int(cloud.layers.max(initial=0)) + 1):
        if layer in pose.hidden:
            continue
        ids, positions, flow, bend = _layer(cloud, layer, pose.posed.get(layer))
        vertices = np.empty(len(ids), _POINT)
        moved = positions + flow * np.float32(pose.time) + bend * np.float32(pose.time**2)
        _put(vertices, ("x", "y", "z"), opencv_to_blender(moved) @ linear.T + np.asarray(to_world[:3, 3], np.float32))
        _put(vertices, ("red", "green", "blue"), cloud.colors[ids])
        _put(vertices, ("flow_x", "flow_y", "flow_z"), opencv_to_blender(flow) @ linear.T)
        vertices["layer"] = layer
        parts.append(vertices)
    return np.concatenate(parts) if parts else np.empty(0, _POINT)


def camera_pyramids(
    to_world: Sequence[np.ndarray], corners: Sequence[np.ndarray], first_frame: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cameras as PLY vertices and edges: a pyramid for each, and a line from each to the next.

    Args:
        to_world: matrix (4, 4) of each camera, from OpenCV axes to Blender's world.
        corners: the four corners (4, 3) of each picture, clockwise, in the camera's OpenCV axes.
        first_frame: number of the first camera's frame.
    """
    vertices, edges = np.empty(5 * len(to_world), _CORNER), []
    for number, (matrix, base) in enumerate(zip(to_world, corners, strict=True)):
        rows = slice(5 * number, 5 * number + 5)
        local = np.concatenate([np.zeros((1, 3)), base])
        _put(vertices[rows], ("x", "y", "z"), local @ matrix[:3, :3].T + matrix[:3, 3])
        vertices["frame"][rows] = first_frame + number
        edges += [(5 * number + a, 5 * number + b) for a, b in _CORNERS]
        if number:
            edges.append((5 * number - 5, 5 * number))
    return vertices, np.array(edges, _EDGE)


def _layer(cloud: CloudArrays, layer: int, posed: PosedRows | None) -> tuple[np.ndarray, ...]:
    if posed is None:
        ids = np.flatnonzero(cloud.layers == layer)
        return ids, cloud.positions[ids], cloud.flow[ids], cloud.flow_bend[ids]
    turn = posed.linear.T.astype(np.float32)
    return posed.ids, posed.positions, cloud.flow[posed.ids] @ turn, cloud.flow_bend[posed.ids] @ turn


def _put(vertices: np.ndarray, names: Sequence[str], columns: np.ndarray) -> None:
    for name, column in zip(names, columns.T, strict=True):
        vertices[name] = column
