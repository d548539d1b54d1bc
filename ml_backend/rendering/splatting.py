"""Differentiable point splatting: a point is a disc whose weight is 1 - d^2 / r^2, front to back (Sec. 3.4).

The meaning is pytorch3d's (PointsRasterizer and AlphaCompositor, as in SynSin), with two differences: pixel centres
are exact, and no point is ever dropped for lack of memory. On the CPU the work is done by numba, on other devices,
and whenever a gradient is wanted, by plain torch.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ml_backend.rendering.splat_kernels import SURFACE_GAIN, composite_kernel, count_kernel, rasterize_kernel
from ml_backend.structures import FeatureMap

SHEET_GAP = 1.05  # between surfaces so close to each other, the photo's own points count
_MIN_ALPHA = 1e-6


@dataclass(frozen=True, slots=True)
class PointFragments:
    """The K nearest points of each pixel, nearest first; equal z goes to the lower index.

    index (H, W, K) int, -1 where there is none; z (H, W, K), inf where there is none; dist2 (H, W, K) squared
    distance in pixels from the pixel's centre to the point's.
    """

    index: Tensor
    z: Tensor
    dist2: Tensor


@dataclass(frozen=True, slots=True)
class Sheets:
    """Which fragments of a pixel are samples of one sheet, and how much each of them counts.

    gap: those up to this many times as far as the nearest one. trust (N,), > 0: of each point. By order of z the
    nearer of two neighbours on a slope always covers the other, so that a moving texture is not interpolated but jumps.
    """

    gap: float
    trust: Tensor


@dataclass(frozen=True, slots=True)
class Splat:
    """A drawn cloud and how many of its points reached a pixel."""

    feature_map: FeatureMap
    num_points: int


def splat(
    pixels: Tensor,
    z: Tensor,
    radii_px: Tensor,
    features: Tensor,
    *,
    height: int,
    width: int,
    near: float = 1.0,
    points_per_pixel: int = 8,
    surface_gap: float = math.inf,
    sheets: Sheets | None = None,
    opacities: Tensor | None = None,
) -> Splat:
    """Draw projected points.

    Convention: pixel centres at +0.5; points with z <= 0 are behind the camera and not drawn.

    Args:
        pixels: image positions (N, 2). z: depths (N,). radii_px: radii (N,) in pixels, > 0.
        features: (N, C), composited front to back.
        near: depth at which nearness near / z is 1; depth is composited as nearness, so that a far sky behind a
            thin branch does not pull the branch's depth to infinity.
        surface_gap, sheets, opacities: see `composite`.

    Returns:
        Features divided by alpha, depth (inf where empty), alpha, and the number of points drawn.
    """
    fragments = rasterize(pixels, z, radii_px, height=height, width=width, points_per_pixel=points_per_pixel)
    nearness = (near / z.clamp(min=_MIN_ALPHA)).to(features.dtype)
    channels = torch.cat([features, nearness[:, None]], dim=1)
    composed, alpha = composite(
        fragments,
        radii_px,
        channels,
        pixels=pixels,
        surface_gap=surface_gap,
        sheets=sheets,
        opacities=opacities,
    )
    normalised = composed / alpha.clamp(min=_MIN_ALPHA)
    feature_map = FeatureMap(features=normalised[:-1], depth=near / normalised[-1:], alpha=alpha)
    return Splat(feature_map, count_points(fragments, len(z)))


def rasterize(
    pixels: Tensor, z: Tensor, radii_px: Tensor, *, height: int, width: int, points_per_pixel: int = 8
) -> PointFragments:
    """Find the nearest points of each pixel. No gradient flows through this choice."""
    with torch.no_grad():
        if pixels.device.type != "cpu":
            return rasterize_torch(pixels, z, radii_px, height=height, width=width, points_per_pixel=points_per_pixel)
        arrays = rasterize_kernel(
            pixels.detach().double().contiguous().numpy(),
            z.detach().double().contiguous().numpy(),
            radii_px.detach().double().contiguous().numpy(),
            height,
            width,
            points_per_pixel,
        )
        return PointFragments(*map(torch.from_numpy, arrays))


def count_points(fragments: PointFragments, num_points: int) -> int:
    """How many of `num_points` points are among the nearest of at least one pixel."""
    if fragments.index.device.type == "cpu":
        return count_kernel(fragments.index.numpy(), num_points)
    seen = torch.zeros(num_points + 1, dtype=torch.bool, device=fragments.index.device)
    seen[fragments.index.flatten().long()] = True  # -1, no point, marks the spare last place
    return int(seen[:-1].sum())


def rasterize_torch(
    pixels: Tensor, z: Tensor, radii_px: Tensor, *, height: int, width: int, points_per_pixel: int = 8
) -> PointFragments:
    """`rasterize` in plain torch, for any device: list all hits, sort them by pixel and z, keep the first K."""
    x, y, r = pixels[:, 0].double(), pixels[:, 1].double(), radii_px.double()
    order = torch.argsort(z.float(), stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(z), device=z.device)
    reach = int(torch.ceil(r.max()).item()) if len(z) else 0
    keys, hits, distances = [], [], []
    for dy in range(-reach - 1, reach + 1):
        for dx in range(-reach - 1, reach + 1):
            col, row = torch.floor(x).long() + dx, torch.floor(y).long() + dy
            d2 = (col + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2
            hit = (d2 < r * r) & (z > 0) & (col >= 0) & (col < width) & (row >= 0) & (row < height)
            chosen = torch.nonzero(hit).squeeze(1)
            keys.append((row[chosen] * width + col[chosen]) * len(z) + rank[chosen])
            hits.append(chosen)
            distances.append(d2[chosen])
    return _keep_nearest(torch.cat(keys), torch.cat(hits), torch.cat(distances), z, (height, width, points_per_pixel))


def _keep_nearest(keys: Tensor, hits: Tensor, d2: Tensor, z: Tensor, shape: tuple[int, int, int]) -> PointFragments:
    height, width, nearest = shape
    index = torch.full((height * width, nearest), -1, dtype=torch.int32, device=z.device)
    depth = torch.full((height * width, nearest), torch.inf, dtype=torch.float32, device=z.device)
    dist2 = torch.zeros((height * width, nearest), dtype=torch.float32, device=z.device)
    if len(hits):
        keys, order = torch.sort(keys)
        hits, d2 = hits[order], d2[order]
        pixel = keys // len(z)
        starts = torch.searchsorted(pixel, torch.arange(height * width, device=z.device))
        place = torch.arange(len(pixel), device=z.device) - starts[pixel]
        kept = place < nearest
        where = (pixel[kept], place[kept])
        index[where], depth[where] = hits[kept].to(torch.int32), z[hits[kept]].float()
        dist2[where] = d2[kept].float()
    return PointFragments(*(t.view(height, width, nearest) for t in (index, depth, dist2)))


def composite(
    fragments: PointFragments,
    radii_px: Tensor,
    features: Tensor,
    *,
    pixels: Tensor | None = None,
    surface_gap: float = math.inf,
    sheets: Sheets | None = None,
    opacities: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Front-to-back 'over': sum_k a_k prod_{j<k} (1 - a_j) f_k with a = 1 - d^2 / r^2.

    Args:
        radii_px: (N,). features: (N, C). pixels: positions (N, 2), needed only where their gradient is wanted.
        surface_gap: fragments more than this many times as far as the first one of a surface lie behind it, and see
            it with `SURFACE_GAIN` times its coverage: between moved points a surface is never quite closed, and what
            it hides would shine through. inf: pytorch3d's meaning, everything is one surface.
        sheets: fragments of one sheet share its weight in proportion to a times trust; None: by order of z alone.
        opacities: (N,) in [0, 1]; a surface lets through as much as its fragments do on the mean, however many of them
            overlap. None: all are opaque.

    Returns:
        Premultiplied features (C, H, W) and alpha (1, H, W); differentiable in features, pixels and radii.
    """
    wants_gradient = torch.is_grad_enabled() and any(
        t is not None and t.requires_grad for t in (radii_px, features, pixels)
    )
    if wants_gradient or features.device.type != "cpu":
        weights = composite_weights(
            fragments, radii_px, pixels=pixels, surface_gap=surface_gap, sheets=sheets, opacities=opacities
        ).to(features.dtype)
        index = fragments.index.clamp(min=0).long()
        out = sum(weights[..., k, None] * features[index[..., k]] for k in range(index.shape[-1]))
        return out.permute(2, 0, 1), weights.sum(dim=-1)[None]
    height, width, _ = fragments.index.shape
    out = torch.zeros(height, width, features.shape[1])
    alpha = torch.empty(height, width)
    composite_kernel(
        fragments.index.numpy(),
        fragments.z.numpy(),
        fragments.dist2.numpy(),
        radii_px.detach().double().contiguous().numpy(),
        (sheets.trust if sheets else torch.ones(1)).detach().double().contiguous().numpy(),
        (torch.ones(len(features)) if opacities is None else opacities).detach().double().contiguous().numpy(),
        features.detach().float().contiguous().numpy(),
        (float(surface_gap), float(sheets.gap) if sheets else 0.0),
        out.numpy(),
        alpha.numpy(),
    )
    return out.permute(2, 0, 1), alpha[None]


def composite_weights(
    fragments: PointFragments,
    radii_px: Tensor,
    *,
    pixels: Tensor | None = None,
    surface_gap: float = math.inf,
    sheets: Sheets | None = None,
    opacities: Tensor | None = None,
) -> Tensor:
    """The weight of each fragment, (H, W, K), in plain torch; the differentiable twin of the compiled kernel."""
    found = fragments.index >= 0
    index = fragments.index.clamp(min=0).long()
    d2 = fragments.dist2
    if pixels is not None and pixels.requires_grad:
        d2 = _squared_distance(pixels, index)
    a = torch.where(found, 1 - d2 / radii_px[index] ** 2, torch.zeros((), dtype=radii_px.dtype, device=d2.device))
    shown = torch.ones_like(a) if opacities is None else opacities[index].to(a.dtype)
    front = fragments.z[..., 0]
    through = torch.ones_like(a[..., 0])  # of the surface at hand
    opaque = torch.zeros_like(through)  # how much of it hides what is behind
    before = torch.ones_like(through)  # of the surfaces in front of it
    weights, gains, ends = [], [], []
    for k in range(a.shape[-1]):
        is_behind = found[..., k] & (fragments.z[..., k] > front * surface_gap)
        coverage = 1 - through
        closing = (1 / coverage.clamp(min=1e-12)).clamp(max=SURFACE_GAIN)
        gain = torch.where(is_behind, closing, torch.ones_like(coverage))
        before = torch.where(is_behind, before * (1 - opaque * gain), before)
        through = torch.where(is_behind, torch.ones_like(through), through)
        opaque = torch.where(is_behind, torch.zeros_like(opaque), opaque) + through * a[..., k] * shown[..., k]
        front = torch.where(is_behind, fragments.z[..., k], front)
        weights.append(before * through * a[..., k])
        gains.append(gain)
        ends.append(is_behind)
        through = through * (1 - a[..., k])
    gain = torch.ones_like(through)
    for k in reversed(range(len(weights))):  # the gain of a surface is known only where the next one begins
        weights[k] = weights[k] * gain
        gain = torch.where(ends[k], gains[k], gain)
    stacked = torch.stack(weights, dim=-1)
    if sheets is not None:
        parts = a * sheets.trust[index]
        stacked = _share_sheets(fragments, parts, stacked, sheets.gap, torch.stack(ends, dim=-1))
    return stacked * shown


def _share_sheets(fragments: PointFragments, parts: Tensor, weights: Tensor, gap: float, is_surface: Tensor) -> Tensor:
    """Weights (H, W, K), each sheet's given to its fragments in proportion to `parts` (H, W, K).

    is_surface (H, W, K): where a surface behind the one before begins; a sheet ends with its surface.
    """
    first = fragments.z[..., 0]
    number = torch.zeros_like(fragments.index[..., 0])
    numbers = []
    for z, is_new in zip(fragments.z.unbind(dim=-1), is_surface.unbind(dim=-1), strict=True):
        starts = is_new | (z > first * gap)
        first = torch.where(starts, z, first)
        number = number + starts
        numbers.append(number)
    sheet = torch.stack(numbers, dim=-1)
    same = (sheet[..., :, None] == sheet[..., None, :]).to(parts.dtype)  # (H, W, K, K)
    mass = torch.einsum("hwkj,hwj->hwk", same, weights)
    total = torch.einsum("hwkj,hwj->hwk", same, parts)
    shared = mass * parts / torch.where(total > 0, total, torch.ones_like(total))
    return torch.where(total > 0, shared, weights)


def _squared_distance(pixels: Tensor, index: Tensor) -> Tensor:
    height, width, _ = index.shape
    rows = torch.arange(height, device=index.device)[:, None, None] + 0.5
    cols = torch.arange(width, device=index.device)[None, :, None] + 0.5
    return (cols - pixels[index, 0]) ** 2 + (rows - pixels[index, 1]) ** 2
