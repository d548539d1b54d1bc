"""Named camera paths as offsets from the photo's camera. Standard library only: Blender imports this file too.

Convention: OpenCV axes (x right, y down, z forward), world = the photo's camera, lengths in units of the near depth.
The camera moves; the authors' code moves the points, so their signs are the opposite of these. Every path starts at
the photo, is smooth, and closes on itself with the velocity it started with. Sizes at amplitude 1 follow the authors'.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

LABELS: dict[str, str] = {
    "static": "Static",
    "zoom-in": "Zoom In",
    "dolly-zoom": "Dolly Zoom",
    "side": "Side to Side",
    "up-down": "Up and Down",
    "circle": "Circle",
    "orbit": "Orbit",
    "arc": "Arc",
    "spiral": "Spiral",
    "push-pull": "Push and Pull",
    "handheld": "Handheld",
}
PATHS: tuple[str, ...] = tuple(LABELS)
EASE_LABELS: dict[str, str] = {"none": "None", "gentle": "Gentle", "rest": "Rest at the Photo"}
EASES: tuple[str, ...] = tuple(EASE_LABELS)

_TURN = 2 * math.pi
_ZOOM_Z = 0.24
_SIDE_X = 0.09
_UP_DOWN_Y = 0.08
_CIRCLE_RADIUS, _CIRCLE_Z = 0.04, 0.09
_ORBIT_RADIUS = 0.05
_ARC_X = 0.12
_SPIRAL_RADIUS, _SPIRAL_Z = 0.05, 0.15
_PUSH_PULL_Z = 0.1  # backwards uncovers the border of the canvas, which reaches 10 % beyond the photo

# Handheld: (size, turns per loop, start) of each sine. Whole turns close the loop; unequal ones look like a hand.
_HAND_X = ((0.014, 1, 0.3), (0.006, 2, 1.9), (0.002, 5, 4.1))
_HAND_Y = ((0.010, 1, 2.1), (0.006, 3, 0.7), (0.002, 7, 5.2))
_HAND_Z = ((0.008, 1, 4.4), (0.004, 2, 3.3))
_HAND_PITCH = ((0.0030, 2, 1.1), (0.0012, 5, 2.8))
_HAND_YAW = ((0.0030, 1, 5.0), (0.0014, 3, 0.4))
_HAND_ROLL = ((0.0030, 1, 3.6), (0.0010, 4, 1.5))

# How much slower than on average the camera is at the photo: 1 is at rest.
_SLOWED = {"none": 0.0, "gentle": 0.5, "rest": 1.0}

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CameraOffset:
    """Where the camera is, seen from the photo's camera.

    translation (x, y, z) in units of the near depth; rotation (pitch, yaw, roll) in radians, positive pitch looks up,
    positive yaw looks right, positive roll turns the camera clockwise; focal_scale multiplies the focal length.
    """

    translation: Vector = (0.0, 0.0, 0.0)
    rotation: Vector = (0.0, 0.0, 0.0)
    focal_scale: float = 1.0


def camera_offset(name: str, phase: float, amplitude: float = 1.0, focus_depth: float = 2.0) -> CameraOffset:
    """The camera of a named path at a fraction of the loop; no offset at all at phase 0.

    Args:
        name: one of PATHS.
        phase: fraction of the loop, taken modulo 1; give frame / num_frames.
        amplitude: 1 is about as far as the authors go; 0 is static; negative mirrors the path.
        focus_depth: depth, in near depths, of the point that orbit and arc look at and dolly-zoom keeps in size.

    Raises:
        ValueError: for an unknown name, or numbers that no camera can follow; the message is fit for a user.
    """
    if name not in PATHS:
        raise ValueError(f"There is no camera path {name!r}; choose one of {', '.join(PATHS)}.")
    if not all(map(math.isfinite, (phase, amplitude, focus_depth))) or focus_depth <= 0:
        raise ValueError("Phase and amplitude of a camera path must be finite, and its focus depth above zero.")
    return _PATH_FUNCTIONS[name](_TURN * (phase % 1.0), amplitude, focus_depth)


def path_phase(time: float, loops: int = 1, ease: str = "none") -> float:
    """Where on its path a camera is at a fraction of the loop; whole at 0 and 1, smooth there, never backwards.

    Args:
        time: fraction of the loop.
        loops: how many times the path is followed in one loop.
        ease: one of EASES: how much slower the camera is at the photo than elsewhere.

    Raises:
        ValueError: for less than one time around, or an unknown ease.
    """
    if loops < 1 or ease not in EASES:
        raise ValueError(f"A camera path needs one or more loops and an ease of {', '.join(EASES)}.")
    whole = math.floor(time)
    part = time - whole
    return loops * (whole + part - _SLOWED[ease] * math.sin(_TURN * part) / _TURN)


def camera_to_world(offset: CameraOffset) -> tuple[float, ...]:
    """The 16 numbers of the camera's pose, row by row: columns are the camera's x, y, z axes and its position."""
    pitch, yaw, roll = offset.rotation
    cp, sp = math.cos(pitch), math.sin(pitch)
    cy, sy = math.cos(yaw), math.sin(yaw)
    cr, sr = math.cos(roll), math.sin(roll)
    x, y, z = offset.translation
    # Ry(yaw) Rx(pitch) Rz(roll): the camera rolls first, then looks up, then turns.
    row_x = (cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp, x)
    row_y = (cp * sr, cp * cr, -sp, y)
    row_z = (-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp, z)
    return (*row_x, *row_y, *row_z, 0.0, 0.0, 0.0, 1.0)


def _static(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return CameraOffset()


def _zoom_in(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return CameraOffset((0.0, 0.0, amplitude * _ZOOM_Z * _there_and_back(angle)))


def _dolly_zoom(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    if amplitude * _ZOOM_Z >= focus_depth:
        raise ValueError(f"The dolly zoom would pass its focus; keep its amplitude below {focus_depth / _ZOOM_Z:g}.")
    forward = amplitude * _ZOOM_Z * _there_and_back(angle)
    # A thing at the focus has size focal / distance: both shrink by the same factor.
    return CameraOffset((0.0, 0.0, forward), focal_scale=(focus_depth - forward) / focus_depth)


def _side(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return CameraOffset((amplitude * _SIDE_X * math.sin(angle), 0.0, 0.0))


def _up_down(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return CameraOffset((0.0, -amplitude * _UP_DOWN_Y * math.sin(angle), 0.0))


def _circle(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    # The photo's camera is the lowest point of the circle; z is as far away as the authors', but forward only.
    x = amplitude * _CIRCLE_RADIUS * math.sin(angle)
    y = -2 * amplitude * _CIRCLE_RADIUS * _there_and_back(angle)
    return CameraOffset((x, y, amplitude * _CIRCLE_Z * _there_and_back(angle)))


def _orbit(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    step = amplitude * _ORBIT_RADIUS / focus_depth
    return _look_from_sphere(step * math.sin(angle), 2 * step * _there_and_back(angle), focus_depth)


def _arc(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return _look_from_sphere(amplitude * _ARC_X / focus_depth * math.sin(angle), 0.0, focus_depth)


def _spiral(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    grown = amplitude * _there_and_back(angle)
    radius = _SPIRAL_RADIUS * grown
    return CameraOffset((radius * math.sin(2 * angle), -radius * math.cos(2 * angle), _SPIRAL_Z * grown))


def _push_pull(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    return CameraOffset((0.0, 0.0, amplitude * _PUSH_PULL_Z * math.sin(angle)))


def _handheld(angle: float, amplitude: float, focus_depth: float) -> CameraOffset:
    translation = (_sway(_HAND_X, angle), _sway(_HAND_Y, angle), _sway(_HAND_Z, angle))
    rotation = (_sway(_HAND_PITCH, angle), _sway(_HAND_YAW, angle), _sway(_HAND_ROLL, angle))
    return CameraOffset(_scaled(translation, amplitude), _scaled(rotation, amplitude))


def _there_and_back(angle: float) -> float:
    """0 at the start, 1 half way, 0 at the end, at rest at all three."""
    return (1 - math.cos(angle)) / 2


def _sway(sines: tuple[tuple[float, int, float], ...], angle: float) -> float:
    return sum(size * (math.sin(turns * angle + start) - math.sin(start)) for size, turns, start in sines)


def _scaled(vector: Vector, factor: float) -> Vector:
    return (factor * vector[0], factor * vector[1], factor * vector[2])


def _look_from_sphere(right: float, up: float, radius: float) -> CameraOffset:
    """A camera on the sphere around the focus, `right` and `up` radians from the photo's camera, facing the focus."""
    x = radius * math.sin(right) * math.cos(up)
    y = -radius * math.sin(up)
    z = radius * (1 - math.cos(right) * math.cos(up))
    return CameraOffset((x, y, z), (-up, -right, 0.0))


_PATH_FUNCTIONS: dict[str, Callable[[float, float, float], CameraOffset]] = {
    "static": _static,
    "zoom-in": _zoom_in,
    "dolly-zoom": _dolly_zoom,
    "side": _side,
    "up-down": _up_down,
    "circle": _circle,
    "orbit": _orbit,
    "arc": _arc,
    "spiral": _spiral,
    "push-pull": _push_pull,
    "handheld": _handheld,
}
