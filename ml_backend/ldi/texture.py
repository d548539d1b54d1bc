"""Texture of what a layer hides, by example: pieces of what it shows, laid side by side on the smooth fill.

A network that is asked for likely colours answers with smooth ones where it cannot know, and a smooth patch between
leaves or stones is seen at once. Texture alone is laid: a tile is what a piece of the layer has beside its own local
mean, found where that mean is the colour that was filled in. Where tiles overlap, they are blended so that their
contrast stays (Heitz and Neyret, "High-performance by-example noise using a histogram-preserving blending operator",
2018, Sec. 3).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.filtering import gaussian_blur

_TEXTURE_SIZE = 0.012  # of the long side: what is coarser is colour
_CELL_SIZE = 0.03  # of the long side: distance of tiles, which are twice as wide
_NEAR_SIZE = 0.15  # of the long side: a piece so far away costs as much
_ALIKE = 0.06  # as one whose colour differs so much
_CHANCE = 2.5  # in such costs; without, neighbours would all take the same piece
_CONTRAST = 0.85  # of the pieces, to which texture is laid: what is in the wrong place costs less than its lack is seen
_LEAST_KNOWN = 0.6  # share of a piece
_LEAST_BLEND = 0.15  # of a pixel's tiles that are known, as a norm: with less there is little texture
_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Squares that tiles can be taken from.

    places: (N, 2), row and column of their middles. colors: (N, 3), means. unevenness: (N,), variance of what is
    coarser than texture.
    """

    places: Tensor
    colors: Tensor
    unevenness: Tensor


def lay_texture(color: Tensor, known: Tensor, hidden: Tensor) -> Tensor:
    """Colours of a layer (3, h, w) in [0, 1], its hidden part with the texture that it lacks.

    What texture is there already, mirrored or invented, is kept; added is what brings the local contrast to that of the
    known part.

    Args:
        known: (h, w) bool, pixels whose texture is an example.
        hidden: (h, w) bool, pixels that were filled.
    """
    long_side = max(known.shape)
    cell, sigma = 2 * max(2, round(_CELL_SIZE / 2 * long_side)), _TEXTURE_SIZE * long_side
    weight = known[None].float()
    mean = gaussian_blur(color * weight, sigma) / gaussian_blur(weight, sigma).clamp(min=1e-3)
    pieces = _find_pieces(color, mean, known, cell)
    if not bool(hidden.any()) or not len(pieces.places):
        return color
    example = torch.cat([(color - mean) * weight, weight])
    detail, fits = _lay_tiles(color, example, hidden, pieces, cell)
    wanted, present = _local_variance(torch.stack([detail.mean(dim=0), color.mean(dim=0)]), hidden, sigma).split(1)
    missing = _CONTRAST * (1 - present / (_CONTRAST**2 * wanted).clamp(min=_TINY)).clamp(min=0)
    return torch.where(hidden, (color + fits * missing * detail).clamp(0, 1), color)


def _find_pieces(color: Tensor, mean: Tensor, known: Tensor, cell: int) -> _Pieces:
    """One at each half cell where enough is known."""
    half, weight = cell // 2, known[None].float()
    if min(known.shape) < cell:
        return _Pieces(torch.zeros(0, 2), torch.zeros(0, 3), torch.zeros(0))
    sums = torch.cat([weight, color * weight, mean * weight, mean.square() * weight])
    quarters = F.avg_pool2d(sums[None], half)
    share, colors, coarse, squares = F.avg_pool2d(quarters, 2, 1)[0].split((1, 3, 3, 3))
    enough = share[0] >= _LEAST_KNOWN
    share, colors, coarse, squares = (values[:, enough].T for values in (share, colors, coarse, squares))
    variance = (squares / share - (coarse / share).square()).clamp(min=0).sum(dim=1)
    return _Pieces((enough.nonzero() + 1) * half, colors / share, variance)


def _lay_tiles(color: Tensor, example: Tensor, hidden: Tensor, pieces: _Pieces, cell: int) -> tuple[Tensor, Tensor]:
    """Texture (3, h, w) of the hidden part, its mean 0, and how well it fits there (1, h, w), in [0, 1].

    Args:
        example: (4, h, w), texture of what is known, and 1 there; 0 elsewhere.
    """
    height, width = hidden.shape
    pixels = hidden.nonzero()  # (P, 2)
    places = pixels / cell + 0.5
    corner = places.long()
    total, norm, fit = (torch.zeros(n, len(pixels)) for n in (3, 1, 1))
    corners = torch.tensor([(0, 0), (0, 1), (1, 0), (1, 1)])
    tiles = corner + corners[:, None]  # (4, P, 2)
    weights = (1 - (places - tiles).abs()).prod(dim=-1)  # (4, P)
    numbers, index = (tiles[..., 0] * (width + 2) + tiles[..., 1]).unique(return_inverse=True)
    middles = (torch.stack([numbers // (width + 2), numbers % (width + 2)], dim=1) - 0.5) * cell
    wanted = _mean_colors(color[:, hidden], index, weights, len(numbers))
    chosen, costs = _choose(middles, wanted, pieces, max(height, width))
    shifts, fits = (pieces.places[chosen] - middles).round().long(), torch.exp(-costs)
    for tile, weight in zip(index, weights, strict=True):
        row, col = (pixels + shifts[tile]).T
        inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
        found = example[:, row.clamp(0, height - 1), col.clamp(0, width - 1)]
        share = weight * inside * found[3]
        total += share * found[:3]
        norm += share.square()
        fit += weight * fits[tile]
    laid, fitting = torch.zeros_like(color), torch.zeros(1, height, width)
    laid[:, hidden], fitting[:, hidden] = total / norm.sqrt().clamp(min=_LEAST_BLEND), fit
    return laid, fitting


def _mean_colors(colors: Tensor, index: Tensor, weights: Tensor, num_tiles: int) -> Tensor:
    """Mean (T, 3) of colours (3, P) under each tile; index and weights (4, P) say which tiles cover a pixel."""
    sums = torch.zeros(num_tiles, 4)
    given = torch.cat([colors, torch.ones_like(colors[:1])]).T
    for tile, weight in zip(index, weights, strict=True):
        sums.index_add_(0, tile, given * weight[:, None])
    return sums[:, :3] / sums[:, 3:].clamp(min=_TINY)


def _choose(middles: Tensor, wanted: Tensor, pieces: _Pieces, long_side: int) -> tuple[Tensor, Tensor]:
    """For tiles at (T, 2) with mean colours (T, 3) the numbers of pieces (T,), and what their colours cost (T,)."""
    near = _NEAR_SIZE * long_side
    tiles = torch.cat([wanted / _ALIKE, middles / near], dim=1)
    places = torch.cat([pieces.colors / _ALIKE, pieces.places / near], dim=1)
    # Differences, not products of matrices: the choice must not hang on how many threads round them.
    cost = torch.cdist(tiles, places, compute_mode="donot_use_mm_for_euclid_dist").square()
    cost += pieces.unevenness / _ALIKE**2
    cost += _CHANCE * torch.rand(cost.shape, generator=torch.Generator().manual_seed(0))
    chosen = cost.argmin(dim=1)
    return chosen, (wanted - pieces.colors[chosen]).square().sum(dim=1) / (2 * _ALIKE) ** 2


def _local_variance(values: Tensor, where: Tensor, sigma: float) -> Tensor:
    """Of each channel (C, h, w) around each pixel, read where (h, w) says."""
    weight = where[None].float()
    means = gaussian_blur(torch.cat([weight, values * weight, values.square() * weight]), sigma)
    mean, square = (means[1:] / means[:1].clamp(min=1e-3)).chunk(2)
    return (square - mean.square()).clamp(min=0)
