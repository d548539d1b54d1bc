"""labelme's JSON, as the authors of the paper use it, rewritten as our own hints JSON.

A shape whose label starts with "hint" is an arrow from its first to its second point. One whose label starts with
"freeze" stands still. Every other polygon, rectangle, or circle moves. Unlike theirs, arrows are not burnt into the
mask.
"""

import math
from typing import Any

from ml_backend.errors import BadInput

_CIRCLE_CORNERS = 64
_TWO_POINTS = ("rectangle", "circle")


def is_labelme(content: dict[str, Any]) -> bool:
    """Whether a JSON object was saved by labelme."""
    return "shapes" in content and "format" not in content


def labelme_to_hints(content: dict[str, Any], name: str) -> dict[str, Any]:
    """The same drawing in the form of docs/hints.md; numbers are checked by the reader of that form.

    Errors:
        BadInput, naming the shape by its number, counted from 1.
    """
    shapes = content["shapes"]
    if not isinstance(shapes, list):
        raise BadInput(f"{name}: 'shapes' is not a list.", hint="Open it in labelme and save it again.")
    arrows, regions = [], []
    for number, shape in enumerate(shapes, start=1):
        label, kind, points = _fields(shape, f"{name}: shape {number}")
        if label.startswith("hint"):
            arrows.append(_arrow(points, f"{name}: arrow {len(arrows) + 1} (shape {number})"))
        else:
            moves = "freeze" if label.startswith("freeze") else "move"
            polygon = _polygon(kind, points, f"{name}: shape {number} ({label!r})")
            regions.append({"kind": moves, "polygon": polygon})
    return {
        "format": "cinemagraph-hints/1",
        "width": content.get("imageWidth"),
        "height": content.get("imageHeight"),
        "arrows": arrows,
        "regions": regions,
    }


def _fields(shape: object, what: str) -> tuple[str, str, list[Any]]:
    if isinstance(shape, dict):
        label, kind, points = shape.get("label"), shape.get("shape_type", "polygon"), shape.get("points")
        if isinstance(label, str) and isinstance(kind, str) and isinstance(points, list):
            return label, kind, points
    raise BadInput(f"{what} has no label or no points.", hint="Open it in labelme and save it again.")


def _arrow(points: list[Any], what: str) -> dict[str, Any]:
    if len(points) < 2:
        raise BadInput(f"{what} has no end.", hint="Draw it as a line of two points.")
    return {"start": points[0], "end": points[1]}


def _polygon(kind: str, points: list[Any], what: str) -> list[Any]:
    if kind == "polygon":
        return points
    if kind not in _TWO_POINTS:
        raise BadInput(
            f"{what} is a {kind}, which has no area that could move.",
            hint="Label arrows 'hint1', 'hint2', ..., and draw regions as polygons.",
        )
    try:
        (x0, y0), (x1, y1) = ((float(x), float(y)) for x, y in points)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{what} is not two points of two numbers.", hint="Draw it again.") from error
    if kind == "rectangle":
        return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    radius = math.hypot(x1 - x0, y1 - y0)
    angles = (2 * math.pi * i / _CIRCLE_CORNERS for i in range(_CIRCLE_CORNERS))
    return [[x0 + radius * math.cos(a), y0 + radius * math.sin(a)] for a in angles]
