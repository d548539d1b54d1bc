"""The moving regions as a list for people: what each is taken for, where it is, and how fast it flows."""

from dataclasses import dataclass

import numpy as np

from ml_backend.motion.arrows import tie_to_regions
from ml_backend.motion.first_guess import FALLS, SKY, region_kinds
from ml_backend.motion.region_speed import speed_of_regions
from ml_backend.motion.regions import find_regions, most_interior_pixel
from ml_backend.structures import MotionField, MotionHints

MOST_LISTED = 32  # the largest; specks are not worth a line


@dataclass(frozen=True, slots=True)
class MovingRegion:
    """kind "sky", "falls", or "water"; (x, y) image position well inside; share of the photo; speed as asked, a factor;
    mean flow in pixels per frame; number of arrows.
    """

    kind: str
    x: float
    y: float
    share: float
    speed: float
    flow: float
    arrows: int


def list_regions(hints: MotionHints, motion: MotionField) -> list[MovingRegion]:
    """The regions of the mask, largest first."""
    regions = find_regions(hints.mask[0].detach().cpu().numpy())
    kinds = region_kinds(regions)
    factors = speed_of_regions(regions, 1.0, hints.region_speeds)
    arrows = np.bincount(tie_to_regions(hints, regions)[0].regions, minlength=regions.count)
    lengths = motion.flow.norm(dim=0).cpu().numpy().ravel()
    total = np.bincount(regions.labels.ravel(), weights=lengths, minlength=regions.count + 1)[1:]
    listed = []
    for region in np.argsort(-regions.areas, kind="stable")[:MOST_LISTED]:
        left, top, right, bottom = regions.boxes[region]
        x, y = most_interior_pixel(regions.labels[top:bottom, left:right] == region + 1)
        listed.append(
            MovingRegion(
                kind={SKY: "sky", FALLS: "falls"}.get(int(kinds[region]), "water"),
                x=float(left + x + 0.5),
                y=float(top + y + 0.5),
                share=float(regions.areas[region] / regions.labels.size),
                speed=float(factors[region]),
                flow=float(total[region] / regions.areas[region]),
                arrows=int(arrows[region]),
            )
        )
    return listed
