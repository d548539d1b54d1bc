"""Arrows on the photo as an artist thinks of them, speed and direction, and as they are kept, start and end. No bpy.

Places are (u, v) from 0 to 1 with v up, as in Blender's Image Editor. An arrow is the way of 50 frames, as in hints
files. Direction: radians, 0 to the right, counter-clockwise.
"""

import math
from collections.abc import Sequence

ARROW_FRAMES = 50


def arrow_motion(start: Sequence[float], end: Sequence[float], size: Sequence[int]) -> tuple[float, float]:
    """Speed in pixels per frame on a photo of size (width, height), and direction."""
    right = (end[0] - start[0]) * size[0]
    up = (end[1] - start[1]) * size[1]
    return math.hypot(right, up) / ARROW_FRAMES, math.atan2(up, right)


def arrow_end(start: Sequence[float], speed: float, direction: float, size: Sequence[int]) -> tuple[float, float]:
    """The end of an arrow with this speed and direction."""
    length = speed * ARROW_FRAMES
    return start[0] + math.cos(direction) * length / size[0], start[1] + math.sin(direction) * length / size[1]


def to_pixels(place: Sequence[float], size: Sequence[int]) -> tuple[float, float]:
    """Pixels of the photo, x right, y down."""
    return place[0] * size[0], (1 - place[1]) * size[1]


def arrow_head(tail: Sequence[float], tip: Sequence[float], length: float) -> tuple[tuple[float, float], ...]:
    """The two ends of the barbs at a tip, in the plane of the screen; none longer than the arrow."""
    angle = math.atan2(tip[1] - tail[1], tip[0] - tail[0])
    barb = min(length, math.hypot(tip[0] - tail[0], tip[1] - tail[1]))
    turns = (angle + 0.85 * math.pi, angle - 0.85 * math.pi)
    return tuple((tip[0] + barb * math.cos(turn), tip[1] + barb * math.sin(turn)) for turn in turns)
