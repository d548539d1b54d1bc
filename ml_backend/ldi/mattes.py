"""Soft silhouettes: how much of a pixel at the edge of a surface is that surface, and how much what is behind it.

A photo's edge pixels mix both, and between leaves the sky shows. With one opaque point per pixel, a moved surface
carries a rim of its old background along. Here such pixels are split: the nearer layer gets the surface's own colour
with an opacity, the farther one keeps what was found behind it, and both together are the photo as it was (soft layers:
Jampani et al., SLIDE, 2021; opacity from two expected colours: Chuang et al., Bayesian matting, 2001).
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.filtering import gaussian_blur, push_pull
from ml_backend.ldi.continuation import distance_to, nearest_pixel
from ml_backend.structures import LayeredDepthImage

_INSIDE_PX = 40  # how far inside a surface what is behind can show, between leaves; as all lengths here at 1280 px
_SURE_PX = 10  # over which opacity comes back to 1 there
_OUTSIDE_PX = 8  # how far outside the surface can go on: the depth's edge may lie inside the photo's
_MIXED_PX = 4  # how far lenses and sensors mix two colours
_AROUND_PX = 12  # within which a surface has one colour
_REDUCED_SIGMA = 3.0  # px, of those lengths where only smooth colours are wanted
_STEP = 1.25  # ratio of depths: the renderer takes closer surfaces for one
_ALONE = 1.1  # ratio of depths: of closer surfaces behind the renderer shows a mixture
_THIN_WEIGHT = 0.02  # of mixed pixels in a surface's own colour: they are all that a thin one has
_NOISE = 0.02  # of colours
_TEXTURE = 1.5  # deviations of the background's colours that are still background
_RIM_TEXTURE = 3.0  # the same outside the surface, where the depth speaks for the background
_LEAST_CONTRAST = 0.2  # of two colours by which surfaces can be told apart
_CONTRAST = 1.1  # of a surface's colour to what is behind it, in contrasts of their means, at most
_TRANSPARENT, _OPAQUE = 0.1, 0.75  # less and more are taken for none and all
_LEAST = 0.01  # opacity that shows
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where a layer ends before a farther one; all maps (h, w) but photo (3, h, w).

    depth: of the layer, continued. own: what the photo shows of it, bool. rim: what it shows beside it, bool. mixed:
    where both may be, bool. pure: what is surely behind, bool. below: number of the layer that is next behind.
    deep: distance in pixels to what is behind.
    """

    photo: Tensor
    depth: Tensor
    own: Tensor
    rim: Tensor
    mixed: Tensor
    pure: Tensor
    below: Tensor
    deep: Tensor


@dataclass(frozen=True, slots=True)
class _Colors:
    """What is expected around an edge: of the surface and its background (3, h, w), variance (h, w) of the latter."""

    surface: Tensor
    background: Tensor
    variance: Tensor


def soften_silhouettes(ldi: LayeredDepthImage) -> LayeredDepthImage:
    """The layers with fractions in `alphas` where a surface ends before one that is known behind it.

    Seen from where the photo was taken they show what they showed before.
    """
    scale = max(ldi.colors.shape[-2:]) / 1280
    for layer in range(len(ldi.colors) - 1):
        edge = _find_edge(ldi, layer, scale)
        if bool(edge.mixed.any()) and bool(edge.pure.any()):
            ldi = _split_pixels(ldi, layer, edge, scale)
    return ldi


def _find_edge(ldi: LayeredDepthImage, layer: int, scale: float) -> _Edge:
    covers = ldi.alphas[:, 0] > 0  # (L, h, w)
    front = ldi.front
    own = covers[layer] & (front == layer) & (ldi.alphas[layer, 0] == 1)
    depth = ldi.depths[layer, 0]
    if bool(own.any()):
        depth = depth[nearest_pixel(own)]
    background = (front > layer) & (_pick(ldi.depths, front)[0] > _STEP * depth)
    outside, deep = distance_to(own), distance_to(background)
    rim = background & (outside <= _OUTSIDE_PX * scale)
    beyond = torch.where(covers, ldi.depths[:, 0], torch.inf)
    beyond[: layer + 1] = torch.inf
    (next_depth, after_next), order = beyond.topk(2, dim=0, largest=False)
    is_alone = (next_depth > _STEP * depth) & (next_depth < torch.inf) & (after_next > _ALONE * next_depth)
    return _Edge(
        photo=_pick(ldi.colors, front),
        depth=depth,
        own=own,
        rim=rim,
        mixed=(own | rim) & is_alone & (deep <= _INSIDE_PX * scale),
        pure=background & (outside > max(2.0, _OUTSIDE_PX * scale)),
        below=order[0],
        deep=deep,
    )


def _split_pixels(ldi: LayeredDepthImage, layer: int, edge: _Edge, scale: float) -> LayeredDepthImage:
    expected = _expected_colors(edge, _AROUND_PX * scale)
    behind = torch.where(edge.rim, expected.background, _pick(ldi.colors, edge.below))
    alpha = _opacity(edge, expected, behind, scale).half().float()  # as scenes are stored
    surface = (behind + (edge.photo - behind) / alpha.clamp(min=_TINY)).clamp(0, 1)
    colors, alphas, depths, inpainted = (m.clone() for m in (ldi.colors, ldi.alphas, ldi.depths, ldi.inpainted))
    shows = edge.mixed & (alpha > 0)
    colors[layer] = torch.where(shows, surface, colors[layer])
    depths[layer, 0] = torch.where(shows & edge.rim, edge.depth, depths[layer, 0])
    alphas[layer, 0] = torch.where(edge.mixed, alpha, alphas[layer, 0])
    for other in range(layer + 1, len(colors)):
        is_next = edge.mixed & (edge.below == other)
        uncovered = is_next & edge.own & (alpha == 0)
        colors[other] = torch.where(uncovered, edge.photo, colors[other])
        colors[other] = torch.where(is_next & edge.rim & (alpha > 0), behind, colors[other])
        inpainted[other, 0] = torch.where(uncovered, ldi.inpainted[layer, 0], inpainted[other, 0])
    return replace(ldi, colors=colors, alphas=alphas, depths=depths, inpainted=inpainted)


def _expected_colors(edge: _Edge, sigma: float) -> _Colors:
    """Smooth, and so found on reduced maps."""
    factor = max(1, round(sigma / _REDUCED_SIGMA))
    photo, pure = _reduced(edge.photo, edge.pure.float(), factor)
    background = push_pull(photo, pure, relaxations=2)
    deviation = (edge.photo - _enlarged(_local_mean(photo, pure, sigma / factor), edge.photo)).square()
    variance = push_pull(*_reduced(deviation.sum(dim=0, keepdim=True), edge.pure.float(), factor))
    background, variance = _enlarged(background, edge.photo).clamp(0, 1), _enlarged(variance, edge.photo)[0]
    differs = ((edge.photo - background).square().sum(dim=0) / 0.25).clamp(max=1)
    weight = torch.where(edge.mixed, _THIN_WEIGHT, 1.0) * differs * edge.own
    surface = _local_mean(*_reduced(edge.photo, weight, factor), sigma / factor)
    return _Colors(_enlarged(surface, edge.photo), background, variance)


def _opacity(edge: _Edge, expected: _Colors, behind: Tensor, scale: float) -> Tensor:
    """Of the layer (h, w): by colour where that tells the two apart, else as before, 1 inside it and 0 outside.

    Any colour that the background does not have is the surface's, on the line to its expected colour or not.
    """
    length = _length(expected.surface - expected.background).clamp(min=_TINY)
    apart = _length(edge.photo - expected.background)
    share = apart / length
    spread = torch.where(edge.rim, _RIM_TEXTURE, _TEXTURE) ** 2 * expected.variance
    beside = distance_to(edge.own & (share > 0.5)) <= _MIXED_PX * scale
    least = _least_opacity(edge.photo, behind, _CONTRAST * length)
    # A little brighter than a white sky would take an opaque point, and is the sky's own noise.
    noise = torch.where(least < 0.5, _NOISE, 3 * _NOISE)
    is_background = (apart.square() <= spread + noise**2) & (edge.rim | ~beside)
    # What is nearly opaque and not beside what is clear is texture, no mixture.
    is_mixture = distance_to(~edge.own | (share < 0.5)) <= max(1.5, _MIXED_PX * scale)
    opaque = torch.where(is_mixture, 1 - _TRANSPARENT, _OPAQUE)
    share = ((share - _TRANSPARENT) / (opaque - _TRANSPARENT)).clamp(0, 1)
    share = torch.where(is_background, torch.zeros(()), torch.maximum(share, least))
    known = length.square() / (length.square() + spread + _LEAST_CONTRAST**2)
    alpha = torch.lerp(edge.own.float(), share, ((known - 0.4) / 0.3).clamp(0, 1))
    deep = (edge.deep - (_INSIDE_PX - _SURE_PX) * scale) / (_SURE_PX * scale)
    alpha = torch.maximum(alpha, deep.clamp(0, 1))
    alpha = torch.where(alpha > 0, torch.maximum(alpha, least), alpha)
    return torch.where(alpha > _LEAST, alpha, torch.zeros(()))


def _least_opacity(photo: Tensor, behind: Tensor, contrast: Tensor) -> Tensor:
    """(h, w): the surface's own colour is then in [0, 1] and no farther than `contrast` (h, w) from what is behind."""
    missing = photo - behind
    room = torch.where(missing > 0, 1 - behind, behind)
    possible = (missing.abs() / room.clamp(min=_TINY)).amax(dim=0)
    return torch.maximum(possible, _length(missing) / contrast).clamp(max=1)


def _length(colors: Tensor) -> Tensor:
    """Of differences of colours (3, h, w), in a tenth of the norm's time."""
    return colors.square().sum(dim=0).sqrt()


def _pick(maps: Tensor, layers: Tensor) -> Tensor:
    """Of maps (L, C, h, w) the one of a layer (h, w) at each pixel, (C, h, w)."""
    return maps.gather(0, layers.expand(1, maps.shape[1], -1, -1))[0]


def _local_mean(values: Tensor, weight: Tensor, sigma: float) -> Tensor:
    return gaussian_blur(values * weight, sigma) / gaussian_blur(weight, sigma).clamp(min=_TINY)


def _reduced(values: Tensor, weight: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """Weighted means (C, h', w') of blocks of values (C, h, w), and their mean weights (1, h', w')."""
    parts = torch.cat([values * weight, weight[None]])[None]
    means = F.avg_pool2d(parts, factor, ceil_mode=True, count_include_pad=False)[0]
    return means[:-1] / means[-1:].clamp(min=_TINY), means[-1:]


def _enlarged(values: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(values[None], size=like.shape[-2:], mode="bilinear", align_corners=False)[0]
