"""Layers and features to a feature point cloud (Sec. 3.3): one point per covered pixel of each layer."""

import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, pixel_centres, unproject
from ml_backend.structures import FeaturePointCloud, LayeredDepthImage


def build_point_cloud(ldi: LayeredDepthImage, features: Tensor, camera: PinholeCamera) -> FeaturePointCloud:
    """Lift each layer's pixels along their rays.

    Order: layer by layer, nearest first, row by row; so the index of a point is stable for the same layers.

    Args:
        features: (L, C, h, w) on the canvas of `ldi`.
        camera: the photo's camera; canvas pixel (i, j) is its pixel (i - border, j - border).
    """
    layers, _, height, width = ldi.colors.shape
    covered = ldi.alphas[:, 0] > 0  # (L, h, w)
    pixels = (pixel_centres(height, width, device=covered.device) - ldi.border).expand(layers, height, width, 2)[
        covered
    ]
    index = torch.arange(layers, dtype=torch.uint8, device=covered.device)[:, None, None]
    return FeaturePointCloud(
        positions=unproject(pixels, ldi.depths[:, 0][covered], camera),
        features=features.permute(0, 2, 3, 1)[covered],
        colors=_seen_colors(ldi).permute(0, 2, 3, 1)[covered],
        pixels=pixels,
        layers=index.expand(layers, height, width)[covered],
        inpainted=ldi.inpainted[:, 0][covered],
        opacities=ldi.alphas[:, 0][covered],
    )


def _seen_colors(ldi: LayeredDepthImage) -> Tensor:
    """Colours (L, 3, h, w) that opaque points need to show the photo: of a soft pixel, with what is next behind it."""
    covers = ldi.alphas[:, 0] > 0  # (L, h, w)
    depths = torch.where(covers, ldi.depths[:, 0], torch.inf)
    seen = ldi.colors.clone()
    for layer in torch.unique(torch.nonzero(covers & (ldi.alphas[:, 0] < 1))[:, 0]).tolist():
        behind = torch.where(torch.arange(len(seen), device=depths.device)[:, None, None] > layer, depths, torch.inf)
        below = behind.argmin(dim=0).expand(1, 3, -1, -1)
        seen[layer] = torch.lerp(ldi.colors.gather(0, below)[0], ldi.colors[layer], ldi.alphas[layer])
    return seen
