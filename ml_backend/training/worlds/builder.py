"""A world under construction: things are added to it on its ground."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ml_backend.training.worlds.kernels import heights_at
from ml_backend.training.worlds.records import BOARD, CONE, OBJECT_RECORD, ROOF, SHEET, SMOKE, Land, Water
from ml_backend.training.worlds.textures import PHOTO, Textures

MAX_OBJECTS = 240  # surface numbers fit one byte
_STANDING = (CONE, ROOF, BOARD, SHEET, SMOKE)  # their origin is at the foot, the others' in the middle
Vector = Sequence[float]


@dataclass(slots=True)
class Builder:
    """Where the eye is and looks (x right, y up, z forward), what has been built, and the dice."""

    rng: np.random.Generator
    textures: Textures
    land: Land
    water: Water
    relief: np.ndarray
    half_view: float
    """Tangent of half the horizontal angle of view."""
    eye_height: float = 1.6
    rows: list[np.void] = field(default_factory=list)
    groups: int = 0

    def uniform(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.rng.uniform(low, high))

    def log_uniform(self, low: float, high: float) -> float:
        """A number between two, each octave as likely."""
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def chance(self, probability: float) -> bool:
        """True this often."""
        return bool(self.rng.random() < probability)

    def texture(self, *families: str, photo: float = 0.3) -> int:
        """A texture of one of the families, or a patch of a photo this often, where there are photos."""
        chosen = families[self.rng.integers(len(families))]
        if self.textures.families[PHOTO] and self.chance(photo):
            chosen = PHOTO
        span = self.textures.families[chosen]
        return int(self.rng.integers(span.start, span.stop))

    def mask(self, *names: str) -> int:
        """A silhouette of one of these kinds."""
        span = self.textures.silhouettes[names[self.rng.integers(len(names))]]
        return int(self.rng.integers(span.start, span.stop))

    def tint(self, spread: float = 0.12) -> np.ndarray:
        """A colour near grey, lighter or darker."""
        return (1 + self.rng.uniform(-spread, spread, 3)) * self.uniform(0.7, 1.2)

    def group(self) -> int:
        """A number for the next thing, which may have many parts."""
        self.groups += 1
        return self.groups

    def ground(self, x: float, z: float) -> float:
        """The height of ground or water, whichever is higher."""
        return max(self._heights(x, z))

    def is_wet(self, x: float, z: float) -> bool:
        """Whether a place lies under water."""
        ground, water = self._heights(x, z)
        return ground < water

    def spot(self, nearest: float, farthest: float, *, margin: float = 1.1) -> tuple[float, float]:
        """A place (x, z) in the view, near ones as likely as far ones."""
        z = self.log_uniform(nearest, farthest)
        return z * self.half_view * margin * self.uniform(-1, 1), z

    def add(
        self,
        shape: int,
        position: Vector,
        size: Vector,
        *,
        group: int,
        texture: int,
        turn: np.ndarray | float = 0.0,
        scale: float = 1.0,
        tint: Vector = (1.0, 1.0, 1.0),
        mask: int = -1,
        shadow: float = 0.0,
        velocity: tuple[float, float] = (0.0, 0.0),
        opacity: float = 1.0,
    ) -> None:
        """Add a shape: turn is an angle about the vertical or a rotation (3, 3) whose rows are the local axes."""
        if len(self.rows) >= MAX_OBJECTS:
            return
        axes = yaw(float(turn)) if np.ndim(turn) == 0 else np.asarray(turn)
        sx, sy, sz = (max(float(s), 1e-4) for s in size)
        row = np.zeros((), OBJECT_RECORD)
        row["form"], row["group"], row["texture"], row["mask"] = shape, group, texture, mask
        row["x"], row["y"], row["z"] = position
        for i in range(3):
            for j in range(3):
                row[f"r{i}{j}"] = axes[i, j]
        row["sx"], row["sy"], row["sz"] = sx, sy, sz
        lift, radius = _bounds(shape, sx, sy, sz)
        row["bx"], row["by"], row["bz"] = np.asarray(position) + lift * axes[1]
        row["radius"] = radius
        row["scale"], row["u0"], row["v0"] = scale, *self.rng.uniform(0, 1, 2)
        row["red"], row["green"], row["blue"] = tint
        row["shadow"], row["opacity"] = shadow, opacity
        row["velocity_u"], row["velocity_v"] = velocity
        self.rows.append(row[()])

    def objects(self) -> np.ndarray:
        """All records: solids from near to far, so that what they hide is passed over; then smoke from far to near."""
        if not self.rows:
            return np.zeros(0, OBJECT_RECORD)
        rows = np.array(self.rows, OBJECT_RECORD)
        distance = np.sqrt(rows["bx"] ** 2 + (rows["by"] - self.eye_height) ** 2 + rows["bz"] ** 2) - rows["radius"]
        is_smoke = rows["form"] == SMOKE
        return rows[np.lexsort((np.where(is_smoke, -distance, distance), is_smoke))]

    def _heights(self, x: float, z: float) -> tuple[float, float]:
        if self.land.exists <= 0:
            return 0.0, -math.inf
        ground, water = heights_at(float(x), float(z), self.land, self.water, self.relief)
        return ground, water if self.water.exists > 0 else -math.inf


def yaw(angle: float) -> np.ndarray:
    """Local axes turned about the vertical."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def pitched(angle: float, about_z: float = 0.0) -> np.ndarray:
    """Local axes whose y leans back by `angle` (away from the eye) and sideways by `about_z`."""
    c, s = math.cos(angle), math.sin(angle)
    lean = np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])
    c, s = math.cos(about_z), math.sin(about_z)
    return lean @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def _bounds(shape: int, sx: float, sy: float, sz: float) -> tuple[float, float]:
    """How far along the local y the bounding sphere's middle is, and its radius."""
    if shape not in _STANDING:
        return 0.0, math.sqrt(sx * sx + sy * sy + sz * sz)
    wide = {CONE: max(sx, sz), ROOF: math.hypot(sx, sz)}.get(shape, sx)
    return sy / 2, math.hypot(wide, sy / 2)
