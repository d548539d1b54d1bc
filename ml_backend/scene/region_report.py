"""The moving regions as messages and `--json` tell them: places on the photo from 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_backend.motion.region_list import MovingRegion


@dataclass(frozen=True, slots=True)
class RegionReport:
    """kind "sky", "falls", or "water"; x, y a place inside in [0, 1], y down; share of the photo; speed, a factor;
    flow, mean pixels per frame; number of arrows.
    """

    kind: str
    x: float
    y: float
    share: float
    speed: float
    flow: float
    arrows: int


def region_reports(regions: Sequence[MovingRegion], width: int, height: int) -> list[RegionReport]:
    """Regions of a photo of width x height pixels."""
    return [RegionReport(r.kind, r.x / width, r.y / height, r.share, r.speed, r.flow, r.arrows) for r in regions]
