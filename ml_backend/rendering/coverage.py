"""How much of a view the photo knows, measured quickly: one z-buffer of a thinned cloud per view, nothing blended.

The renderer says the same of a finished frame (`Frame.unknown_fraction`). This looks at the resting cloud only, at
about a hundredth of the work, so that an artist sees the figure while moving the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from torch import Tensor

from ml_backend.camera import PinholeCamera, project
from ml_backend.rendering.parallax import NeighbourSteps, disc_growth, neighbour_steps, pulled_apart
from ml_backend.rendering.splatting import SHEET_GAP
from ml_backend.structures import Scene

MASK_WIDTH = 240
KNOWN, INPAINTED, HOLE = 0, 1, 2
_SAMPLES_PER_PIXEL = 2  # of the cloud, along each side of a mask's pixel
_GROWN = 1.3  # side of a point's square per side of its cell, so that slanted surfaces stay closed
_NEAREST_Z = 0.05  # of the near depth, as in the renderer


@dataclass(frozen=True, slots=True)
class ThinCloud:
    """A regular part of the resting points: positions (M, 3) float32 world; sizes (M,) float32, the width in the world
    of what each stands for; layers (M,) uint8; inpainted (M,) bool; steps, of M points; `near` is the near depth.
    """

    positions: np.ndarray
    sizes: np.ndarray
    layers: np.ndarray
    inpainted: np.ndarray
    steps: NeighbourSteps
    near: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What V views show: unknown (V,) and holes (V,), shares of the frame in [0, 1]; masks (V, h, w) uint8.

    A mask's pixel is KNOWN (the photo shows it), INPAINTED, or a HOLE: beyond the canvas. unknown counts both others.
    """

    unknown: np.ndarray
    holes: np.ndarray
    masks: np.ndarray


def thin_cloud(scene: Scene, near: float) -> ThinCloud:
    """Every n-th point of the cloud in both directions, about two per pixel of a mask."""
    cloud, camera = scene.cloud, scene.camera
    step = max(1, round(camera.width / (MASK_WIDTH * _SAMPLES_PER_PIXEL)))
    cells = (cloud.pixels + scene.ldi.border).long()  # (N, 2), columns and rows of the canvas
    chosen = (cells % step == step // 2).all(dim=1)
    positions = cloud.positions[chosen].float()
    depth = project(positions, camera)[1]
    return ThinCloud(
        positions=positions.numpy(),
        sizes=(depth * (step / float(camera.intrinsics[0, 0]))).numpy().astype(np.float32),
        layers=cloud.layers[chosen].numpy(),
        inpainted=cloud.inpainted[chosen].numpy(),
        steps=_chosen(neighbour_steps(scene, near), chosen),
        near=near,
    )


def measure_views(cloud: ThinCloud, cameras: Sequence[PinholeCamera], hidden_layers: Sequence[int] = ()) -> Coverage:
    """What each camera sees of the cloud without its hidden layers; all cameras have one size.

    Raises:
        ValueError: there is no camera.
    """
    if not cameras:
        raise ValueError("measure_views needs a camera")
    drawn = ~np.isin(cloud.layers, np.asarray(hidden_layers, dtype=cloud.layers.dtype))
    width = min(MASK_WIDTH, cameras[0].width)
    height = max(1, round(cameras[0].height * width / cameras[0].width))
    views = np.stack([_projection(camera, width, height) for camera in cameras])
    growth = np.stack([disc_growth(pulled_apart(cloud.steps, camera)).numpy() for camera in cameras]).astype(np.float32)
    masks = _draw_views(
        cloud.positions[drawn],
        growth[:, drawn] * cloud.sizes[drawn],
        np.where(cloud.inpainted[drawn], INPAINTED, KNOWN).astype(np.uint8),
        views,
        np.float32(_NEAREST_Z * cloud.near),
        (height, width),
    )
    return Coverage(unknown=(masks != KNOWN).mean(axis=(1, 2)), holes=(masks == HOLE).mean(axis=(1, 2)), masks=masks)


def _chosen(steps: NeighbourSteps, rows: Tensor) -> NeighbourSteps:
    return NeighbourSteps(steps.rays[rows], steps.disparity[rows], steps.aside[rows], steps.along[rows])


def _projection(camera: PinholeCamera, width: int, height: int) -> np.ndarray:
    """(4, 4) float32: rows that give (x z, y z, z) in the mask's pixels, and the size of a unit at z 1 in pixels."""
    k = camera.intrinsics.numpy().copy()
    k[0] *= width / camera.width
    k[1] *= height / camera.height
    rows = k @ camera.world_to_camera.numpy()[:3]
    return np.vstack([rows, [k[0, 0], k[1, 1], 0.0, 0.0]]).astype(np.float32)


@njit(cache=True, nogil=True, parallel=True)
def _draw_views(
    positions: np.ndarray,
    sizes: np.ndarray,
    kinds: np.ndarray,
    views: np.ndarray,
    nearest_z: np.float32,
    shape: tuple[int, int],
) -> np.ndarray:
    masks = np.full((len(views), shape[0], shape[1]), 2, np.uint8)
    for v in prange(len(views)):
        _draw_view(positions, sizes[v], kinds, views[v], nearest_z, masks[v])
    return masks


@njit(cache=True, nogil=True)
def _draw_view(
    positions: np.ndarray,
    sizes: np.ndarray,
    kinds: np.ndarray,
    view: np.ndarray,
    nearest_z: np.float32,
    mask: np.ndarray,
) -> None:
    """The kind of the nearest square whose inside holds the pixel's centre."""
    height, width = mask.shape
    depth = np.full((height, width), np.float32(np.inf), np.float32)
    for i in range(len(positions)):
        x, y, w = positions[i, 0], positions[i, 1], positions[i, 2]
        z = view[2, 0] * x + view[2, 1] * y + view[2, 2] * w + view[2, 3]
        if z <= nearest_z:
            continue
        col = (view[0, 0] * x + view[0, 1] * y + view[0, 2] * w + view[0, 3]) / z
        row = (view[1, 0] * x + view[1, 1] * y + view[1, 2] * w + view[1, 3]) / z
        half_x = _GROWN * 0.5 * sizes[i] * view[3, 0] / z
        half_y = _GROWN * 0.5 * sizes[i] * view[3, 1] / z
        # Compared as floats first: a point far beside the frame does not fit an integer.
        if col + half_x < 0 or col - half_x > width or row + half_y < 0 or row - half_y > height:
            continue
        first_col = max(0, int(np.ceil(col - half_x - 0.5)))
        last_col = min(width - 1, int(np.floor(col + half_x - 0.5)))
        first_row = max(0, int(np.ceil(row - half_y - 0.5)))
        last_row = min(height - 1, int(np.floor(row + half_y - 0.5)))
        if kinds[i] == INPAINTED:
            z *= SHEET_GAP  # as in the renderer
        for r in range(first_row, last_row + 1):
            for c in range(first_col, last_col + 1):
                if z < depth[r, c]:
                    depth[r, c] = z
                    mask[r, c] = kinds[i]
