"""Fill what each layer hides and what lies beyond the photo's edge (Sec. 3.3), from the background's context only.

Classical, no network: colour is continued smoothly and depth by its slope, with the layer's own fine texture mirrored
at the silhouette or at the photo's edge. Trained networks fit behind the same functions: `LayerFill`, `ColorInpainter`.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.ldi.beyond import connected, continue_beyond
from ml_backend.ldi.continuation import continue_disparity, continue_texture, distance_to, nearest_pixel
from ml_backend.ldi.inpainting_model import ColorInpainter
from ml_backend.ldi.texture import lay_texture
from ml_backend.structures import LayeredDepthImage

LayerFill = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""color (3, h, w), disparity (1, h, w), known (h, w) bool -> color and disparity, filled where nothing is known."""

BORDER_SHARE = 0.1  # of the long side, on each side of the photo

_SILHOUETTE_SIZE = 0.005  # of the long side: pixels so close to a silhouette mix both sides; they are no context
_LARGEST_SHIFT = 0.12  # sideways camera move, in units of the near depth, that must not uncover a hole
_RIM_SIZE = 0.006  # of the long side: what is in front may be so much narrower than its depth is
_STEP_PX = 3  # a step in depth is smeared over about this many pixels
_VISIBLE_GAP = 0.01  # difference of near / depth below which nothing can open between two surfaces
_RELIEF = 0.35  # of the step to what is behind: the relief of a roof leaves no hole in the sky beside it
_SCRAP_REACH = 0.5  # of the square root of its area
_TINY = 1e-9


def continue_layer(color: Tensor, disparity: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """The classical `LayerFill`: the colour continued smoothly with its fine texture, the disparity by its slope."""
    return continue_texture(color, known), continue_disparity(disparity, known)


def fill_colors(inpainter: ColorInpainter) -> LayerFill:
    """A `LayerFill` whose colours an inpainter finds."""
    return lambda color, disparity, known: (inpainter(color, known), continue_disparity(disparity, known))


def inpaint_layers(
    ldi: LayeredDepthImage,
    *,
    border: int | None = None,
    fill: LayerFill = continue_layer,
    lays_texture: bool = False,
) -> LayeredDepthImage:
    """Continue each layer behind the nearer ones and `border` pixels (10 % of the long side) beyond the photo.

    How far: as wide as the largest preset camera move can uncover. The context of a layer are its own visible pixels,
    never what is in front.

    Args:
        fill: finds what they hide.
        lays_texture: of the layer, where the fill is smoother.
    """
    height, width = ldi.colors.shape[-2:]
    border = round(BORDER_SHARE * max(height, width)) if border is None else border
    canvas = continue_beyond(ldi, border)
    contexts = _contexts(canvas)
    # Of what a scrap of a depth's edge shows nothing is known: it is no reason to continue its layer around it.
    seen = [connected(alpha[0] > 0, known) for alpha, known in zip(canvas.alphas, contexts, strict=True)]
    distances = torch.stack([_distance_within_reach(pixels) for pixels in seen])  # (L, h, w)
    reach = _reach_px(max(height, width))
    layers = [
        _fill_layer(canvas, known, distances, layer, reach=reach, fill=fill) for layer, known in enumerate(contexts)
    ]
    filled = LayeredDepthImage(*(torch.stack(maps) for maps in zip(*layers, strict=True)), border=border)
    return _with_texture(filled, contexts & ~canvas.inpainted[:, 0], canvas) if lays_texture else filled


def _contexts(canvas: LayeredDepthImage) -> Tensor:
    """What is known of each layer, (L, h, w) bool: its visible pixels that no silhouette in front is mixed into."""
    visible = canvas.alphas[:, 0] > 0
    in_front = visible.cumsum(dim=0) - visible.to(torch.int64) > 0
    least = _silhouette_px(visible.shape)
    return torch.stack([own & (distance_to(near) > least) for own, near in zip(visible, in_front, strict=True)])


def _distance_within_reach(seen: Tensor) -> Tensor:
    """Pixels from each pixel (h, w) to those of a layer; of these a small patch reaches no farther than it is large."""
    if not bool(seen.any()):
        return distance_to(seen)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen.to(torch.uint8).numpy(), connectivity=8)
    reach = (_SCRAP_REACH * torch.from_numpy(stats[:, cv2.CC_STAT_AREA]).sqrt())[torch.from_numpy(labels)]  # (h, w)
    distance = distance_to(seen)
    is_reached = distance <= reach[nearest_pixel(seen)]
    return torch.where(is_reached, distance, distance_to(seen & (reach >= _reach_px(max(seen.shape)))))


def _reach_px(long_side: int) -> int:
    return round(_LARGEST_SHIFT * long_side) + 1  # focal length in pixels is about the long side


def _silhouette_px(shape: tuple[int, ...]) -> float:
    return max(2.0, _SILHOUETTE_SIZE * max(shape))


def _fill_layer(
    canvas: LayeredDepthImage, known: Tensor, distances: Tensor, layer: int, *, reach: int, fill: LayerFill
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Colour, alpha, depth, inpainted of one layer, hidden part included."""
    visible = canvas.alphas[layer, 0] > 0
    in_front = canvas.alphas[:layer, 0].sum(dim=0) > 0
    if not bool(in_front.any()) or not bool(known.any()):
        return canvas.colors[layer], canvas.alphas[layer], canvas.depths[layer], canvas.inpainted[layer]
    color, disparity = fill(canvas.colors[layer], 1 / canvas.depths[layer].clamp(min=_TINY), known)
    covering = 1 / canvas.depths.sum(dim=0)  # (1, h, w) disparity of what the photo shows there
    least_gap = _VISIBLE_GAP * float(covering.max())
    gap = (covering - disparity)[0]
    opens = (gap > least_gap) & _beside_a_step(covering[0], visible, least_gap)
    # A surface ends where a farther one is nearer by: what is behind a thin branch is the sky on both its sides.
    is_nearest = distances[layer] <= distances[layer:].amin(dim=0)
    # Two surfaces shift against each other in proportion to their gap: that far, and no farther, one is uncovered.
    uncovered = reach * (gap / covering.max()) + _silhouette_px(visible.shape) + _RIM_SIZE * max(visible.shape)
    ends = _ends_before(covering[0], gap, in_front & ~visible, distances[layer], least_gap)
    hidden = in_front & opens & is_nearest & ~ends & (distances[layer] <= uncovered)
    return (
        torch.where(hidden, color.clamp(0, 1), canvas.colors[layer]),
        (visible | hidden)[None].float(),
        torch.where(hidden, 1 / disparity.clamp(min=_TINY), canvas.depths[layer]),
        canvas.inpainted[layer] | hidden,
    )


def _with_texture(filled: LayeredDepthImage, seen: Tensor, canvas: LayeredDepthImage) -> LayeredDepthImage:
    """Layers with texture where they are hidden by nearer ones; `seen` (L, h, w): what the photo shows."""
    hidden = (filled.inpainted & ~canvas.inpainted)[:, 0]
    parts = zip(filled.colors, seen, hidden, strict=True)
    return replace(filled, colors=torch.stack([lay_texture(*part) for part in parts]))


def _beside_a_step(disparity: Tensor, visible: Tensor, least_gap: float) -> Tensor:
    """Pixels (h, w) whose nearest pixel of the layer lies at a step in depth.

    A ground plane is cut into layers too, but it is continuous: there is nothing to see below it.
    """
    return (_step_up(disparity) > 4 * least_gap)[nearest_pixel(visible)]


def _ends_before(disparity: Tensor, gap: Tensor, in_front: Tensor, distance: Tensor, least_gap: float) -> Tensor:
    """Pixels (h, w) beside which another surface comes to light before this layer does, bool.

    Behind a tree stands another tree of the same layer: between them there is neither sky nor rock. The layer has no
    room for the second one's hidden part, and its visible part is what fills the gap.

    Args:
        disparity: (h, w) of what the photo shows. gap: (h, w), how much nearer that is than the layer.
        in_front: (h, w) bool, pixels that hide the layer. distance: (h, w) in pixels to what is seen of the layer.
    """
    between = in_front & (_step_up(disparity) > 4 * least_gap)
    if not bool(between.any()):
        return torch.zeros_like(between)
    behind = disparity[nearest_pixel(between)]
    before = disparity - behind
    return (distance_to(between) < distance) & (before > 4 * least_gap) & (before > _RELIEF * gap)


def _step_up(disparity: Tensor) -> Tensor:
    """How much nearer the nearest surface within a few pixels is, (h, w)."""
    kernel = np.ones((2 * _STEP_PX + 1,) * 2, np.uint8)
    return torch.from_numpy(cv2.dilate(disparity.numpy(), kernel)) - disparity
