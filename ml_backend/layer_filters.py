"""The filters with which the authors' code treats layers: erosion, opening, diffusion from what is known, median."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

_TINY = 1e-6  # of a weight: with less, nothing is known yet; the authors' code decides the same way
_CHUNK = 1 << 15  # windows sorted at once


def erode(region: Tensor, size: int) -> Tensor:
    """A map (h, w) of 0 and 1 eroded by a square; beyond the border counts as inside. An even square leans up left."""
    before, after = size // 2, size - 1 - size // 2
    padded = F.pad(-region[None, None], (before, after, before, after), value=-1.0)
    return -F.max_pool2d(padded, size, stride=1)[0, 0]


def open_up(region: Tensor, size: int) -> Tensor:
    """A map (h, w) of 0 and 1 without what is narrower than an odd square."""
    return F.max_pool2d(erode(region, size)[None, None], size, stride=1, padding=size // 2)[0, 0]


def box_blur(values: Tensor, size: int) -> Tensor:
    """Mean over an odd square of (C, h, w); beyond the border is zero."""
    return F.avg_pool2d(values[None], size, stride=1, padding=size // 2, count_include_pad=True)[0]


def median_filter(values: Tensor, size: int) -> Tensor:
    """The median over an odd square of (h, w), borders mirrored with the edge pixel twice."""
    return torch.from_numpy(ndimage.median_filter(values.numpy(), size=size, mode="reflect"))


def diffuse(values: Tensor, known: Tensor, *, size: int, rounds: int) -> tuple[Tensor, Tensor]:
    """Values (C, h, w) grown from what is known, by the means of squares, `size // 2` pixels a round.

    Args:
        known: (h, w), 1 where values are to be kept.

    Returns:
        The values, and where there are any, (h, w) bool; elsewhere they are 0.
    """
    weight, values = known[None], values * known
    for _ in range(rounds):
        total, share = box_blur(values * weight, size), box_blur(weight, size)
        values = torch.where(weight > _TINY, values, total / share.clamp(min=_TINY))
        weight = share
    return values, weight[0] > _TINY


def refine_rim(depth: Tensor, alpha: Tensor, size: int) -> Tensor:
    """Depth (h, w) of a layer, 0 outside it, where its rim, `size // 2` wide, has the median of the layer around.

    Of an even number of values the lower or the upper middle one counts, by turns along the rows: so the authors' fill
    of what lies outside, the least and the greatest depth by turns, decides.
    """
    inside = alpha > 0
    rim = inside & (erode(alpha, size) == 0)
    if not bool(rim.any()):
        return depth * alpha
    num_missing = size**2 - torch.round(box_blur(alpha[None].double(), size)[0] * size**2).long()
    before = torch.cumsum(num_missing.flatten(), dim=0).reshape(alpha.shape) - num_missing
    num_low = torch.where(before % 2 == 0, (num_missing + 1) // 2, num_missing // 2)
    masked = np.where(inside.numpy(), depth.numpy(), np.inf).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(masked, size // 2, constant_values=np.inf), (size, size)
    )  # (h, w, size, size)
    rows, cols = (index.numpy() for index in torch.nonzero(rim, as_tuple=True))
    place = (size**2 // 2 - num_low[rim]).clamp(min=0).numpy()
    refined = (depth * alpha).clone()
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        ordered = np.sort(windows[rows[part], cols[part]].reshape(-1, size**2), axis=1)
        chosen = np.take_along_axis(ordered, place[part, None], axis=1)[:, 0]
        refined[rows[part], cols[part]] = torch.from_numpy(chosen)
    return refined
