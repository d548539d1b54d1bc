"""Grey masks (H, W) uint8 grown, shrunk, feathered: quick without libraries that Blender lacks. No bpy."""

import numpy as np


def invert(mask: np.ndarray) -> np.ndarray:
    """White becomes black."""
    return 255 - mask


def grow(mask: np.ndarray, radius: int) -> np.ndarray:
    """White grows by about `radius` pixels, in the shape of an octagon; greys keep their value."""
    return _dilate(mask, radius)


def shrink(mask: np.ndarray, radius: int) -> np.ndarray:
    """Black grows by about `radius` pixels; the photo's border is no edge."""
    return 255 - _dilate(255 - mask, radius)


def feather(mask: np.ndarray, radius: int) -> np.ndarray:
    """The edge becomes a soft slope about `radius` pixels wide on each side: two means in a row, a tent."""
    half = max(1, round(radius / 2))
    values = mask.astype(np.float32)
    for axis in (1, 0):
        for _ in range(2):
            values = _mean(values, half, axis)
    return (values + 0.5).astype(np.uint8)


def _dilate(mask: np.ndarray, radius: int) -> np.ndarray:
    """Largest value in an octagon: a square of about 0.59 of the radius, then a diamond of the rest."""
    square = round(0.59 * radius)
    return _diamond(_line(_line(mask, square).T, square).T, radius - square)


def _line(mask: np.ndarray, reach: int) -> np.ndarray:
    """Largest value among `reach` neighbours on both sides in each row, by doubling."""
    grown, done = np.ascontiguousarray(mask), 0
    while done < reach:
        step = min(max(done, 1), reach - done)
        wider = grown.copy()
        if step < grown.shape[1]:
            np.maximum(wider[:, step:], grown[:, :-step], out=wider[:, step:])
            np.maximum(wider[:, :-step], grown[:, step:], out=wider[:, :-step])
        grown, done = wider, done + step
    return grown


def _diamond(mask: np.ndarray, reach: int) -> np.ndarray:
    grown = np.ascontiguousarray(mask)
    for _ in range(reach):
        wider = grown.copy()
        np.maximum(wider[:, 1:], grown[:, :-1], out=wider[:, 1:])
        np.maximum(wider[:, :-1], grown[:, 1:], out=wider[:, :-1])
        np.maximum(wider[1:], grown[:-1], out=wider[1:])
        np.maximum(wider[:-1], grown[1:], out=wider[:-1])
        grown = wider
    return grown


def _mean(values: np.ndarray, half: int, axis: int) -> np.ndarray:
    """Mean of 2 half + 1 values along an axis; beyond the border the last value goes on."""
    count, width = values.shape[axis], 2 * half + 1
    before, after = [(0, 0), (0, 0)], [slice(None), slice(None)]
    before[axis] = (half + 1, half)
    sums = np.cumsum(np.pad(values, before, mode="edge"), axis=axis, dtype=np.float32)
    after[axis] = slice(width, width + count)
    upper = sums[tuple(after)]
    after[axis] = slice(0, count)
    upper -= sums[tuple(after)]
    upper *= 1.0 / width
    return upper
