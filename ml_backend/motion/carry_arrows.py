"""Arrows carried over a photo: everywhere the velocity along the surface that the arrows of that surface agree on.

A moving least squares fit: arrow k, whose flow v_k is seen through the basis B_k of its place, weighs w_k(x) at the
place x, less the less alike and the farther both are. The velocity V there minimises
sum_k w_k |B_k V - v_k|^2 / |B_k|^2 + doubt |V - likely V|^2, and the flow is B(x) V.
"""

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.motion.small_net import Reading

_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Spots:
    """A reading at N places of each photo: the fields of `Reading` by the same names, (B, C, N), basis (B, 4, N)."""

    likeness: Tensor
    basis: Tensor
    velocity: Tensor
    doubt: Tensor
    reach: Tensor
    places: Tensor


def all_cells(reading: Reading) -> Spots:
    """Every cell, row by row."""
    return Spots(*(value.flatten(2) for value in _maps(reading)))


def at_cells(spots: Spots, cells: Tensor) -> Spots:
    """The cells with these numbers, (B, K) int64."""
    values = (getattr(spots, field.name) for field in fields(Spots))
    return Spots(*(v.gather(2, cells[:, None].expand(-1, v.shape[1], -1)) for v in values))


def at_positions(reading: Reading, positions: Tensor) -> Spots:
    """Bilinear at (N, 2) positions x, y of one photo, in [0, 1]."""
    grid = (2 * positions - 1)[None, None]
    return Spots(*(F.grid_sample(m, grid, padding_mode="border", align_corners=False)[:, :, 0] for m in _maps(reading)))


def carry_arrows(here: Spots, starts: Spots, vectors: Tensor, allowed: Tensor) -> Tensor:
    """Flow (B, 2, N) in the unit of the arrows' vectors.

    Args:
        starts: where the K arrows start.
        vectors: (B, K, 2), flow at the arrows.
        allowed: (B, K, N) bool, whether an arrow speaks for a place; those that fill up a batch speak for none.
    """
    sizes = _size(starts)  # (B, K)
    bases = (starts.basis / sizes[:, None]).unflatten(1, (2, 2))  # (B, 2, 2, K)
    speeds = vectors / sizes[..., None]
    weights = _weights(here, starts) * allowed  # (B, K, N)
    squares = torch.einsum("bijk,bilk->bkjl", bases, bases).flatten(2)  # (B, K, 4)
    right = torch.einsum("bijk,bki->bkj", bases, speeds)
    system = torch.einsum("bkn,bkm->bmn", weights, squares)  # (B, 4, N)
    likely = here.velocity * _usual_speed(speeds, allowed)[:, None, None]
    sums = torch.einsum("bkn,bkm->bmn", weights, right) + here.doubt * likely
    a, b, c = system[:, 0] + here.doubt[:, 0], system[:, 1], system[:, 3] + here.doubt[:, 0]
    velocity = torch.stack([c * sums[:, 0] - b * sums[:, 1], a * sums[:, 1] - b * sums[:, 0]], 1)
    return _seen(here, velocity / (a * c - b * b).clamp(min=_TINY)[:, None])


def likely_flow(here: Spots, weight: Tensor) -> Tensor:
    """Flow (B, 2, N) where nobody drew an arrow; its weighted mean speed is about 1, less where it is in doubt.

    Args:
        weight: (B, 1, N), how much each place counts.
    """
    mean = (_size(here)[:, None] * weight).sum(dim=2, keepdim=True) / weight.sum(dim=2, keepdim=True).clamp(min=_TINY)
    return _seen(here, here.velocity) / mean.clamp(min=_TINY)


def _weights(here: Spots, starts: Spots) -> Tensor:
    """How much each arrow counts at each place, (B, K, N)."""
    unlike = _squared_distance(starts.likeness, here.likeness)
    far = _squared_distance(starts.places, here.places) * here.reach
    return torch.exp(-unlike - far)


def _squared_distance(first: Tensor, second: Tensor) -> Tensor:
    """(B, K, N) of (B, C, K) and (B, C, N)."""
    cross = torch.einsum("bck,bcn->bkn", first, second)
    return (first.square().sum(1)[:, :, None] + second.square().sum(1)[:, None] - 2 * cross).clamp(min=0)


def _seen(here: Spots, velocity: Tensor) -> Tensor:
    """The flow of velocities (B, 2, N) along the surface."""
    return torch.einsum("bijn,bjn->bin", here.basis.unflatten(1, (2, 2)), velocity)


def _usual_speed(speeds: Tensor, allowed: Tensor) -> Tensor:
    """The mean length (B,) of the arrows' velocities (B, K, 2)."""
    counts = allowed.any(dim=2).to(speeds.dtype)
    return (speeds.norm(dim=2) * counts).sum(1) / counts.sum(1).clamp(min=1)


def _size(spots: Spots) -> Tensor:
    """Root mean square (B, N) of what unit velocities are seen as."""
    return (spots.basis.square().sum(dim=1) / 2 + _TINY).sqrt()


def _maps(reading: Reading) -> list[Tensor]:
    """(B, C, h, w) each."""
    return [getattr(reading, field.name).flatten(1, -3) for field in fields(Spots)]
