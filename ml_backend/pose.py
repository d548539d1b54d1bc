"""How the artist has changed the cloud in Blender: layers that are hidden, and layers whose points stand elsewhere."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ml_backend.structures import FeaturePointCloud


@dataclass(frozen=True, slots=True)
class PosedLayer:
    """A layer that was moved, deformed, or edited.

    layer: its number. ids (M,) int64: rows of the cloud, in any order; a row may be missing (its point was deleted) or
    come more than once (it was copied). positions (M, 3) float32: where the points are at rest, world. linear (3, 3):
    what turned and scaled the layer as a whole, and so its flow.
    """

    layer: int
    ids: Tensor
    positions: Tensor
    linear: Tensor


@dataclass(frozen=True, slots=True)
class Pose:
    """hidden: layers that are left out. posed: layers that stand elsewhere."""

    hidden: tuple[int, ...] = ()
    posed: tuple[PosedLayer, ...] = ()


REST = Pose()


@dataclass(frozen=True, slots=True)
class PosedPoints:
    """rows (M,) of the cloud, or None for all in order; positions (M, 3) world; scales (M,) of the points' size."""

    rows: Tensor | None
    positions: Tensor
    scales: Tensor


def pose_points(cloud: FeaturePointCloud, moved: Tensor, pose: Pose) -> PosedPoints:
    """The points to draw and where.

    Args:
        cloud: at rest.
        moved: positions (N, 3) of all its points at this frame, without the pose.
    """
    if pose == REST:
        return PosedPoints(None, moved, torch.ones(len(moved)))
    changed = torch.tensor([*pose.hidden, *(p.layer for p in pose.posed)], dtype=cloud.layers.dtype)
    kept = torch.nonzero(~torch.isin(cloud.layers, changed)).squeeze(1)
    rows, positions, scales = [kept], [moved[kept]], [torch.ones(len(kept))]
    for layer in pose.posed:
        if layer.layer in pose.hidden:
            continue
        flow = moved[layer.ids] - cloud.positions[layer.ids]
        rows.append(layer.ids)
        positions.append(layer.positions + flow @ layer.linear.T.to(flow))
        size = float(torch.linalg.det(layer.linear.double()).abs()) ** (1 / 3)
        scales.append(torch.full((len(layer.ids),), size))
    return PosedPoints(torch.cat(rows), torch.cat(positions), torch.cat(scales))
