"""Image, mask and arrows -> Eulerian flow, without a network (Sec. 3.2 and 4.3 in classical form).

Each region of the mask is solved on its own: with depth, one 3D velocity tangent to its surface that fits its arrows
best, then what the arrows say beyond that, spread smoothly; without depth, the arrows spread smoothly. Tangent plus
residual halves the error of image-space interpolation, since water moves on a surface and far water moves slower.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera, photo_camera
from ml_backend.motion.arrows import Arrows, tie_to_regions
from ml_backend.motion.coarse_grid import CoarseGrid, build_grid, coarse_shape, reading_matrix, to_pixels
from ml_backend.motion.exact_arrows import meet_arrows
from ml_backend.motion.first_guess import FALLS, guess_missing, region_kinds
from ml_backend.motion.guess_by_kind import guess_by_kind
from ml_backend.motion.photo_reading import Carried, carried_flow
from ml_backend.motion.region_speed import apply_speed, regions_at, speed_of_regions
from ml_backend.motion.regions import Regions, find_regions, split_into_sheets
from ml_backend.motion.small_net import Reading
from ml_backend.motion.smooth import spread_smoothly
from ml_backend.motion.surface import Intrinsics, tangent_flow
from ml_backend.structures import DepthMap, MotionField, MotionHints

_TENSION_CELLS = (
    8.0  # 5 % of the long side; with 3 and 5 arrows on bench/: 0 gives .351/.246, 8 .341/.227, 16 .337/.228
)
_CURTAIN = 0.03  # of the near disparity: what is farther is as far as this
_ALL_FAR = 0.8  # of a region: what else there is in it is depth that reaches over from still things
_SLIVER = 0.012  # of the long side
_FASTEST = 2.0  # times the fastest arrow of the region: near points of a wrong depth would fly


def estimate_motion(
    image: Tensor,
    hints: MotionHints,
    depth: DepthMap | None = None,
    camera: PinholeCamera | None = None,
    *,
    reading: Reading | None = None,
) -> MotionField:
    """Flow that meets the arrows at their starts, smooth inside each region, zero where the mask is 0.

    With speed 1 and smoothing 0: where the four pixels around an arrow's start are white, the flow read there is the
    arrow's within 5 %; arrows closer than 2 px are met in their mean. Grey parts of the mask move slower. Regions
    without an arrow are guessed (first_guess.py); no region at all gives a zero field.

    Args:
        image: (3, H, W), the photo.
        hints: mask and arrows at the photo's size.
        depth: of the photo, or None to work in the image alone.
        camera: of the photo; None for `photo_camera`.
        reading: what the motion network sees on the photo (photo_reading.py). It then says how arrows are carried over
            the surfaces, in place of depth and camera, and what moves how where there is no arrow.
    """
    height, width = image.shape[1:]
    if tuple(hints.mask.shape) != (1, height, width):
        raise ValueError(f"mask: expected shape {(1, height, width)}, found {tuple(hints.mask.shape)}")
    if depth is not None and tuple(depth.depth.shape) != (1, height, width):
        raise ValueError(f"depth: expected shape {(1, height, width)}, found {tuple(depth.depth.shape)}")
    mask = hints.mask[0].detach().cpu().numpy().astype(np.float32)
    regions = find_regions(mask)
    drawn = tie_to_regions(hints, regions)[0]
    arrows = guess_missing(drawn, regions) if reading is None else guess_by_kind(drawn, regions, reading)
    disparity = None if depth is None else _surface_disparity(depth, regions)
    intrinsics = _intrinsics(camera or photo_camera(width, height))
    flow = np.zeros((height, width, 2), dtype=np.float32)
    cell_px = max(height / coarse_shape(height, width)[0], width / coarse_shape(height, width)[1])
    for chosen in split_into_sheets(regions, gap_px=3 * cell_px):
        grid = build_grid(regions, chosen, mask, disparity)
        own = arrows.select(np.isin(arrows.regions, chosen))
        start = _tangent_start(grid, own, intrinsics) if reading is None else carried_flow(reading, grid, own)
        _solve_into(flow, grid, regions, own, start=start, smoothing=hints.smoothing)
    if hints.smoothing == 0:
        meet_arrows(flow, regions, arrows, radius_px=max(6.0, 3 * cell_px))
    apply_speed(flow, regions, speed_of_regions(regions, hints.speed, hints.region_speeds))
    flow *= mask[..., None]
    return MotionField(torch.from_numpy(flow.transpose(2, 0, 1).copy()).to(image.device))


def ignored_arrows(hints: MotionHints) -> list[int]:
    """Numbers (from 0) of arrows that start too far from any moving region to mean one."""
    return tie_to_regions(hints, find_regions(hints.mask[0].detach().cpu().numpy()))[1]


def ignored_region_speeds(hints: MotionHints) -> list[int]:
    """Numbers (from 0) of region speeds at places where nothing moves."""
    regions = find_regions(hints.mask[0].detach().cpu().numpy())
    return [i for i, region in enumerate(regions_at(regions, hints.region_speeds)) if region is None]


def _surface_disparity(depth: DepthMap, regions: Regions) -> np.ndarray:
    """Disparity (H, W) of what moves: the depth's own, but one value for each fall, and one for all that is far.

    Sky and falls hang like a curtain. Estimated depth has clouds before the sky and falls lying on the ground; taken at
    its word, a cloud would outrun the sky, and the foot of a fall its top.
    """
    disparity = 1 / depth.depth[0].detach().cpu().numpy().astype(np.float32)
    curtain = _CURTAIN * np.quantile(disparity, 0.98)
    disparity = _without_slivers(np.maximum(disparity, curtain), regions.labels > 0).astype(np.float64)
    for region, (kind, box) in enumerate(zip(region_kinds(regions), regions.boxes, strict=True)):
        window = np.s_[box[1] : box[3], box[0] : box[2]]
        inside = regions.labels[window] == region + 1
        own = disparity[window][inside]
        if kind == FALLS or (own <= curtain).mean() > _ALL_FAR:
            disparity[window][inside] = np.median(own)
    return disparity


def _without_slivers(disparity: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Thin near strips inside what moves become as far as what is beside them.

    Along a shore or a treetop, depth of the still thing reaches over into the water or the sky, which would run there.
    """
    size = 2 * round(_SLIVER * max(disparity.shape)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    far = cv2.erode(np.where(moving, disparity, np.inf), kernel)
    return np.where(moving, cv2.dilate(np.where(moving, far, 0), kernel), disparity)


def _tangent_start(grid: CoarseGrid, arrows: Arrows, intrinsics: Intrinsics) -> Carried:
    """The flow of the nodes if each region moves along its surface; zero without depth."""
    alike = np.zeros((len(grid.region), 1))
    if grid.disparity is None:
        return Carried(np.zeros_like(grid.centres), alike)
    reading = reading_matrix(grid, arrows.starts, arrows.regions)
    flow = tangent_flow(
        grid,
        intrinsics,
        positions=arrows.starts,
        vectors=arrows.vectors,
        disparity=reading @ grid.disparity,
        regions=arrows.regions,
    )
    return Carried(flow, alike)


def _solve_into(
    flow: np.ndarray, grid: CoarseGrid, regions: Regions, arrows: Arrows, *, start: Carried, smoothing: float
) -> None:
    """Write the flow of the grid's regions into the full-size field: `start`, mended to meet the arrows."""
    fastest = np.zeros(regions.count)
    np.maximum.at(fastest, arrows.regions, np.linalg.norm(arrows.vectors, axis=1))
    limit = np.where(fastest > 0, _FASTEST * fastest, np.inf)[grid.region]
    nodes = _slow_down(start.flow, limit)
    if len(arrows.regions) > 0:
        reading = reading_matrix(grid, arrows.starts, arrows.regions)
        residual = arrows.vectors - reading @ nodes
        mend = spread_smoothly(grid, reading, residual, _TENSION_CELLS, smoothing, likeness=start.likeness)
        nodes = _slow_down(nodes + mend, limit)
    inside = regions.inside(np.unique(grid.region))
    flow[inside] = to_pixels(grid, nodes)[inside]


def _slow_down(flow: np.ndarray, limit: np.ndarray) -> np.ndarray:
    speed = np.linalg.norm(flow, axis=1)
    return flow * np.minimum(1, limit / np.maximum(speed, 1e-12))[:, None]


def _intrinsics(camera: PinholeCamera) -> Intrinsics:
    k = camera.intrinsics
    return float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2])
