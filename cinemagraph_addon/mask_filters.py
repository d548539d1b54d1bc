"""Grey masks (H, W) uint8 grown, shrunk, feathered: quick without libraries that Blender lacks. No bpy."""

import numpy as np

_STEPS = 64  # of a grey level, between the means of rows and of columns


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
    """The edge becomes a soft slope about `radius` pixels wide on each side: a tent; the border's values go on beyond.

    radius: at most 510, else the sums do not fit.
    """
    half = max(1, round(radius / 2))
    columns = _tent(_tent(mask.astype(np.uint32) * _STEPS, half).T, half).T
    return ((columns + _STEPS // 2) // _STEPS).astype(np.uint8)


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
    """Two slanted lines reach every second pixel of a diamond; a step to all sides reaches those between."""
    slant = max(0, reach - 1) // 2
    if slant:  # with room around: the way may lead over the border and back
        room = np.pad(mask, slant)
        mask = _slanted(_slanted(room, slant)[:, ::-1], slant)[slant:-slant, ::-1][:, slant:-slant]
    grown = np.ascontiguousarray(mask)
    for _ in range(reach - 2 * slant):
        wider = grown.copy()
        np.maximum(wider[:, 1:], grown[:, :-1], out=wider[:, 1:])
        np.maximum(wider[:, :-1], grown[:, 1:], out=wider[:, :-1])
        np.maximum(wider[1:], grown[:-1], out=wider[1:])
        np.maximum(wider[:-1], grown[1:], out=wider[:-1])
        grown = wider
    return grown


def _slanted(mask: np.ndarray, reach: int) -> np.ndarray:
    """Largest value among `reach` neighbours on both sides along the diagonal that falls to the right, by doubling."""
    grown, done = np.ascontiguousarray(mask), 0
    while done < reach:
        step = min(max(done, 1), reach - done)
        wider = grown.copy()
        np.maximum(wider[step:, step:], grown[:-step, :-step], out=wider[step:, step:])
        np.maximum(wider[:-step, :-step], grown[step:, step:], out=wider[:-step, :-step])
        grown, done = wider, done + step
    return grown


def _tent(values: np.ndarray, half: int) -> np.ndarray:
    """Mean along rows under a tent: twice the mean of 2 half + 1 values, uint32 below 255 x _STEPS.

    A tent is the second difference of sums of sums. These wrap around in 32 bits; the difference is right all the same.
    """
    width, count = 2 * half + 1, values.shape[1]
    sums = np.pad(values, ((0, 0), (width + 1, width - 1)), mode="edge")
    for _ in range(2):
        np.cumsum(sums, axis=1, dtype=np.uint32, out=sums)
    tent = sums[:, 2 * width :] - sums[:, width : width + count]
    tent -= sums[:, width : width + count] - sums[:, :count]
    tent += np.uint32(width * width // 2)
    tent //= np.uint32(width * width)
    return tent
