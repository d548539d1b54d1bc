"""Layers continued beyond the photo's edge, where a moving camera looks: what stands there, how deep, and its colours.

Without a network: what a small one adds to the colours there is less than what its smoothness takes away.
"""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.filtering import gaussian_blur, push_pull, push_pull_level
from ml_backend.ldi.continuation import DETAIL_SIZE, RELAXATIONS, continue_disparity
from ml_backend.ldi.scan_frame import inside_scan_frame
from ml_backend.ldi.texture import lay_texture
from ml_backend.structures import LayeredDepthImage

_ENDS = 0.6  # of the disparity at the photo's edge: a mirror image that is farther shows where the thing ends
_FADE_SIZE = 0.06  # of the long side: over which mirrored texture fades to 1 / e
_SAME_SURFACE = 0.1  # relative difference of disparity up to which a pixel lies on a layer's continued surface
_ALIKE = 0.15  # difference of smoothed colours up to which it is taken for the same thing
_COARSE = 4  # px; tones are compared so coarsely


def continue_beyond(ldi: LayeredDepthImage, border: int) -> LayeredDepthImage:
    """The layers on a canvas that reaches `border` pixels beyond the photo, in which each pixel has one layer.

    The depth goes on with its slope, so that the ground comes nearer below the lower edge. The colours are continued
    smoothly with their fine texture mirrored on top: a whole mirror image shows the same waves and stones twice.
    """
    canvas = _extend(ldi, border)
    if border == 0:
        return canvas
    photo = (ldi.colors * ldi.alphas).sum(dim=0)  # (3, H, W)
    usable = F.pad(inside_scan_frame(photo), (border,) * 4)  # (h, w)
    color, disparity = F.pad(photo, (border,) * 4), F.pad(1 / ldi.depths.sum(dim=0), (border,) * 4)
    farthest = float(ldi.depths.max())
    colors, depths = canvas.colors.clone(), canvas.depths.clone()
    for layer, beyond in enumerate(canvas.inpainted):
        if bool(beyond.any()):
            own = (canvas.alphas[layer, 0] > 0) & ~beyond[0]
            filled, surface = _continue(color, disparity, own, usable, beyond[0])
            colors[layer] = torch.where(beyond, filled.clamp(0, 1), colors[layer])
            # A slope that goes on would leave the world: nothing is farther than the photo's farthest point.
            depths[layer] = torch.where(beyond, 1 / surface.clamp(min=1 / farthest), depths[layer])
    return LayeredDepthImage(colors, canvas.alphas, depths, canvas.inpainted, border=border)


def _extend(ldi: LayeredDepthImage, border: int) -> LayeredDepthImage:
    """Grow the canvas by what is not filled yet: there is the layer of the nearest edge pixel.

    But a thing that the edge cuts ends, or a tree would be a hedge: it is taken to be as wide as its mirror image.
    """
    pad = (border,) * 4
    photo = F.pad(torch.ones_like(ldi.inpainted[:1]), pad)  # (1, 1, h, w)
    seen = torch.cat([ldi.alphas[:, 0], 1 / ldi.depths.sum(dim=0)])  # (L + 1, H, W)
    edge, mirrored = F.pad(seen[None], pad, mode="replicate")[0], _mirror_pad(seen, border)
    alphas = torch.where(mirrored[-1] < _ENDS * edge[-1], mirrored[:-1], edge[:-1])[:, None]  # (L, 1, h, w)
    return LayeredDepthImage(
        colors=F.pad(ldi.colors, pad),
        alphas=alphas,
        depths=F.pad(ldi.depths, pad),
        inpainted=(alphas > 0) & ~photo,
        border=border,
    )


def _mirror_pad(values: Tensor, border: int) -> Tensor:
    """Reflect (C, h, w) in steps no larger than the image, so that a thin photo can have a wide border."""
    while border > 0:
        step = min(border, min(values.shape[-2:]) - 1)
        values = F.pad(values[None], (step,) * 4, mode="reflect")[0]
        border -= step
    return values


def _continue(color: Tensor, disparity: Tensor, own: Tensor, usable: Tensor, beyond: Tensor) -> tuple[Tensor, Tensor]:
    """Colours (3, h, w) and disparity (1, h, w) of a layer with pixels `own` (h, w) bool, continued, textured `beyond`.

    A ground is cut into layers, but its colours are those of one thing: what lies on the layer's own surface and looks
    alike is read too, or the layers would go on as bars. A sea beside sand does not look alike.
    """
    known = own & usable if bool((own & usable).any()) else own
    surface = continue_disparity(disparity, known)
    near = (disparity - surface).abs() < _SAME_SURFACE * torch.maximum(disparity, surface)
    known = known | connected(usable & near[0] & _looks_alike(color, known), known)
    filled = _continue_straight(color, known, usable) + _mirrored_detail(color, known, usable)
    return lay_texture(torch.where(known, color, filled), known, beyond), surface


def _continue_straight(color: Tensor, known: Tensor, usable: Tensor) -> Tensor:
    """Colours (3, h, w) continued smoothly, sideways beside a rectangle that is usable, up and down above it."""
    weight = known[None].float()
    beside = push_pull_level(color, weight, relaxations=RELAXATIONS)
    above = push_pull_level(color.mT, weight.mT, relaxations=RELAXATIONS).mT
    across, along = (_distance_beyond(usable.any(dim=axis)) for axis in (0, 1))
    return torch.lerp(above, beside, across / (across + along[:, None]).clamp(min=1))


def _distance_beyond(inside: Tensor) -> Tensor:
    """How many places (n,) lie between each one and those inside, bool (n,), 0 for them."""
    places = torch.nonzero(inside).squeeze(1)
    number = torch.arange(len(inside))
    return (places[0] - number).clamp(min=0) + (number - places[-1]).clamp(min=0)


def _looks_alike(color: Tensor, known: Tensor) -> Tensor:
    """Where the colours (3, h, w) are about those that would be found there if only `known` were, (h, w) bool."""
    weight = known[None].float()
    parts = torch.cat([color, color * weight, weight])[None]
    reduced = F.avg_pool2d(parts, _COARSE, ceil_mode=True, count_include_pad=False)[0]  # tones have no detail
    found = push_pull(reduced[3:6] / reduced[6:].clamp(min=1e-3), reduced[6:], relaxations=RELAXATIONS)
    alike = ((reduced[:3] - found).abs().amax(dim=0) < _ALIKE).float()
    enlarged = F.interpolate(alike[None, None], scale_factor=_COARSE, mode="nearest")[0, 0]
    return enlarged[: known.shape[0], : known.shape[1]] > 0


def _mirrored_detail(color: Tensor, known: Tensor, usable: Tensor) -> Tensor:
    """What is finer than the smooth colours (3, h, w), mirrored at the edge of what is usable, a rectangle.

    It fades outwards: texture that is not the true one costs more the farther it is from what it belongs to.
    """
    long_side = max(known.shape)
    weight, sigma = known[None].float(), DETAIL_SIZE * long_side
    mean = gaussian_blur(color * weight, sigma) / gaussian_blur(weight, sigma).clamp(min=1e-3)
    rows, cols = (torch.nonzero(usable.any(dim=axis)).squeeze(1) for axis in (1, 0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1
    reach = max(top, left, known.shape[0] - bottom, known.shape[1] - right)
    inner = ((color - mean) * weight)[:, top:bottom, left:right]
    around = _mirror_pad(inner, reach)[:, reach - top :, reach - left :][:, : known.shape[0], : known.shape[1]]
    away = cv2.distanceTransform((~usable).to(torch.uint8).numpy(), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return around * torch.exp(-torch.from_numpy(away) / (_FADE_SIZE * long_side))


def connected(region: Tensor, start: Tensor) -> Tensor:
    """Pixels (h, w) bool of a region that hang together with `start`."""
    _, labels = cv2.connectedComponents((region | start).to(torch.uint8).numpy(), connectivity=4)
    reached = np.unique(labels[start.numpy()])
    return torch.from_numpy(np.isin(labels, reached)) & region
