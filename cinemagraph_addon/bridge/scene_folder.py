"""What the add-on reads of a scene folder: scene.json, the photo, and the point cloud. No bpy."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .arrays import read_array
from .problem import Problem

SCENE_FORMAT = "cinemagraph-scene/2"
_NEAR_QUANTILE = 0.02  # as in the backend
_BUILD_AGAIN = "Press Build Scene to make it again, or choose the folder where it is now."


@dataclass(frozen=True, slots=True)
class SceneDescription:
    """scene.json: size in pixels and intrinsics (fx, fy, cx, cy) of the photo, number of layers, canvas border."""

    width: int
    height: int
    intrinsics: tuple[float, float, float, float]
    num_layers: int
    border: int


@dataclass(frozen=True, slots=True)
class CloudArrays:
    """Rest points: positions (N, 3) float32 OpenCV world, colors (N, 3) uint8 sRGB, layers (N,) uint8,
    pixels (N, 2) float32 source position on the photo, centres at +0.5; flow and flow_bend (N, 3) float32, world:
    after t frames a point is near positions + flow t + flow_bend t^2.
    """

    positions: np.ndarray
    colors: np.ndarray
    layers: np.ndarray
    pixels: np.ndarray
    flow: np.ndarray
    flow_bend: np.ndarray


@dataclass(frozen=True, slots=True)
class ReliefArrays:
    """A coarse grid over the photo: positions (V, 3) float32 OpenCV world, colors (V, 3) uint8, quads (Q, 4) int32."""

    positions: np.ndarray
    colors: np.ndarray
    quads: np.ndarray


@dataclass(frozen=True, slots=True)
class DepthRange:
    """Of the photo, in units of the scene: `near`, the unit of camera paths; `middle`, the median."""

    near: float
    middle: float


def photo_file(folder: Path) -> Path:
    """The photo at the working size, as the backend saw it."""
    return folder / "photo.png"


def read_description(folder: Path) -> SceneDescription:
    """The description of a scene folder; raises Problem when it is missing, damaged, or of another version."""
    file = folder / "scene.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Problem(f"The scene folder '{folder}' is missing or empty.", hint=_BUILD_AGAIN) from error
    except (OSError, ValueError) as error:
        raise Problem(f"'{file}' could not be read: {error}.", hint=_BUILD_AGAIN) from error
    found = values.get("format") if isinstance(values, dict) else None
    if found != SCENE_FORMAT:
        raise Problem(f"'{file}' has format {found!r}, expected {SCENE_FORMAT!r}.", hint="Build the scene again.")
    try:
        fx, fy, cx, cy = (float(value) for value in values["intrinsics"])
        return SceneDescription(
            width=int(values["width"]),
            height=int(values["height"]),
            intrinsics=(fx, fy, cx, cy),
            num_layers=int(values["num_layers"]),
            border=int(values["border"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(f"'{file}' is damaged: {error!r}.", hint="Build the scene again.") from error


def read_cloud(folder: Path) -> CloudArrays:
    """The point cloud of a scene folder; raises Problem when a part is missing or does not fit the others."""
    cloud = folder / "cloud"
    positions = read_array(cloud / "positions.npy", (None, 3))
    count = len(positions)
    colors = read_array(cloud / "colors.npy", (count, 3))
    layers = read_array(cloud / "layers.npy", (count,))
    pixels = read_array(cloud / "pixels.npy", (count, 2))
    return CloudArrays(positions, colors, layers, pixels, *read_flow(folder, count))


def read_flow(folder: Path, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The points' motion, flow and flow_bend (N, 3), of a scene folder; raises Problem."""
    flow = read_array(folder / "cloud" / "flow.npy", (count, 3))
    return flow, read_array(folder / "cloud" / "flow_bend.npy", (len(flow), 3))


def read_rest(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Positions (N, 3) and layers (N,) alone, for comparing; raises Problem."""
    positions = read_array(folder / "cloud" / "positions.npy", (None, 3))
    return positions, read_array(folder / "cloud" / "layers.npy", (len(positions),))


def read_relief(folder: Path) -> ReliefArrays:
    """The coarse relief of a scene folder; raises Problem."""
    relief = folder / "relief"
    positions = read_array(relief / "positions.npy", (None, 3))
    colors = read_array(relief / "colors.npy", (len(positions), 3))
    return ReliefArrays(positions, colors, read_array(relief / "quads.npy", (None, 4)))


def read_depth_range(folder: Path) -> DepthRange:
    """How far away the photo's things are, from its relief; raises Problem."""
    z = read_array(folder / "relief" / "positions.npy", (None, 3))[:, 2]
    near, middle = np.quantile(z, (_NEAR_QUANTILE, 0.5))
    return DepthRange(float(near), float(middle))
