"""What the artist drew, as a file: arrows that say how the water moves, regions that say where (Sec. 4.3).

Reads our own JSON (docs/hints.md) and labelme's, as the authors use it (labelme.py).

Convention: image coordinates in pixels, x right, y down, pixel centres at +0.5.
"""

import json
import math
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor

from ml_backend.errors import BadInput, BadOutput
from ml_backend.motion.labelme import is_labelme, labelme_to_hints
from ml_backend.motion.polygons import Point, rasterize
from ml_backend.structures import MotionHints, MotionMethod, RegionSpeed

FORMAT = "cinemagraph-hints/1"
KINDS = ("move", "freeze")
FRAMES = 50.0  # an arrow is the way of this many frames, as in the authors' code
_ASPECT_TOLERANCE = 0.1  # small working sizes round their sides; another photo differs by more
_LARGEST = 1e9  # no picture has such coordinates; NaN and infinity fail the comparison too
_FORMAT_HINT = f"Expected a hints file of the format {FORMAT}, or one saved by labelme."


@dataclass(frozen=True, slots=True)
class Arrow:
    """From `start` to `end` in the file's number of frames, times `speed`."""

    start: Point
    end: Point
    speed: float = 1.0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Region:
    """A polygon whose inside moves ("move") or stands still whatever else says ("freeze")."""

    kind: str
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class HintsFile:
    """Arrows and regions on a picture of width x height pixels, how fast and how smoothly all of it flows, and what
    says how: see `structures.MotionMethod`.
    """

    width: int
    height: int
    arrows: tuple[Arrow, ...] = ()
    regions: tuple[Region, ...] = ()
    frames: float = FRAMES
    speed: float = 1.0
    smoothing: float = 0.0
    region_speeds: tuple[RegionSpeed, ...] = ()
    method: MotionMethod = "auto"


def read_hints(path: Path, *, width: int, height: int) -> HintsFile:
    """Arrows and regions of a file, scaled to a photo of width x height pixels.

    Errors:
        BadInput, naming the arrow or region by its number, counted from 1.
    """
    hints = _load(path)
    _check_aspect(hints, width, height, path.name)
    for number, arrow in enumerate(hints.arrows, start=1):
        if arrow.enabled:
            _check_arrow(arrow, number, hints, path.name)
    return scale_hints(hints, width=width, height=height)


def write_hints(path: Path, hints: HintsFile) -> None:
    """Write our JSON in one move: either the whole file is there or the old one. Raises BadOutput."""
    content = {"format": FORMAT, **asdict(hints)}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise BadOutput(
            f"The hints cannot be written to {path}.", hint="Choose a folder that you may write."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def scale_hints(hints: HintsFile, *, width: int, height: int) -> HintsFile:
    """The same drawing on a photo of another size; velocities grow with the photo."""
    x_scale, y_scale = width / hints.width, height / hints.height

    def scaled(point: Point) -> Point:
        return (point[0] * x_scale, point[1] * y_scale)

    arrows = tuple(replace(a, start=scaled(a.start), end=scaled(a.end)) for a in hints.arrows)
    regions = tuple(Region(r.kind, tuple(scaled(p) for p in r.polygon)) for r in hints.regions)
    speeds = tuple(RegionSpeed(s.x * x_scale, s.y * y_scale, s.speed) for s in hints.region_speeds)
    return replace(hints, width=width, height=height, arrows=arrows, regions=regions, region_speeds=speeds)


def motion_hints(hints: HintsFile, mask: Tensor | None = None, freeze: Tensor | None = None) -> MotionHints:
    """What the solver reads: the mask image or the "move" regions, less what is frozen, and the enabled arrows.

    Args:
        hints: at the photo's size.
        mask: (1, H, W) in [0, 1] at the photo's size; it wins over the "move" regions.
        freeze: of the same shape; its white stands still, as the "freeze" regions do.
    """
    if mask is None:
        mask = _rasterize(hints, "move")
    for name, picture in (("mask", mask), ("freeze", freeze)):
        if picture is not None and tuple(picture.shape) != (1, hints.height, hints.width):
            raise ValueError(f"{name}: expected shape {(1, hints.height, hints.width)}, found {tuple(picture.shape)}")
    moving = mask.float().clamp(0, 1) * (1 - _rasterize(hints, "freeze"))
    if freeze is not None:
        moving = moving * (1 - freeze.float().clamp(0, 1))
    enabled = [arrow for arrow in hints.arrows if arrow.enabled]
    starts = torch.tensor([a.start for a in enabled], dtype=torch.float32).reshape(-1, 2)
    vectors = torch.tensor([_velocity(a, hints.frames) for a in enabled], dtype=torch.float32).reshape(-1, 2)
    return MotionHints(moving, starts, vectors, hints.speed, hints.smoothing, hints.region_speeds, hints.method)


def _rasterize(hints: HintsFile, kind: str) -> Tensor:
    polygons = [region.polygon for region in hints.regions if region.kind == kind]
    return rasterize(polygons, width=hints.width, height=hints.height)


def _velocity(arrow: Arrow, frames: float) -> Point:
    factor = arrow.speed / frames
    return ((arrow.end[0] - arrow.start[0]) * factor, (arrow.end[1] - arrow.start[1]) * factor)


def _load(path: Path) -> HintsFile:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"The hints file {path} cannot be read.", hint="Check its name and permissions.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not a JSON file.", hint="Save the arrows again, or use labelme.") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path.name} is not a hints file.", hint=_FORMAT_HINT)
    name = path.name
    ours = labelme_to_hints(content, name) if is_labelme(content) else content
    if ours.get("format") != FORMAT:
        found = json.dumps(ours.get("format"))
        raise BadInput(f"{name}: expected format {FORMAT!r}, found {found}.", hint=_FORMAT_HINT)
    return HintsFile(
        width=_size(ours.get("width"), "width", name),
        height=_size(ours.get("height"), "height", name),
        arrows=tuple(_arrow(entry, n, name) for n, entry in enumerate(_list(ours, "arrows", name), start=1)),
        regions=tuple(_region(entry, n, name) for n, entry in enumerate(_list(ours, "regions", name), start=1)),
        frames=_frames(ours.get("frames", FRAMES), name),
        speed=_factor(ours.get("speed", 1.0), "speed", name),
        smoothing=min(1.0, _factor(ours.get("smoothing", 0.0), "smoothing", name)),
        region_speeds=tuple(
            _region_speed(entry, n, name) for n, entry in enumerate(_list(ours, "region_speeds", name), start=1)
        ),
        method=_method(ours.get("method", "auto"), name),
    )


def _list(content: dict[str, Any], key: str, name: str) -> list[Any]:
    entries = content.get(key, [])
    if not isinstance(entries, list):
        raise BadInput(f"{name}: {key!r} is not a list.", hint=_FORMAT_HINT)
    return entries


def _arrow(entry: object, number: int, name: str) -> Arrow:
    what = f"{name}: arrow {number}"
    if not isinstance(entry, dict):
        raise BadInput(f"{what} is not an object with start and end.", hint=_FORMAT_HINT)
    speed, enabled = entry.get("speed", 1.0), entry.get("enabled", True)
    if not _is_number(speed):
        raise BadInput(f"{what} has a speed that is not a number.", hint="Give a number such as 1.0, or leave it out.")
    if not isinstance(enabled, bool):
        raise BadInput(f"{what}: enabled is neither true nor false.", hint="Write true, false, or leave it out.")
    return Arrow(_point(entry.get("start"), what), _point(entry.get("end"), what), float(speed), enabled)


def _region(entry: object, number: int, name: str) -> Region:
    what = f"{name}: region {number}"
    if not isinstance(entry, dict) or entry.get("kind") not in KINDS:
        raise BadInput(f"{what} has no kind.", hint='Write "kind": "move" or "kind": "freeze".')
    polygon = entry.get("polygon")
    if not isinstance(polygon, list) or len(polygon) < 3:
        raise BadInput(f"{what} has fewer than three corners.", hint="Draw it again, or remove it.")
    return Region(entry["kind"], tuple(_point(corner, what) for corner in polygon))


def _region_speed(entry: object, number: int, name: str) -> RegionSpeed:
    what = f"{name}: region speed {number}"
    if not isinstance(entry, dict):
        raise BadInput(f"{what} is not an object with x, y, and speed.", hint=_FORMAT_HINT)
    x, y = _point([entry.get("x"), entry.get("y")], what)
    return RegionSpeed(x, y, _factor(entry.get("speed"), "speed", what))


def _factor(value: object, key: str, what: str) -> float:
    if not _is_number(value) or value < 0:
        raise BadInput(f"{what}: {key} is not a number from 0 up.", hint="Leave it out, or give a number such as 1.0.")
    return float(value)


def _method(value: object, name: str) -> MotionMethod:
    for known in get_args(MotionMethod):
        if value == known:
            return known
    raise BadInput(
        f"{name}: method {json.dumps(value)} is not known.", hint="Write auto, network, or solver, or leave it out."
    )


def _point(entry: object, what: str) -> Point:
    if not isinstance(entry, list) or len(entry) != 2 or not all(_is_number(value) for value in entry):
        raise BadInput(f"{what} has a point that is not two numbers.", hint="Write points as [x, y] in pixels.")
    return (float(entry[0]), float(entry[1]))


def _size(value: object, key: str, name: str) -> int:
    if not _is_number(value) or value < 1 or value != int(value):
        raise BadInput(
            f"{name} does not say the {key} of its picture in pixels.",
            hint="Save it again with the picture open, or add the number by hand.",
        )
    return int(value)


def _frames(value: object, name: str) -> float:
    if not _is_number(value) or value <= 0:
        raise BadInput(f"{name}: frames is not a positive number.", hint=f"Leave it out; it is {FRAMES:g} then.")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _check_aspect(hints: HintsFile, width: int, height: int, name: str) -> None:
    stretch = (hints.width * height) / (hints.height * width)
    if abs(math.log(stretch)) > _ASPECT_TOLERANCE:
        raise BadInput(
            f"{name} was drawn on a picture of {hints.width} x {hints.height}, the photo has {width} x {height}.",
            hint="Use the hints of this photo; a rotated or cropped one needs its own.",
        )


def _check_arrow(arrow: Arrow, number: int, hints: HintsFile, name: str) -> None:
    x, y = arrow.start
    if not (0 <= x <= hints.width and 0 <= y <= hints.height):
        raise BadInput(
            f"{name}: arrow {number} starts at ({x:g}, {y:g}), outside the picture of {hints.width} x {hints.height}.",
            hint="Move its start into the picture, or disable the arrow.",
        )
    if arrow.start == arrow.end:
        raise BadInput(
            f"{name}: arrow {number} has no length.",
            hint='Give it a second point, or mark what shall stand still as a "freeze" region.',
        )
