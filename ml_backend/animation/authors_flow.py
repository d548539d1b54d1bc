"""Scene flow as the authors' decoder was trained with it (Sec. 3.4); ours (scene_flow.py) follows the surface.

Convention: positions are index coordinates, as of the authors' camera: pixel j is at j, not at j + 0.5. A moved point
keeps its depth. The numbers are in `weights/official.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.layer_filters import diffuse, erode
from ml_backend.structures import Displacement, LayeredDepthImage, MotionField
from ml_backend.weights import official


@dataclass(frozen=True, slots=True)
class MovedLayers:
    """places (L, 2, H, W): index coordinates (x, y) of each pixel of each layer; depths (L, H, W); inside (L, H, W)
    bool, False where a point has left the photo, and is not drawn.
    """

    places: Tensor
    depths: Tensor
    inside: Tensor


def displace_late(motion: MotionField, steps: int) -> Displacement:
    """Follow each pixel for `steps` frames, negative with -M, reading the nearest pixel's flow, one step late.

    A path that leaves the photo starts again where it began, and its displacement keeps growing by the flow there.
    """
    flow = motion.flow if steps >= 0 else -motion.flow
    height, width = flow.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    start = torch.stack([x, y]).to(flow.dtype)  # (2, H, W)
    last = torch.tensor([width - 1, height - 1], dtype=flow.dtype)[:, None, None]
    position, arrived = start.clone(), start.clone()
    valid = torch.ones(1, height, width, dtype=torch.bool)
    for step in range(abs(steps) + official.LATE_STEPS if steps else 0):
        if step >= official.LATE_STEPS:
            arrived = arrived + _nearest(flow, position)
        if step + 1 < abs(steps) + official.LATE_STEPS:
            position = position + _nearest(flow, position)
            valid &= ((position >= 0) & (position <= last)).all(dim=0, keepdim=True)
            position = torch.where(valid, position, start)
    return Displacement(arrived - start, valid)


def move_layers(ldi: LayeredDepthImage, displacement: Displacement) -> MovedLayers:
    """All layers' pixels moved by one displacement, each layer's behind the nearer ones'.

    Away from a layer's own pixels flow and depth are grown from them, and farther away the flow is zero.
    """
    height, width = displacement.offset.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    start = torch.stack([x, y]).to(displacement.offset.dtype)
    last = torch.tensor([width - 1, height - 1], dtype=start.dtype)[:, None, None]
    places, depths = [], []
    for alpha, given, trusted in zip(ldi.alphas[:, 0], ldi.depths[:, 0], trusted_pixels(ldi), strict=True):
        clamped = given.clamp(official.NEAREST_Z, official.FARTHEST_Z)
        known = torch.cat([displacement.offset, clamped[None]])
        grown, reached = diffuse(known, trusted, size=official.DIFFUSION_PX, rounds=official.DIFFUSION_ROUNDS)
        place = start + grown[:2] * reached
        depth = torch.where(reached, grown[2], clamped) * (alpha > 0)  # 0 hides nothing of the layers behind
        for nearer_place, nearer_depth in zip(places, depths, strict=True):
            is_hidden = (alpha > 0) & (depth <= nearer_depth)
            place = torch.where(is_hidden, nearer_place, place)
            depth = torch.where(is_hidden, official.BEHIND_POINT * nearer_depth, depth)
        places.append(place)
        depths.append(depth)
    stacked = torch.stack(places)
    return MovedLayers(stacked, torch.stack(depths), ((stacked >= 0) & (stacked <= last)).all(dim=1))


def trusted_pixels(ldi: LayeredDepthImage) -> Tensor:
    """Where a layer's own values count, (L, H, W) of 0 and 1."""
    own = (~ldi.inpainted[:, 0]).to(ldi.alphas.dtype)
    return torch.stack([erode(layer, official.TRUSTED_MARGIN_PX) for layer in own])


def features_as_trained(ldi: LayeredDepthImage, features: Tensor) -> Tensor:
    """Features (L, C, H, W) of the points: a layer's own where they are trusted, elsewhere those of what is seen there.

    So inpainted points have inpainted colours, and the features of what hides them.

    Args:
        features: (L, C, h, w), of any size; what is seen is found at that size.
    """
    size = ldi.colors.shape[-2:]
    own = (~ldi.inpainted).to(features.dtype)  # (L, 1, H, W)
    share = F.interpolate(own, size=features.shape[-2:], mode="area")
    seen, found = (_enlarged(x.sum(dim=0, keepdim=True), size) for x in (features * share, share))
    elsewhere = seen / found.clamp(min=official.LEAST_COVERED)
    return torch.where(trusted_pixels(ldi)[:, None] > 0, _enlarged(features, size), elsewhere)


def _enlarged(maps: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=True)


def _nearest(flow: Tensor, position: Tensor) -> Tensor:
    col, row = torch.round(position).long()
    return flow[:, row, col]
