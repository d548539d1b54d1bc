"""A first proposal of where a photo moves, without a network: water by its colour and its waves, skies with clouds.

Right for open water under the sky, for blue and green seas, and for white falls; it takes grey roads and snow for water
now and then, and finds brown rivers only where they foam. It is a start to paint on.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.motion.guess_by_kind import kind_map
from ml_backend.motion.small_net import SKY, Reading
from ml_backend.structures import DepthMap

_WORKING_SIDE = 320  # px of the long side
_CUT_SIDE = 640  # px; edges are moved to the photo's at this size
_FAR = 0.012  # of the near disparity: what is farther may be sky
_SMALLEST = 0.006  # of the photo: smaller pieces are no water
_LOOSE = 0.004  # of the photo: holes smaller than this are closed
_CLOUDY = 2.2  # spread of lightness and colour in a sky, from which on there is something in it that drifts
_SURE, _LIKELY = 0.72, 0.5  # of the score of water
_LYING = 0.25  # slope of the disparity in near disparities per height; an empty plain has 1 to 2
_BAND = 0.015  # of the long side: how far an edge may be moved to the photo's
_FEATHER = 0.002  # of the long side
_BLACK = 0.03  # darker is black


def guess_mask(image: Tensor, depth: DepthMap) -> Tensor:
    """Where a photo probably moves, (1, H, W) in [0, 1], all 0 where nothing was found.

    Args:
        image: (3, H, W) sRGB in [0, 1].
        depth: of the photo; tells the sky.
    """
    height, width = image.shape[1:]
    photo = np.ascontiguousarray(image.permute(1, 2, 0).cpu().numpy(), dtype=np.float32)
    disparity = 1 / depth.depth[0].cpu().numpy()
    small = _shrink(photo, _WORKING_SIDE)
    size = small.shape[1::-1]
    far = cv2.resize(disparity, size, interpolation=cv2.INTER_AREA) < _FAR * np.quantile(disparity, 0.98)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    sky = _sky(lab, far)
    water = _water(lab, sky, _lies(cv2.resize(disparity, size, interpolation=cv2.INTER_AREA)))
    fine = _shrink(photo, _CUT_SIDE)
    mask = _soft(_cut_out(fine, water), width, height)
    if _has_clouds(lab, sky):
        sky_mask = _soft(_cut_out(fine, sky), width, height)
        beside = cv2.dilate(sky_mask, np.ones((3, 3), np.uint8)) > 0
        mask = np.where(beside, sky_mask, mask)  # a dark line between them: two regions, which flow as they like
    return torch.from_numpy(mask)[None]


def mask_by_network(image: Tensor, reading: Reading) -> Tensor:
    """Where a photo probably moves by what the network saw on it without a mask, (1, H, W) in [0, 1].

    Args:
        image: (3, H, W) sRGB in [0, 1].
    """
    height, width = image.shape[1:]
    photo = np.ascontiguousarray(image.permute(1, 2, 0).cpu().numpy(), dtype=np.float32)
    small, fine = _shrink(photo, _WORKING_SIDE), _shrink(photo, _CUT_SIDE)
    moves = cv2.resize(reading.mask[0, 0].cpu().numpy(), small.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0
    clouds = moves & (kind_map(reading, *small.shape[:2]) == SKY)
    if not _has_clouds(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), clouds):
        moves, clouds = moves & ~clouds, np.zeros_like(clouds)
    mask = _soft(_cut_out(fine, _without_small(moves & ~clouds, _SMALLEST)), width, height)
    sky_mask = _soft(_cut_out(fine, _without_small(clouds, _SMALLEST)), width, height)
    beside = cv2.dilate(sky_mask, np.ones((3, 3), np.uint8)) > 0
    mask = np.where(beside & clouds.any(), sky_mask, mask)  # two regions, which flow as they like
    return torch.from_numpy(mask)[None]


def _soft(region: np.ndarray, width: int, height: int) -> np.ndarray:
    """A region at the photo's size with a soft edge, float32."""
    mask = cv2.resize(region.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    mask = cv2.GaussianBlur(mask, (0, 0), max(0.5, _FEATHER * max(width, height)))
    return np.where(mask > _BLACK, mask, 0.0).astype(np.float32)


def _sky(lab: np.ndarray, far: np.ndarray) -> np.ndarray:
    """What is far by the depth and joined to the top; where there is no such, the bright even area along the top."""
    if far.mean() < 0.01:
        edges = cv2.blur(np.abs(cv2.Laplacian(lab[..., 0], cv2.CV_32F)), (5, 5))
        far = (lab[..., 0] > max(60.0, float(np.median(lab[..., 0])) + 5)) & (edges < 6)
        far[int(0.6 * len(far)) :] = False
    _, labels = cv2.connectedComponents(far.astype(np.uint8), connectivity=4)
    top = np.unique(labels[: max(2, len(labels) // 30)])
    sky = np.isin(labels, top[top > 0]) & (lab[..., 0] > 20)
    return _with_clouds(_without_small(sky, 0.01), lab[..., 0])


def _with_clouds(sky: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """The sky with the bright pieces inside it, which depth takes for things; what stands on the ground stays out."""
    if not sky.any():
        return sky
    darkest = float(lightness[sky].mean()) - 8
    _, labels = cv2.connectedComponents((~sky).astype(np.uint8), connectivity=4)
    mean = np.bincount(labels.ravel(), lightness.ravel()) / np.maximum(np.bincount(labels.ravel()), 1)
    inside = np.setdiff1d(np.unique(labels), np.unique(labels[-1]))
    return sky | np.isin(labels, inside[mean[inside] > darkest])


def _has_clouds(lab: np.ndarray, sky: np.ndarray) -> bool:
    """Whether the sky differs from a smooth gradient: a clear one may stand still."""
    if not sky.any():
        return False
    weight = sky.astype(np.float32)[..., None]
    sigma = 0.06 * max(sky.shape)
    blurred = cv2.GaussianBlur(lab * weight, (0, 0), sigma) / np.maximum(
        cv2.GaussianBlur(weight, (0, 0), sigma)[..., None], 1e-3
    )
    return bool(np.linalg.norm((lab - blurred)[sky], axis=1).mean() > _CLOUDY)


def _lies(disparity: np.ndarray) -> np.ndarray:
    """Where the scene comes nearer downwards, as ground and water do, and walls and mountains do not."""
    slope = cv2.blur(cv2.Sobel(disparity, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), (5, 5))
    return slope > _LYING * np.quantile(disparity, 0.98) / len(disparity)


def _water(lab: np.ndarray, sky: np.ndarray, lying: np.ndarray) -> np.ndarray:
    """Likely water below the sky, bool."""
    score = _water_score(lab, lying)
    score[sky] = 0
    if sky.any():  # above the skyline of its own column nothing is water
        lowest = len(sky) - np.argmax(sky[::-1], axis=0)
        rows = np.arange(len(sky))[:, None]
        score[(rows < lowest[None]) & sky.any(axis=0)[None]] = 0
    local = cv2.blur(score, (7, 7))
    likely = local > _LIKELY
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    likely = cv2.morphologyEx(likely.astype(np.uint8), cv2.MORPH_CLOSE, kernel).astype(bool) & ~sky
    _, labels = cv2.connectedComponents(likely.astype(np.uint8), connectivity=4)
    sure = np.unique(labels[(local > _SURE) & likely])
    return _without_small(np.isin(labels, sure[sure > 0]), _SMALLEST)


def _water_score(lab: np.ndarray, lying: np.ndarray) -> np.ndarray:
    """How much each pixel looks like water, (h, w) in [0, 1]: blue, teal, or grey with waves and lying, or foam."""
    smooth = cv2.GaussianBlur(lab, (0, 0), 1.5)
    light, green_red, blue_yellow = smooth[..., 0], smooth[..., 1], smooth[..., 2]
    chroma = np.hypot(green_red, blue_yellow)
    blue = _above(-blue_yellow, 3, 10) * _above(-green_red, -14, -6)
    teal = _above(-green_red, 3, 9) * _above(-blue_yellow, -14, -6)
    foam = _above(light, 70, 82) * _above(-chroma, -16, -9)
    waves = _above(_lying(lab[..., 0]), 1.3, 1.8) * _above(-chroma, -22, -13)
    below = np.linspace(0, 1, len(lab), dtype=np.float32)[:, None] > 0.2  # falls do not lie, but are no sky either
    return np.maximum.reduce([blue * lying, teal * lying, 0.95 * waves * lying, foam * below]).astype(np.float32)


def _lying(lightness: np.ndarray) -> np.ndarray:
    """How much more it changes from row to row than along rows: above 1 for waves seen from the shore."""
    down = cv2.Sobel(lightness, cv2.CV_32F, 0, 1)
    along = cv2.Sobel(lightness, cv2.CV_32F, 1, 0)
    window = (15, 15)
    return np.sqrt((cv2.blur(down * down, window) + 4) / (cv2.blur(along * along, window) + 4))


def _cut_out(photo: np.ndarray, rough: np.ndarray) -> np.ndarray:
    """The region with its edge moved to the photo's (GrabCut, Rother et al. 2004), only in a band along it."""
    size = photo.shape[1::-1]
    region = cv2.resize(rough.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    band = 2 * max(2, round(_BAND * max(size))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (band, band))
    inner, outer = (f(region.astype(np.uint8), kernel) > 0 for f in (cv2.erode, cv2.dilate))
    if not inner.any() or outer.all():
        return region
    labels = np.where(region, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner], labels[~outer] = cv2.GC_FGD, cv2.GC_BGD
    cv2.setRNGSeed(0)  # its colour clusters start at random; the same photo gives the same cut
    picture = (photo[..., ::-1] * 255).clip(0, 255).astype(np.uint8)
    cv2.grabCut(picture, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    cut = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return _without_small(~_without_small(~cut, _LOOSE), _SMALLEST)


def _without_small(region: np.ndarray, share: float) -> np.ndarray:
    """The pieces that are at least this share of the photo."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= share * region.size
    large[0] = False
    return large[labels]


def _above(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 up to start, 1 from end on, straight in between."""
    return np.clip((values - start) / (end - start), 0, 1)


def _shrink(photo: np.ndarray, side: int) -> np.ndarray:
    height, width = photo.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
