"""Where arrows come from besides the list: annotation strokes in Image Editors, empties and curves in the viewport."""

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .bridge.scene_folder import SceneDescription
from .coordinates import blender_to_opencv

Place = tuple[float, float]
_TIP_AXIS = {"SINGLE_ARROW": Vector((0, 0, 1))}  # along what an empty points; all others point along X


@dataclass(frozen=True, slots=True)
class NewArrow:
    """start and end on the photo, (u, v) from 0 to 1, v up."""

    name: str
    start: Place
    end: Place


def annotation_frames(spaces: list[bpy.types.SpaceImageEditor]) -> Iterator[tuple[object, object]]:
    """Layer and shown frame of each annotation that is seen in the Image Editors, each once."""
    seen = set()
    for space in spaces:
        data = getattr(space, "annotation", None) or getattr(space, "grease_pencil", None)  # 5.0 renamed it
        for layer in data.layers if data is not None else ():
            frame = layer.active_frame
            if frame is not None and not layer.annotation_hide and frame.as_pointer() not in seen:
                seen.add(frame.as_pointer())
                yield layer, frame


def arrows_of_strokes(strokes: object) -> list[NewArrow]:
    """An arrow from the first to the last point of each stroke that has two.

    The head that Blender draws to a line is a stroke of its own, and no arrow: its tip, which is not one of its ends,
    is an end of the line.
    """
    paths = [[tuple(point.co[:2]) for point in stroke.points] for stroke in strokes]
    ends = {end for path in paths if path for end in (path[0], path[-1])}
    return [
        NewArrow("Arrow", path[0], path[-1])
        for path in paths
        if len(path) > 1 and path[0] != path[-1] and not ends.intersection(path[1:-1])
    ]


def arrow_of_object(obj: bpy.types.Object, root: bpy.types.Object, description: SceneDescription) -> NewArrow | None:
    """Where an empty or a curve points, seen from the photo's camera; None where it is no such object or behind it."""
    ends = _ends(obj)
    if ends is None:
        return None
    places = [_on_photo(root.matrix_world.inverted() @ end, description) for end in ends]
    return NewArrow(obj.name, *places) if None not in places else None


def _ends(obj: bpy.types.Object) -> tuple[Vector, Vector] | None:
    matrix: Matrix = obj.matrix_world
    if obj.type == "EMPTY" and obj.empty_display_type != "IMAGE":
        axis = _TIP_AXIS.get(obj.empty_display_type, Vector((1, 0, 0)))
        return matrix.translation, matrix @ (axis * obj.empty_display_size)
    if obj.type == "CURVE" and obj.data.splines:
        spline = obj.data.splines[0]
        points = spline.bezier_points if spline.type == "BEZIER" else spline.points
        if len(points) > 1:
            return matrix @ points[0].co.to_3d(), matrix @ points[-1].co.to_3d()
    return None


def _on_photo(place: Vector, description: SceneDescription) -> Place | None:
    x, y, z = blender_to_opencv(np.array([place], dtype=np.float64))[0]
    if z <= 0:
        return None
    fx, fy, cx, cy = description.intrinsics
    return (fx * x / z + cx) / description.width, 1 - (fy * y / z + cy) / description.height
