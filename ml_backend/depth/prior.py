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
_DEFAULT_HORIZON = 0.4  # share of the height, where the horizon is expected
_SAME_TEXTURE = 0.55  # of the texture above the horizon, down to which a thing goes on below it
_SMOOTH = 0.035  # local standard deviation of luminance below which a surface is sky or water
_LEAST_HEIGHT = 0.04  # above the horizon, per image height: lower things are shore and haze
_THING_REACH = 1.1  # how far below the horizon a thing may go on, in its heights above it: eyes are near the ground
_BACKDROP_WIDTH, _BACKDROP_REACH = 0.6, 0.3  # what spans this share of the width is a hill or a forest: far
_LEAN = 0.35  # how much farther (in disparity) the top of an upright thing is, per image height
_HORIZON_HAZE = 0.02  # disparity of what stands at the horizon: far, but in front of the sky


def landscape_disparity(image: Tensor) -> Tensor:
    """Disparity (H, W) in [0, 1] of a photo (3, H, W), 0 for the sky."""
    photo = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    height, width = photo.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    texture = _texture(small)
    horizon = _find_horizon(small, texture)
    sky = _find_sky(small, texture, horizon)
    disparity = _stand(_find_upright(sky, horizon), texture, horizon)
    disparity[sky] = 0.0
    guided = _guided_upsample(disparity, small, photo)
    far = cv2.resize(sky.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    guided[far & (guided < 0.1)] = 0.0
    return torch.from_numpy(np.clip(guided, 0.0, 1.0))


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


def _stand(things: list[np.ndarray], texture: np.ndarray, horizon: int) -> np.ndarray:
    """The ground's ramp, with every thing as near as the ground on which it stands, its top leaning back a little."""
    height, width = texture.shape
    rows = np.arange(height, dtype=np.float32)[:, None]
    disparity = ground = _ramp(texture.shape, horizon)
    local = cv2.blur(texture, (width // 20, width // 20))
    for thing in things:
        columns = thing.any(axis=0)
        risen = horizon - np.argmax(thing.any(axis=1))
        is_backdrop = columns.mean() > _BACKDROP_WIDTH
        reach = int(risen * (_BACKDROP_REACH if is_backdrop else _THING_REACH))
        deepest = min(height - 1, horizon + reach)
        alike = local > max(_SMOOTH, _SAME_TEXTURE * float(local[thing].mean()))
        below = np.logical_and.accumulate(alike[horizon - 2 : deepest + 1], axis=0) & columns
        region = thing.copy()
        region[horizon - 2 : deepest + 1] |= below
        region = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(bool)
        # The columns disagree about where the ground begins; a thing stands on one place.
        lowest = horizon - 2 + float(np.quantile(below.sum(axis=0)[columns], 0.7))
        base = float(ground[min(int(lowest), height - 1), 0])
        standing = base * (1 - _LEAN * np.clip(lowest - rows, 0, None) / height)
        disparity = np.where(region, np.maximum(disparity, standing), disparity)
    return disparity


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


def _guided_upsample(values: np.ndarray, guide: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """Guided filter (He et al. 2010) at the small size, its coefficients applied to the full photo's luminance."""
    radius = (2 * (max(guide.shape[:2]) // 60) + 1,) * 2
    grey, large = guide.mean(axis=-1), photo.mean(axis=-1)
    mean_g, mean_v = cv2.blur(grey, radius), cv2.blur(values, radius)
    covariance = cv2.blur(grey * values, radius) - mean_g * mean_v
    variance = cv2.blur(grey * grey, radius) - mean_g * mean_g
    slope = covariance / (variance + 1e-3)
    offset = mean_v - slope * mean_g
    size = (photo.shape[1], photo.shape[0])
    slope, offset = (cv2.resize(cv2.blur(c, radius), size, interpolation=cv2.INTER_LINEAR) for c in (slope, offset))
    return (slope * large + offset).astype(np.float32)
