"""The embedded depth estimate: what landscape photos have in common, no network.

The ground rises toward a horizon, the sky is smooth and touches the top edge, water is smooth, and what is textured
and reaches above the horizon stands upright on its lowest point. Right for open landscapes with water and sky; wrong
for interiors, portraits, and views from above: give a depth map or a depth model there.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

_WORKING_SIDE = 320  # px; the prior knows nothing finer
_CUT_SIDE = 1280  # px; silhouettes are cut out at this size
_TWIGS = 0.03  # of the long side: how far small things against the sky may stick out
_SKY_DIFFERENCE = 9.0  # in CIELAB
_BAND = 0.012  # of the long side: how far a silhouette may be moved to the photo's edge
_DEFAULT_HORIZON = 0.4  # share of the height, where the horizon is expected
_SAME_TEXTURE = 0.55  # of the texture above the horizon, down to which a thing goes on below it
_SMOOTH = 0.035  # local standard deviation of luminance below which a surface is sky or water
_LEAST_HEIGHT = 0.04  # above the horizon, per image height: lower things are shore and haze
_THING_REACH = 1.1  # how far below the horizon a thing may go on, in its heights above it: eyes are near the ground
_BACKDROP_WIDTH, _BACKDROP_REACH = 0.6, 0.3  # what spans this share of the width is a hill or a forest: far
_SPREAD = 0.15  # of its width above the horizon: how much wider a thing may be below it, on each side
_LEAN = 0.35  # how much farther (in disparity) the top of an upright thing is, per image height
_HORIZON_HAZE = 0.02  # disparity of what stands at the horizon: far, but in front of the sky


def landscape_disparity(image: Tensor) -> Tensor:
    """Disparity (H, W) in [0, 1] of a photo (3, H, W), 0 for the sky."""
    photo = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    small = _shrink(photo, _WORKING_SIDE)
    texture = _texture(small)
    horizon = _find_horizon(small, texture)
    sky = _find_sky(small, texture, horizon)
    ramp = _ramp(small.shape, horizon)
    upright, standing = _stand(_find_upright(sky, horizon), texture, ramp)
    fine = _shrink(photo, _CUT_SIDE)
    cut = _cut_out(fine, upright)
    sky_cut = _cut_out(fine, sky) & ~cut
    cut |= _against_the_sky(fine, sky_cut, cut)
    sky_cut &= ~cut
    size = (fine.shape[1], fine.shape[0])
    ramp, standing = (cv2.resize(v, size, interpolation=cv2.INTER_LINEAR) for v in (ramp, standing))
    disparity = np.where(cut, np.maximum(ramp, standing), ramp)
    disparity[sky_cut] = 0.0
    full = cv2.resize(disparity, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return torch.from_numpy(np.clip(full, 0.0, 1.0).astype(np.float32))


def _shrink(photo: np.ndarray, side: int) -> np.ndarray:
    height, width = photo.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA)


def _cut_out(photo: np.ndarray, rough: np.ndarray) -> np.ndarray:
    """The region with its edge moved to the photo's (GrabCut, Rother et al. 2004), only in a band along it."""
    size = (photo.shape[1], photo.shape[0])
    region = cv2.resize(rough.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    band = 2 * max(2, round(_BAND * max(size))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (band, band))
    inner, outer = (f(region.astype(np.uint8), kernel) for f in (cv2.erode, cv2.dilate))
    labels = np.where(region, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner > 0], labels[outer == 0] = cv2.GC_FGD, cv2.GC_BGD
    if not (inner.any() and (outer == 0).any()):
        return region
    cv2.setRNGSeed(0)  # its colour clusters start at random; the same photo gives the same cut
    picture = (photo[..., ::-1] * 255).astype(np.uint8)
    cv2.grabCut(picture, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def _against_the_sky(photo: np.ndarray, sky: np.ndarray, upright: np.ndarray) -> np.ndarray:
    """Pixels beside an upright thing that do not have the colour of the sky around them: finials, twigs, leaves."""
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    reach = max(2, round(_TWIGS * max(sky.shape)))
    clear = (cv2.erode(sky.astype(np.uint8), np.ones((reach + 1, reach + 1), np.uint8)) > 0).astype(np.float32)
    window = (8 * reach + 1, 8 * reach + 1)
    count = cv2.boxFilter(clear, -1, window)
    color = cv2.boxFilter(lab * clear[..., None], -1, window) / np.maximum(count, 1e-6)[..., None]
    differs = (np.linalg.norm(lab - color, axis=-1) > _SKY_DIFFERENCE) & (count > 0.01)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    beside = cv2.dilate(upright.astype(np.uint8), kernel) > 0
    return sky & differs & beside


def _find_horizon(photo: np.ndarray, texture: np.ndarray) -> int:
    """Row of the horizon: the step from row to row on which the smooth parts of the photo agree best."""
    height = len(photo)
    lab = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    step = np.zeros_like(lab)
    step[1:] = lab[1:] - lab[:-1]
    weight = (texture < 2 * _SMOOTH).astype(np.float32)[..., None]
    # Signed, so that waves and leaves cancel and only a line across the picture remains.
    coherent = np.abs((step * weight).sum(axis=1) / (weight.sum(axis=1) + 0.1 * photo.shape[1])).sum(axis=-1)
    place = (np.arange(height) + 0.5) / height
    expected = np.exp(-(((place - _DEFAULT_HORIZON) / 0.22) ** 2)) * ((place > 0.1) & (place < 0.7))
    return int((expected * (coherent + 0.3)).argmax())


def _find_sky(photo: np.ndarray, texture: np.ndarray, horizon: int) -> np.ndarray:
    """Above the horizon, not dark, joined to the top edge, and smooth or of the top edge's colour."""
    lab = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    light = lab[..., 0] > max(35.0, float(np.quantile(lab[..., 0], 0.3)))
    blue_or_grey = lab[..., 2] < lab[..., 1] + 18  # neither leaves nor sand
    candidates = light & blue_or_grey & (texture < 2.5 * _SMOOTH)
    candidates[horizon + 1 :] = False
    _, labels = cv2.connectedComponents(candidates.astype(np.uint8), connectivity=4)
    touching = np.unique(labels[: max(2, len(labels) // 30)])
    sky = np.isin(labels, touching[touching > 0])
    return cv2.morphologyEx(sky.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(bool)


def _find_upright(sky: np.ndarray, horizon: int) -> list[np.ndarray]:
    """The separate things that reach above the horizon, their part above it, as bool maps."""
    above = ~sky
    above[horizon + 1 :] = False
    above = cv2.morphologyEx(above.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    above[max(0, horizon - 2) : horizon + 1] = 0  # what only touches at the horizon's line is not one thing
    _, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
    bottom = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    stands = (stats[:, cv2.CC_STAT_HEIGHT] > _LEAST_HEIGHT * len(sky)) & (bottom >= horizon - 4)  # else a cloud
    return [labels == label for label in range(1, len(stats)) if stands[label]]


def _stand(things: list[np.ndarray], texture: np.ndarray, ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where upright things are, and how near: as the ground on which each stands, its top leaning back a little."""
    height, width = texture.shape
    horizon = int((ground[:, 0] > _HORIZON_HAZE).argmax())
    rows = np.arange(height, dtype=np.float32)[:, None]
    upright, disparity = np.zeros(texture.shape, bool), np.zeros(texture.shape, np.float32)
    local = cv2.blur(texture, (width // 20 + 1, width // 20 + 1))
    for thing in things:
        columns = thing.any(axis=0)
        risen = horizon - np.argmax(thing.any(axis=1))
        is_backdrop = columns.mean() > _BACKDROP_WIDTH
        reach = int(risen * (_BACKDROP_REACH if is_backdrop else _THING_REACH))
        start, deepest = max(0, horizon - 8), min(height - 1, horizon + reach)
        alike = local > max(_SMOOTH, _SAME_TEXTURE * float(local[thing].mean()))
        # Roofs and crowns get wider downwards.
        beside = np.ones((1, 2 * int(_SPREAD * columns.sum()) + 1), np.uint8)
        around = cv2.dilate(columns.astype(np.uint8)[None], beside) > 0
        alike[:start], alike[deepest + 1 :] = False, False
        region = _connected((alike & around) | thing, thing)
        below = region[start:]
        region = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(bool)
        # The columns disagree about where the ground begins; a thing stands on one place.
        lowest = start + float(np.quantile(below.sum(axis=0)[columns], 0.7))
        base = float(ground[min(int(lowest), height - 1), 0])
        standing = base * (1 - _LEAN * np.clip(lowest - rows, 0, None) / height)
        # Continued around the thing, so that its edge can be moved by the cut.
        near = cv2.dilate(region.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
        disparity = np.where(near, np.maximum(disparity, standing), disparity)
        upright |= region
    return upright, disparity.astype(np.float32)


def _connected(candidates: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """The parts of a bool map that touch the seed."""
    _, labels = cv2.connectedComponents(candidates.astype(np.uint8), connectivity=4)
    return np.isin(labels, np.unique(labels[seed])) & candidates


def _ramp(shape: tuple[int, ...], horizon: int) -> np.ndarray:
    """Disparity of a flat ground: zero at the horizon, one at the lower edge."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None] + 0.5
    ramp = np.clip((rows - horizon) / (shape[0] - horizon), 0, 1)
    return np.repeat(np.maximum(ramp, _HORIZON_HAZE), shape[1], axis=1)


def _texture(photo: np.ndarray) -> np.ndarray:
    """Local standard deviation of luminance in 7 x 7 windows, higher in the dark, as eyes see it."""
    grey = photo.mean(axis=-1)
    mean = cv2.blur(grey, (7, 7))
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, (7, 7)) - mean * mean, 0))
    return 0.7 * deviation / (mean + 0.2)
