"""The answer to a RenderFrame request, read from the job's folder and turned into what Blender wants."""

from dataclasses import dataclass

import numpy as np

from ..ml_backend.protocol import CancelledEvent, Failed, Result
from .bridge.arrays import read_array
from .bridge.client import Ending
from .bridge.problem import Problem
from .color import flip_rows, srgb_to_linear

BACKGROUND_Z = 1e10  # what Blender's own engines write where there is nothing


class RenderStopped(Exception):
    """The user pressed Esc; not a failure."""


@dataclass(frozen=True, slots=True)
class FrameStatistics:
    """Shares of the frame: no point at all (filled), nothing of the photo, both clouds at once; number of points."""

    hole_fraction: float
    unknown_fraction: float
    double_exposure: float
    num_points: int

    def line(self) -> str:
        """For the render's status line."""
        return (
            f"Holes {self.hole_fraction:.2%} | Unknown {self.unknown_fraction:.1%} | "
            f"Cross-Fade {self.double_exposure:.2%} | Points {self.num_points:,}"
        )

    def metadata(self) -> dict[str, str]:
        """For the file's metadata, one entry each."""
        return {
            "cinemagraph.holes": f"{self.hole_fraction:.4%}",
            "cinemagraph.unknown": f"{self.unknown_fraction:.4%}",
            "cinemagraph.cross_fade": f"{self.double_exposure:.4%}",
            "cinemagraph.points": str(self.num_points),
        }


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """rgba (H, W, 4) scene linear, premultiplied; depth (H, W) in Blender units; alpha (H, W); row 0 at the bottom."""

    rgba: np.ndarray
    depth: np.ndarray
    alpha: np.ndarray
    statistics: FrameStatistics


def result_values(ending: Ending) -> dict[str, object]:
    """The values of a request that ended; raises Problem or RenderStopped."""
    match ending:
        case Result(values=values):
            return values
        case Failed(message=message, hint=hint):
            raise Problem(message, hint=hint)
        case CancelledEvent():
            raise RenderStopped


def read_frame(
    values: dict[str, object], *, width: int, height: int, unit: float, is_transparent: bool
) -> RenderedFrame:
    """The frame that a Result's values point to.

    Args:
        unit: length of a backend unit in Blender.
        is_transparent: let holes be transparent; else they show what they were filled with.
    """
    shape = (height, width)
    alpha = flip_rows(read_array(str(values["alpha"]), shape))
    depth = flip_rows(read_array(str(values["depth"]), shape).astype(np.float32))
    rgba = np.ones((*shape, 4), dtype=np.float32)
    rgba[..., :3] = srgb_to_linear(flip_rows(read_array(str(values["rgb"]), (*shape, 3))))
    if is_transparent:
        rgba[..., 3] = alpha
        rgba[..., :3] *= alpha[..., None]  # Blender's passes are premultiplied
    return RenderedFrame(
        rgba=rgba,
        depth=np.where(np.isfinite(depth), depth * np.float32(unit), np.float32(BACKGROUND_Z)),
        alpha=alpha,
        statistics=FrameStatistics(
            hole_fraction=float(values["hole_fraction"]),
            unknown_fraction=float(values["unknown_fraction"]),
            double_exposure=float(values["double_exposure"]),
            num_points=int(values["num_points"]),
        ),
    )
