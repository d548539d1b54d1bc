"""A first guess of the motion where the artist drew no arrow: sky drifts, falls fall, water comes nearer.

A region is a *sky* if it touches the photo's top, lies in its upper part, and is wide; *falls* if it is tall and
narrow; else a *surface*: a river, lake, or sea.
"""

from itertools import pairwise

import numpy as np

from ml_backend.motion.arrows import Arrows, join
from ml_backend.motion.regions import Regions, find_regions, most_interior_pixel

SKY, FALLS, SURFACE = 0, 1, 2

# Pixels per frame on a photo 640 px wide: as in videos of water; falls are a little faster, clouds slower.
_REFERENCE_WIDTH = 640
_SKY_SPEED = 0.4
_FALLS_SPEED = 1.0
_FAR_SPEED, _NEAR_SPEED = 0.4, 1.2  # of a surface in the middle and at the bottom of the photo

_ALONG_TOP = 0.02  # of the height: a mask may stop a little short of the border
_SKY_CENTRE = 0.5  # of the height
_SKY_END = 0.9  # of the height; what goes on to the bottom is no sky
_TALL = 1.5  # times its mean width
_UPRIGHT = 0.75  # width of the box to its height; a wider one holds a slanting river
_ELONGATED = 3.0  # long to short axis of a river that is seen to flow along
_STEEP = 0.25  # sine of 15 degrees: a flatter axis does not say which end is nearer
_SMALL = 0.05  # of the height: one arrow is enough
_WORTH_AN_ARROW = 0.005  # of the photo


def guess_missing(arrows: Arrows, regions: Regions) -> Arrows:
    """Arrows for all regions: those given, and one or more for each region that has none.

    A region without an arrow follows the nearest arrow of a region of its kind, since a lake behind columns is one
    lake. Where there is none it gets a first guess of its own.
    """
    kinds = region_kinds(regions)
    extra = [arrows]
    for region in np.setdiff1d(np.arange(regions.count), arrows.regions):
        donors = arrows.select(kinds[arrows.regions] == kinds[region])
        if len(donors.regions) > 0:
            extra.append(follow_arrow(donors, int(region), regions))
        else:
            extra.append(guess_arrows(int(region), int(kinds[region]), regions))
    return join(extra)


def guessed_arrows(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The arrows that a mask (H, W) gets when the artist draws none: starts (K, 2) and px per frame (K, 2)."""
    regions = find_regions(mask)
    return worth_drawing(guess_missing(no_arrows(), regions), regions)


def no_arrows() -> Arrows:
    """What the artist drew who drew none."""
    return Arrows(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, dtype=int))


def worth_drawing(arrows: Arrows, regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    """Starts and px per frame of those in regions of some size, so that they make a list to edit."""
    large = np.flatnonzero(regions.areas >= _WORTH_AN_ARROW * regions.labels.size)
    kept = arrows.select(np.isin(arrows.regions, large))
    return kept.starts, kept.vectors


def region_kinds(regions: Regions) -> np.ndarray:
    """SKY, FALLS, or SURFACE for each region, (n,)."""
    height, width = regions.labels.shape
    left, top, right, bottom = regions.boxes.T
    tall = ((bottom - top) ** 2 > _TALL * regions.areas) & (right - left < _UPRIGHT * (bottom - top))
    wide = (right - left >= bottom - top) | (right - left >= 0.6 * width)
    at_top = (top <= _ALONG_TOP * height) & (bottom <= _SKY_END * height)
    sky = at_top & wide & (regions.centres[:, 1] < _SKY_CENTRE * height)
    return np.where(sky, SKY, np.where(tall, FALLS, SURFACE))


def follow_arrow(donors: Arrows, region: int, regions: Regions) -> Arrows:
    """An arrow for a region like the nearest of the donors."""
    left, top, right, bottom = regions.boxes[region]
    nearest = np.stack([donors.starts[:, 0].clip(left, right), donors.starts[:, 1].clip(top, bottom)], axis=1)
    donor = np.linalg.norm(donors.starts - nearest, axis=1).argmin()
    return _single(_middle(region, regions, top, bottom), donors.vectors[donor], region)


def guess_arrows(region: int, kind: int, regions: Regions) -> Arrows:
    """One or more arrows for a region that is taken for a sky, falls, or a surface."""
    height, width = regions.labels.shape
    _, top, _, bottom = regions.boxes[region]
    unit = width / _REFERENCE_WIDTH
    if kind == SKY:
        return _single(_middle(region, regions, top, bottom), np.array([_SKY_SPEED * unit, 0.0]), region)
    if kind == FALLS:
        return _single(_middle(region, regions, top, bottom), np.array([0.0, _FALLS_SPEED * unit]), region)
    direction = _downstream(region, regions)
    bands = 1 if bottom - top < _SMALL * height else min(3, bottom - top)
    edges = np.linspace(top, bottom, bands + 1).astype(int)
    guessed = []
    for upper, lower in pairwise(edges):
        place = _middle(region, regions, upper, lower)
        nearness = np.clip(2 * place[1] / height - 1, 0, 1)
        speed = (_FAR_SPEED + (_NEAR_SPEED - _FAR_SPEED) * nearness) * unit
        guessed.append(_single(place, speed * direction, region))
    return join(guessed)


def _downstream(region: int, regions: Regions) -> np.ndarray:
    """The long axis of an elongated region, pointing down the photo; straight down, to the camera, for any other."""
    left, top, right, bottom = regions.boxes[region]
    y, x = np.nonzero(regions.labels[top:bottom, left:right] == region + 1)
    if len(x) > 2:
        lengths, axes = np.linalg.eigh(np.cov(np.stack([x, y])))
        axis = axes[:, 1] * (1 if axes[1, 1] >= 0 else -1)
        if lengths[1] > _ELONGATED**2 * lengths[0] and axis[1] > _STEEP:
            return axis
    return np.array([0.0, 1.0])


def _middle(region: int, regions: Regions, top: int, bottom: int) -> np.ndarray:
    """Image position of the most interior pixel of the part of a region between two rows."""
    left, _, right, _ = regions.boxes[region]
    x, y = most_interior_pixel(regions.labels[top:bottom, left:right] == region + 1)
    return np.array([left + x + 0.5, top + y + 0.5])


def _single(start: np.ndarray, vector: np.ndarray, region: int) -> Arrows:
    return Arrows(start[None], vector[None], np.array([region]))
