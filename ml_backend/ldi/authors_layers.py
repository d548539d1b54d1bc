"""Layers as the authors' networks were trained with them: split at given depths, inpainted, put in order (Sec. 3.3).

Ours (layering.py, inpainting.py) make better pictures without networks. The numbers are in `weights/official.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.layer_filters import erode, open_up, refine_rim
from ml_backend.ldi.inpainting_nets import InpaintingNets
from ml_backend.ldi.layering import label_layers
from ml_backend.structures import DepthMap, LayeredDepthImage
from ml_backend.weights import official


@dataclass(frozen=True, slots=True)
class _Layer:
    """color (3, H, W); alpha, depth, own (H, W): alpha and own are 0 or 1, own where the layer is of the photo."""

    color: Tensor
    alpha: Tensor
    depth: Tensor
    own: Tensor


def layer_edges(depth: DepthMap, num_layers: int | None = None) -> list[float]:
    """Depths at which to cut: one more than there are layers, from the nearest to infinity.

    Found as for our own layers; the authors' clustering takes other depths at another size of the same photo.
    """
    labels = label_layers(depth, num_layers=num_layers, minds_surfaces=False)
    starts = [float(depth.depth[0][labels == layer].min()) for layer in range(1, int(labels.max()) + 1)]
    return [float(depth.depth.min()) - 1e-6, *starts, float("inf")]


def split_as_trained(image: Tensor, depth: DepthMap, edges: Sequence[float], nets: InpaintingNets) -> LayeredDepthImage:
    """The photo's layers with what they hide filled by the two networks, without a border.

    `inpainted` is False exactly where a layer is of the photo, also where the opening has cut that off its alpha.

    Args:
        image: (3, H, W) sRGB. edges: see `layer_edges`; a layer has edges[i] <= depth < edges[i + 1].
    """
    z = depth.depth[0]
    layers = [_front(image, z, edges[1])]
    for near, far in pairwise(edges[1:]):
        layer = _behind(image, z, (near, far), nets, is_last=far == edges[-1])
        if layer is not None:
            layers.append(_in_order(layer, layers))
    return LayeredDepthImage(
        colors=torch.stack([layer.color for layer in layers]),
        alphas=torch.stack([layer.alpha for layer in layers])[:, None],
        depths=torch.stack([layer.depth for layer in layers])[:, None],
        inpainted=torch.stack([layer.own == 0 for layer in layers])[:, None],
        border=0,
    )


def _front(image: Tensor, z: Tensor, far: float) -> _Layer:
    alpha = (z < far).to(image.dtype)
    return _Layer(image * alpha, alpha, refine_rim(z, alpha, official.RIM_MEDIAN_PX), alpha)


def _behind(
    image: Tensor, z: Tensor, interval: tuple[float, float], nets: InpaintingNets, *, is_last: bool
) -> _Layer | None:
    near, far = interval
    seen = ((z >= near) & (z < far)).to(image.dtype)
    if erode(seen, official.CONTEXT_MARGIN_PX).sum() < official.FEWEST_LAYER_PIXELS:
        return None
    context = erode((z >= near).to(image.dtype), official.CONTEXT_MARGIN_PX)
    hole = _hole(context)
    color = _inpaint_color(image, context, hole, nets)
    depth = _inpaint_depth(z, context, hole, near, nets)
    alpha = open_up(context + hole, official.OPENING_PX)
    own = context * (z < far)
    if not is_last:
        alpha = alpha * (depth < far)
        depth = refine_rim(depth, alpha, official.RIM_MEDIAN_PX)
    return _Layer(color * alpha, alpha, depth * alpha, own)


def _hole(context: Tensor) -> Tensor:
    """What is no context in the box around it, grown; the last row and column are never inpainted."""
    height, width = context.shape
    rows, cols = torch.nonzero(context.any(dim=1)), torch.nonzero(context.any(dim=0))
    reach = official.HOLE_REACH_PX
    top, left = max(int(rows[0]) - reach, 0), max(int(cols[0]) - reach, 0)
    bottom, right = min(int(rows[-1]) + reach, height - 1), min(int(cols[-1]) + reach, width - 1)
    hole = torch.zeros_like(context)
    hole[top:bottom, left:right] = 1 - context[top:bottom, left:right]
    return hole


def _inpaint_color(image: Tensor, context: Tensor, hole: Tensor, nets: InpaintingNets) -> Tensor:
    edges = torch.zeros_like(hole)  # the authors leave 3D Photo's edge network out
    given = torch.cat([image * context, torch.stack([edges, context, hole])])
    return nets.color(given[None])[0] * hole + image * context


def _inpaint_depth(z: Tensor, context: Tensor, hole: Tensor, near: float, nets: InpaintingNets) -> Tensor:
    log_depth = torch.log(z)
    mean = log_depth[context > 0].mean()
    edges = torch.zeros_like(hole)
    filled = nets.depth(torch.stack([(log_depth - mean) * context, edges, context, hole])[None])[0, 0]
    depth = torch.where(context > 0, z, torch.exp(filled + mean))
    depth = torch.where(context > 0, z, _blur(depth))
    depth = torch.where(depth < z, official.BEHIND_PHOTO * z, depth)
    return depth.clamp(min=official.BEHIND_EDGE * near)


def _blur(depth: Tensor) -> Tensor:
    """A small Gaussian, borders mirrored."""
    reach = official.DEPTH_BLUR_PX // 2
    x = torch.arange(-reach, reach + 1, dtype=depth.dtype)
    kernel = torch.exp(-(x**2) / (2 * official.DEPTH_BLUR_SIGMA**2))
    kernel = torch.outer(kernel, kernel) / kernel.sum() ** 2
    padded = F.pad(depth[None, None], (reach,) * 4, mode="reflect")
    return F.conv2d(padded, kernel[None, None])[0, 0]


def _in_order(layer: _Layer, nearer: Sequence[_Layer]) -> _Layer:
    front = torch.stack([other.depth for other in nearer]).amax(dim=0)
    depth = torch.where(layer.depth <= front, official.BEHIND_LAYER * front, layer.depth)
    return _Layer(layer.color, layer.alpha, depth, layer.own)
