"""CPU kernels of the splatter, compiled by numba. The image is cut into bands of rows, one task each.

Every band sees its points in the order of their index, so the picture does not depend on the number of threads.
"""

import numpy as np
from numba import njit, prange

SURFACE_GAIN = 1.25  # a surface that covers 80 % of a pixel hides what is behind it in full
_BAND_ROWS = 16  # small enough to balance two or many cores, large enough that few points fall into two bands


@njit(cache=True, nogil=True)
def _bin_points(y: np.ndarray, z: np.ndarray, radii: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Point indices band by band: (starts (B + 1,), indices), in ascending order inside a band."""
    bands = (height + _BAND_ROWS - 1) // _BAND_ROWS
    starts = np.zeros(bands + 1, np.int64)
    for fill in range(2):
        if fill == 1:
            for b in range(bands):
                starts[b + 1] += starts[b]
            indices = np.empty(starts[bands], np.int32)
            cursor = starts[:bands].copy()
        for i in range(len(y)):
            if not (z[i] > 0.0 and y[i] + radii[i] > 0.0 and y[i] - radii[i] < height):
                continue
            first = max(0, int(y[i] - radii[i])) // _BAND_ROWS
            last = min(height - 1, int(y[i] + radii[i])) // _BAND_ROWS
            for b in range(first, last + 1):
                if fill == 0:
                    starts[b + 1] += 1
                else:
                    indices[cursor[b]] = i
                    cursor[b] += 1
    return starts, indices


@njit(cache=True, nogil=True, parallel=True)
def _rasterize_bands(
    pixels: np.ndarray,
    z: np.ndarray,
    radii: np.ndarray,
    starts: np.ndarray,
    point_of_band: np.ndarray,
    index: np.ndarray,
    depth: np.ndarray,
    dist2: np.ndarray,
) -> None:
    height, width, nearest = index.shape
    for band in prange(len(starts) - 1):
        row_begin, row_end = band * _BAND_ROWS, min(height, (band + 1) * _BAND_ROWS)
        index[row_begin:row_end] = -1
        depth[row_begin:row_end] = np.inf
        dist2[row_begin:row_end] = 0.0
        for n in range(starts[band], starts[band + 1]):
            i = point_of_band[n]
            x, y, r = pixels[i, 0], pixels[i, 1], radii[i]
            zi = np.float32(z[i])
            # Rows and columns whose centre (+0.5) can be closer than r.
            for row in range(
                max(row_begin, int(np.ceil(y - r - 0.5))), min(row_end - 1, int(np.floor(y + r - 0.5))) + 1
            ):
                dy = row + 0.5 - y
                for col in range(max(0, int(np.ceil(x - r - 0.5))), min(width - 1, int(np.floor(x + r - 0.5))) + 1):
                    dx = col + 0.5 - x
                    d2 = dx * dx + dy * dy
                    if d2 >= r * r or zi >= depth[row, col, nearest - 1]:
                        continue
                    k = nearest - 1
                    while k > 0 and depth[row, col, k - 1] > zi:
                        depth[row, col, k] = depth[row, col, k - 1]
                        index[row, col, k] = index[row, col, k - 1]
                        dist2[row, col, k] = dist2[row, col, k - 1]
                        k -= 1
                    depth[row, col, k], index[row, col, k], dist2[row, col, k] = zi, i, d2


@njit(cache=True, nogil=True)
def _weigh(
    index: np.ndarray,
    depth: np.ndarray,
    dist2: np.ndarray,
    radii: np.ndarray,
    opacity: np.ndarray,
    gap: float,
    w: np.ndarray,
) -> int:
    """Front-to-back weights of one pixel's fragments into w (K,), their own opacity left out; returns their number."""
    before, transmittance, opaque, first = 1.0, 1.0, 0.0, 0
    for k in range(len(index)):
        if index[k] < 0:
            return k
        if depth[k] > depth[first] * gap:
            coverage = 1.0 - transmittance
            gain = min(1.0 / coverage, SURFACE_GAIN)
            for j in range(first, k):
                w[j] *= gain
            before *= 1.0 - opaque * gain
            if before <= 1e-7:
                return k
            transmittance, opaque, first = 1.0, 0.0, k
        a = 1.0 - dist2[k] / (radii[index[k]] * radii[index[k]])
        w[k] = before * transmittance * a
        opaque += transmittance * a * opacity[index[k]]
        transmittance *= 1.0 - a
    return len(index)


@njit(cache=True, nogil=True)
def _share_sheets(
    index: np.ndarray,
    depth: np.ndarray,
    dist2: np.ndarray,
    radii: np.ndarray,
    trust: np.ndarray,
    gaps: tuple[float, float],
    found: int,
    w: np.ndarray,
) -> None:
    """Give each sheet's weight in w (K,) to its fragments in proportion to coverage times trust."""
    surface_gap, sheet_gap = gaps
    start = surface = 0
    while start < found:
        if depth[start] > depth[surface] * surface_gap:
            surface = start
        farthest = min(depth[start] * sheet_gap, depth[surface] * surface_gap)
        end, mass, total = start, 0.0, 0.0
        while end < found and (end == start or depth[end] <= farthest):
            i = index[end]
            mass += w[end]
            total += (1.0 - dist2[end] / (radii[i] * radii[i])) * trust[i]
            end += 1
        if end > start + 1 and total > 0.0:
            for k in range(start, end):
                i = index[k]
                w[k] = mass * (1.0 - dist2[k] / (radii[i] * radii[i])) * trust[i] / total
        start = end


@njit(cache=True, nogil=True, parallel=True)
def composite_kernel(
    index: np.ndarray,
    depth: np.ndarray,
    dist2: np.ndarray,
    radii: np.ndarray,
    trust: np.ndarray,
    opacity: np.ndarray,
    features: np.ndarray,
    gaps: tuple[float, float],
    out: np.ndarray,
    alpha: np.ndarray,
) -> None:
    """Front-to-back 'over' of features (N, C) into out (H, W, C), premultiplied, and alpha (H, W).

    `gaps` are the surface gap and the sheet gap. Fragments more than the first times as far as the first one of a
    surface lie behind that surface, and see it with `SURFACE_GAIN` times its coverage; with inf everything is one
    surface: plain 'over'. A surface is as opaque as its fragments are on the mean. Fragments within the second times
    the depth of the nearest share their weight; 0 is none.
    """
    surface_gap, sheet_gap = gaps
    height, width, nearest = index.shape
    channels = features.shape[1]
    for row in prange(height):
        w = np.empty(nearest)
        for col in range(width):
            found = _weigh(index[row, col], depth[row, col], dist2[row, col], radii, opacity, surface_gap, w)
            if sheet_gap > 0.0:
                _share_sheets(index[row, col], depth[row, col], dist2[row, col], radii, trust, gaps, found, w)
            total = 0.0
            for k in range(found):
                seen = w[k] * opacity[index[row, col, k]]
                weight = np.float32(seen)
                total += seen
                for c in range(channels):
                    out[row, col, c] += weight * features[index[row, col, k], c]
            alpha[row, col] = total


@njit(cache=True, nogil=True)
def count_kernel(index: np.ndarray, num_points: int) -> int:
    """How many different points index (H, W, K) names; a pixel's list ends at its first -1."""
    seen = np.zeros(num_points, np.bool_)
    height, width, nearest = index.shape
    for row in range(height):
        for col in range(width):
            for k in range(nearest):
                if index[row, col, k] < 0:
                    break
                seen[index[row, col, k]] = True
    return seen.sum()


def rasterize_kernel(
    pixels: np.ndarray, z: np.ndarray, radii: np.ndarray, height: int, width: int, nearest: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The `nearest` points of each pixel: index (H, W, K) int32, -1 none; z and squared distance, float32.

    Args:
        pixels: image positions (N, 2) float64, pixel centres at +0.5. z: (N,). radii: (N,) in pixels.
    """
    index = np.empty((height, width, nearest), np.int32)
    depth = np.empty((height, width, nearest), np.float32)
    dist2 = np.empty((height, width, nearest), np.float32)
    starts, point_of_band = _bin_points(pixels[:, 1], z, radii, height)
    _rasterize_bands(pixels, z, radii, starts, point_of_band, index, depth, dist2)
    return index, depth, dist2
