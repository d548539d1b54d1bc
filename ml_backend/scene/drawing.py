"""What the artist painted and drew, read from files at the photo's size, and kept as plain files with the scene."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ml_backend.errors import BadInput
from ml_backend.motion.embedded import motion_network
from ml_backend.motion.first_guess import guessed_arrows
from ml_backend.motion.guess_by_kind import guessed_arrows_by_kind
from ml_backend.motion.guess_mask import guess_mask, mask_by_network
from ml_backend.motion.hints import HintsFile, motion_hints, read_hints, write_hints
from ml_backend.motion.photo_reading import read_photo
from ml_backend.photos.media import read_flow, read_mask, write_mask
from ml_backend.structures import DepthMap, MotionField, MotionHints, MotionMethod, Networks, RegionSpeed

Place = tuple[float, float, float]
"""x and y on the photo in [0, 1], y down, and a speed."""


@dataclass(frozen=True, slots=True)
class MotionOptions:
    """How the photo moves. Files or None; `guess` looks for a mask where none is given.

    speed, smoothing, region_speeds, and method take the place of what the hints file says about them; None leaves it.
    """

    mask: Path | None = None
    freeze: Path | None = None
    hints: Path | None = None
    flow: Path | None = None
    guess: bool = False
    speed: float | None = None
    smoothing: float | None = None
    region_speeds: tuple[Place, ...] | None = None
    method: MotionMethod | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """mask and freeze (1, H, W) as given; file: the arrows, with all factors; flow: ready-made motion.

    `hints` is all of it together, as the solver reads it: None where nothing was given. `is_guessed`: nobody gave the
    mask.
    """

    mask: Tensor | None = None
    freeze: Tensor | None = None
    file: HintsFile | None = None
    hints: MotionHints | None = None
    flow: MotionField | None = None
    is_guessed: bool = False


def read_drawing(options: MotionOptions, width: int, height: int) -> Drawing:
    """The drawing of a photo of width x height pixels; a mask that has to be guessed is still missing.

    Raises:
        BadInput: a file cannot be used, or a factor is none.
    """
    mask = read_mask(options.mask, width, height) if options.mask else None
    freeze = read_mask(options.freeze, width, height) if options.freeze else None
    file = read_hints(options.hints, width=width, height=height) if options.hints else None
    file = _with_factors(file, options, width, height)
    flow = read_flow(options.flow, width, height) if options.flow else None
    has_arrows = file is not None and any(arrow.enabled for arrow in file.arrows)
    has_regions = file is not None and any(region.kind == "move" for region in file.regions)
    if mask is None and has_arrows and not has_regions and not options.guess:
        mask = torch.ones(1, height, width)
    hints = None
    if mask is not None or options.hints:
        hints = motion_hints(file or HintsFile(width, height), mask, freeze)
    is_guessed = options.guess and mask is None and not has_regions and flow is None
    return Drawing(mask, freeze, file, hints, flow, is_guessed)


def with_guessed_mask(drawing: Drawing, image: Tensor, depth: DepthMap) -> Drawing:
    """The drawing with a mask of its own where it lacks one: see motion/guess_mask.py."""
    if not drawing.is_guessed:
        return drawing
    file = drawing.file or HintsFile(image.shape[2], image.shape[1])
    mask = propose_mask(image, depth, file.method)
    return replace(drawing, mask=mask, hints=motion_hints(file, mask, drawing.freeze))


def propose_mask(image: Tensor, depth: DepthMap, method: MotionMethod = "auto") -> Tensor:
    """Where a photo (3, H, W) probably moves, (1, H, W), by the motion network or without."""
    network = motion_network(method)
    if network is None:
        return guess_mask(image, depth)
    return mask_by_network(image, read_photo(network, image, depth, None))


def propose_arrows(image: Tensor, depth: DepthMap, mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """How what a mask (1, H, W) moves flows without an arrow: image positions (K, 2) and px per frame (K, 2)."""
    network = motion_network("auto")
    if network is None:
        return guessed_arrows(mask[0].cpu().numpy())
    return guessed_arrows_by_kind(mask[0].cpu().numpy(), read_photo(network, image, depth, mask))


def moves_by_network(networks: Networks, drawing: Drawing) -> bool:
    """Whether the authors' motion network says how a drawing moves: it was never trained without an arrow."""
    return networks == "paper" and drawing.flow is None and drawing.hints is not None and len(drawing.hints.starts) > 0


def write_drawing(drawing: Drawing, folder: Path) -> None:
    """Write mask.png, freeze.png, and hints.json, those that there are."""
    if drawing.mask is not None:
        write_mask(drawing.mask, folder / "mask.png")
    elif drawing.hints is not None:
        write_mask(drawing.hints.mask, folder / "mask.png")
    if drawing.freeze is not None:
        write_mask(drawing.freeze, folder / "freeze.png")
    if drawing.file is not None:
        write_hints(folder / "hints.json", drawing.file)


def _with_factors(file: HintsFile | None, options: MotionOptions, width: int, height: int) -> HintsFile | None:
    given = file or HintsFile(width, height)
    for name in ("speed", "smoothing"):
        value = getattr(options, name)
        if value is not None and not 0 <= value < float("inf"):
            raise BadInput(f"{value} is no {name}.", hint="Use a number from 0 up; 1 is as drawn.")
        if value is not None:
            given = replace(given, **{name: float(value)})
    if options.region_speeds is not None:
        speeds = tuple(RegionSpeed(x * width, y * height, speed) for x, y, speed in options.region_speeds)
        given = replace(given, region_speeds=speeds)
    if options.method is not None:
        given = replace(given, method=options.method)
    is_plain = (given.speed, given.smoothing, given.region_speeds, given.method) == (1.0, 0.0, (), "auto")
    return None if file is None and is_plain else given
