"""One 3D velocity per region, tangent to its surface: water moves along the surface that it forms.

Seen by the camera, a constant 3D velocity V moves the pixel (x, y) at disparity d = 1/z by A(x, y, d) V with
A = d [[fx, 0, cx - x], [0, fy, cy - y]]. Per region V is fitted to its arrows, with n.V = 0 as one soft row for the
normal n of the plane through the region's points, and a small ridge.
"""

import numpy as np

from ml_backend.motion.coarse_grid import CoarseGrid

_RIDGE = 1e-3  # against rows scaled to 1: picks the slowest V where arrows leave a choice
_FLATNESS = 1e-6  # of the points' spread: decides the normal of a region that is a line or a point

Intrinsics = tuple[float, float, float, float]  # fx, fy, cx, cy in pixels


def tangent_flow(
    grid: CoarseGrid,
    intrinsics: Intrinsics,
    *,
    positions: np.ndarray,
    vectors: np.ndarray,
    disparity: np.ndarray,
    regions: np.ndarray,
) -> np.ndarray:
    """Flow (m, 2) of the grid's nodes if each region moves with one 3D velocity along its surface.

    Args:
        grid: with disparity.
        intrinsics: of the photo's camera.
        positions: arrows' starts (K, 2), image coordinates.
        vectors: (K, 2) in pixels per frame.
        disparity: (K,) of the surface at the starts.
        regions: (K,), the region of each arrow.
    """
    if grid.disparity is None:
        raise ValueError("grid: expected disparity, found None")
    count = int(max(grid.region.max(), regions.max())) + 1
    rows = _flow_matrix(positions, disparity, intrinsics)  # (K, 2, 3)
    scale = np.full(count, 1e-12)
    np.maximum.at(scale, regions, np.abs(rows).max(axis=(1, 2)))
    rows = rows / scale[regions, None, None]
    normals = _normals(grid, intrinsics, count)
    system = np.einsum("ni,nj->nij", normals, normals) + _RIDGE**2 * np.eye(3)  # (n, 3, 3)
    np.add.at(system, regions, np.einsum("kai,kaj->kij", rows, rows))
    right = np.zeros((count, 3))
    np.add.at(right, regions, np.einsum("kai,ka->ki", rows, vectors / scale[regions, None]))
    velocity = np.linalg.solve(system, right[..., None])[..., 0]  # (n, 3), in the camera's axes
    return np.einsum("mai,mi->ma", _flow_matrix(grid.centres, grid.disparity, intrinsics), velocity[grid.region])


def _flow_matrix(positions: np.ndarray, disparity: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """A (K, 2, 3): 3D velocity -> pixels per frame."""
    fx, fy, cx, cy = intrinsics
    matrix = np.zeros((len(positions), 2, 3))
    matrix[:, 0, 0], matrix[:, 1, 1] = fx, fy
    matrix[:, 0, 2], matrix[:, 1, 2] = cx - positions[:, 0], cy - positions[:, 1]
    return matrix * disparity[:, None, None]


def _normals(grid: CoarseGrid, intrinsics: Intrinsics, count: int) -> np.ndarray:
    """Normals (n, 3) of the planes through the regions' points, weighted by 1/z^2 since far points are uncertain."""
    fx, fy, cx, cy = intrinsics
    disparity = np.maximum(grid.disparity, max(1e-9 * grid.disparity.max(), 1e-12))
    rays = np.stack([(grid.centres[:, 0] - cx) / fx, (grid.centres[:, 1] - cy) / fy, np.ones(len(disparity))], axis=1)
    points = rays / disparity[:, None]  # (m, 3)
    weights = grid.weights * disparity**2
    total = np.maximum(np.bincount(grid.region, weights, count), 1e-30)
    mean = np.stack([np.bincount(grid.region, weights * points[:, i], count) for i in range(3)], axis=1)
    offsets = points - (mean / total[:, None])[grid.region]
    spread = np.zeros((count, 3, 3))
    np.add.at(spread, grid.region, weights[:, None, None] * offsets[:, :, None] * offsets[:, None, :])
    size = np.trace(spread, axis1=1, axis2=2) + 1e-30
    # A doubtful normal looks at the camera: the region then moves as a picture does.
    spread += _FLATNESS * size[:, None, None] * np.diag([2.0, 1.0, 0.0])
    return np.linalg.eigh(spread)[1][:, :, 0]
