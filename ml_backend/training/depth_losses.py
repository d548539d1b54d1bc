"""How far a predicted disparity is from the true one, up to what a photo cannot show: scale and shift.

Convention: maps are (B, 1, H, W) float32; `truth` is 1 at the near plane and 0 in the sky.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_LEAST_SPREAD = 1e-3
_LARGEST_ERROR = 4.0  # in spreads: one wrong surface does not drown the others
_FARTHEST = 1 / 30  # of the near plane's disparity: beyond, a camera's moves shift nothing
_SOFTENING = 0.02  # of disparity, in the denominator of relative errors
_LARGEST_RELATIVE_ERROR = 1.5
_HAZE = 0.04  # of the near plane's disparity: a wall so far behind already moves against the horizon
_STANDS_OUT = 0.06  # of the near plane's disparity
_STANDING_WEIGHT = 3.0
_SCALES = (0.3, 3.0)  # what the alignment may do: a flat prediction is no reason to blow it up


def spread_loss(predicted: Tensor, truth: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    """Error of the maps after each got median 0 and mean deviation 1 (MiDaS: Ranftl et al. 2022)."""
    error = normalize(predicted) - normalize(truth)
    return (error.abs().clamp(max=_LARGEST_ERROR) * weight).mean()


def standing_weight(truth: Tensor) -> Tensor:
    """More weight for what stands out of its row, with mean 1: a ramp explains most pixels, and no boat or person."""
    behind = truth.median(dim=-1, keepdim=True).values
    weight = 1 + _STANDING_WEIGHT * ((truth - behind).abs() > _STANDS_OUT).to(truth.dtype)
    return weight / weight.mean(dim=(-2, -1), keepdim=True)


def gradient_loss(predicted: Tensor, truth: Tensor, *, levels: int = 4) -> Tensor:
    """Error of the normalised maps' gradients on a pyramid: edges where they are, and no others."""
    error = normalize(predicted) - normalize(truth)
    total = error.new_zeros(())
    for level in range(levels):
        if level:
            error = F.avg_pool2d(error, 2)  # a thin thing leaves a mean, where picking pixels could miss it
        total = total + error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    return total


def relative_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """Relative error of what is nearer than 30 near planes, after the best scale and shift: what AbsRel measures."""
    aligned = align(predicted, truth)
    error = ((aligned - truth).abs() / (truth + _SOFTENING)).clamp(max=_LARGEST_RELATIVE_ERROR)
    near = (truth > _FARTHEST).to(error.dtype)
    return (error * near).sum() / near.sum().clamp(min=1)


def sky_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    """How far the sky is from disparity 0: what is small beside near things is a wall behind them all the same."""
    return (torch.log1p(predicted.abs() / _HAZE) * (truth == 0)).mean()


def align(predicted: Tensor, truth: Tensor) -> Tensor:
    """The prediction with the scale and shift, one pair per map, that bring it nearest to the truth."""
    x, y = predicted.flatten(1), truth.flatten(1)
    x_mean, y_mean = x.mean(dim=1, keepdim=True), y.mean(dim=1, keepdim=True)
    covariance = ((x - x_mean) * (y - y_mean)).mean(dim=1, keepdim=True)
    variance = (x - x_mean).square().mean(dim=1, keepdim=True)
    scale = (covariance / (variance + _LEAST_SPREAD**2)).clamp(*_SCALES)
    return (scale * (x - x_mean) + y_mean).view_as(predicted)


def normalize(disparity: Tensor) -> Tensor:
    """Median 0 and mean deviation from it 1, of each map."""
    flat = disparity.flatten(1)
    median = flat.median(dim=1, keepdim=True).values
    spread = (flat - median).abs().mean(dim=1, keepdim=True) + _LEAST_SPREAD
    return ((flat - median) / spread).view_as(disparity)


def true_disparity(depth: Tensor, sky: Tensor) -> Tensor:
    """Depth (B, 1, H, W) > 0 and sky, bool, to disparity that is 1 at the near plane, 0 in the sky."""
    disparity = torch.where(sky, torch.zeros_like(depth), 1 / depth.clamp(min=1e-6))
    some = disparity[..., ::3, ::3]  # sorting all pixels would take a tenth of a training
    near = torch.quantile(some.flatten(1), 0.995, dim=1).view(-1, 1, 1, 1)
    return (disparity / near.clamp(min=1e-9)).clamp(max=1.3)
