"""First guesses where nobody drew an arrow, one for each kind of fluid that the network sees in a region.

What an artist paints in one stroke may be a sea and the clouds over it, or a fall and its pool.
"""

import cv2
import numpy as np

from ml_backend.motion.arrows import Arrows, join
from ml_backend.motion.first_guess import (
    FALLS,
    SKY,
    SURFACE,
    follow_arrow,
    guess_arrows,
    no_arrows,
    region_kinds,
    worth_drawing,
)
from ml_backend.motion.regions import Regions, find_regions
from ml_backend.motion.small_net import HANGING, LYING, Reading
from ml_backend.motion.small_net import SKY as SKY_KIND
from ml_backend.motion.towards_viewer import towards_viewer

_GUESSED_AS = {SKY_KIND: SKY, LYING: SURFACE, HANGING: FALLS}
_WORTH_A_GUESS = 0.15  # of its region


def guess_by_kind(drawn: Arrows, regions: Regions, reading: Reading) -> Arrows:
    """The arrows drawn, and one or more for each kind of fluid in the regions that have none."""
    kinds = kind_map(reading, *regions.labels.shape)
    x, y = drawn.starts.astype(int).clip(0).T
    drawn_kinds = kinds[y.clip(max=kinds.shape[0] - 1), x.clip(max=kinds.shape[1] - 1)]
    extra = [drawn]
    for region in np.setdiff1d(np.arange(regions.count), drawn.regions):
        left, top, right, bottom = regions.boxes[region]
        window = np.s_[top:bottom, left:right]
        inside = regions.labels[window] == region + 1
        own = np.bincount(kinds[window][inside], minlength=len(_GUESSED_AS))
        for kind in np.flatnonzero((own == own.max()) | (own >= _WORTH_A_GUESS * regions.areas[region])):
            part = np.zeros(kinds.shape, np.float32)
            part[window][inside & (kinds[window] == kind)] = 1
            found = _guess_part(part, int(kind), drawn.select(drawn_kinds == kind), reading)
            extra.append(Arrows(found.starts, found.vectors, np.full(len(found.regions), region)))
    return join(extra)


def guessed_arrows_by_kind(mask: np.ndarray, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """The arrows that a mask (H, W) gets when the artist draws none: starts (K, 2) and px per frame (K, 2)."""
    regions = find_regions(mask)
    return worth_drawing(guess_by_kind(no_arrows(), regions, reading), regions)


def kind_map(reading: Reading, height: int, width: int) -> np.ndarray:
    """The most likely kind of fluid at each pixel, (H, W) int64."""
    logits = reading.kinds[0].permute(1, 2, 0).cpu().numpy()
    return cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR).argmax(axis=2)


def _guess_part(part: np.ndarray, kind: int, donors: Arrows, reading: Reading) -> Arrows:
    """For the largest connected piece of a part: as the nearest arrow of its kind flows, else a first guess."""
    pieces = find_regions(part)
    largest = int(pieces.areas.argmax())
    if len(donors.regions) > 0:
        return follow_arrow(donors, largest, pieces)
    shape = int(region_kinds(pieces)[largest])
    # A white fall that leaves the picture at its top may pass for a cloud, but is narrower than any sky.
    guessed_as = FALLS if kind == SKY_KIND and shape == FALLS else _GUESSED_AS[kind]
    found = guess_arrows(largest, guessed_as, pieces)
    if guessed_as != SURFACE:
        return found
    inside = pieces.inside(np.array([largest]))
    return Arrows(found.starts, towards_viewer(reading, inside, found.starts), found.regions)
