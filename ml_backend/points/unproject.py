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
    covered = ldi.alphas[:, 0] > 0.5  # (L, h, w)
    pixels = (pixel_centres(height, width, device=covered.device) - ldi.border).expand(layers, height, width, 2)[
        covered
    ]
    index = torch.arange(layers, dtype=torch.uint8, device=covered.device)[:, None, None]
    return FeaturePointCloud(
        positions=unproject(pixels, ldi.depths[:, 0][covered], camera),
        features=features.permute(0, 2, 3, 1)[covered],
        colors=ldi.colors.permute(0, 2, 3, 1)[covered],
        pixels=pixels,
        layers=index.expand(layers, height, width)[covered],
        inpainted=ldi.inpainted[:, 0][covered],
    )
