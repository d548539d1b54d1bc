"""Arrows -> dense hint map, as the authors' motion network takes it (Sec. 4.3)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def dense_hint_field(starts: Tensor, vectors: Tensor, mask: Tensor, sigma: float) -> Tensor:
    """Normalised Gaussian average of the arrows, zero outside the mask: (2, H, W) in pixels per frame.

    Convention: an arrow sits at the pixel that its start falls in. The weight is exp(-(distance / sigma)^2), without
    the usual factor of 2; where all weights underflow the hint is 0. The authors draw sigma at random between
    H // 2K and 2H // K for K arrows; here the caller chooses.

    Args:
        starts: (K, 2) image positions in pixels.
        vectors: (K, 2) in pixels per frame.
        mask: (1, H, W); any value above 0 moves.
        sigma: in pixels.
    """
    height, width = mask.shape[1:]
    y = torch.arange(height, dtype=torch.float32, device=mask.device)[:, None]
    x = torch.arange(width, dtype=torch.float32, device=mask.device)[None, :]
    weighted = torch.zeros(2, height, width, device=mask.device)
    total = torch.zeros(height, width, device=mask.device)
    for start, vector in zip(starts.float().trunc(), vectors.float(), strict=True):
        weight = torch.exp(-((x - start[0]) ** 2 + (y - start[1]) ** 2) / sigma**2)  # (H, W)
        weighted += weight * vector[:, None, None]
        total += weight
    return torch.where(total > 0, weighted / total.where(total > 0, 1.0), 0.0) * (mask > 0)


def resize_hint_field(field: Tensor, *, height: int, width: int) -> Tensor:
    """The field (2, H, W) at another size, (2, height, width), in pixels per frame of that size."""
    scale = torch.tensor([width / field.shape[2], height / field.shape[1]], device=field.device)
    scaled = (field * scale[:, None, None])[None]
    return F.interpolate(scaled, size=(height, width), mode="bilinear", align_corners=False)[0]
