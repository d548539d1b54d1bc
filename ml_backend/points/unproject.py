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
    is_soft = covers & (ldi.alphas[:, 0] < 1)
    colors = ldi.colors.clone()
    number = torch.arange(len(colors), device=colors.device)[:, None]
    for layer in torch.unique(torch.nonzero(is_soft)[:, 0]).tolist():
        row, col = torch.nonzero(is_soft[layer], as_tuple=True)
        is_behind = covers[:, row, col] & (number > layer)
        below = torch.where(is_behind, ldi.depths[:, 0, row, col], torch.inf).argmin(dim=0)
        colors[layer, :, row, col] = torch.lerp(
            ldi.colors[below, :, row, col].T, ldi.colors[layer, :, row, col], ldi.alphas[layer, 0, row, col]
        )
    return colors
