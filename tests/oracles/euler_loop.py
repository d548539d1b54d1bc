"""Slow, obvious twin of motion/euler.py: one pixel after the other, float64."""

import numpy as np


def integrate_slowly(flow: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Offset (2, H, W) and valid (H, W) of a flow (2, H, W) after `steps` frames; negative follows -M."""
    _, height, width = flow.shape
    signed = flow.astype(np.float64) * (1 if steps >= 0 else -1)
    offset = np.zeros((2, height, width))
    valid = np.ones((height, width), dtype=bool)
    for row in range(height):
        for column in range(width):
            x, y = float(column), float(row)
            for _ in range(abs(steps)):
                u, v = _read(signed[0], x, y), _read(signed[1], x, y)
                x, y = x + u, y + v
                if not (-0.5 <= x < width - 0.5 and -0.5 <= y < height - 0.5):
                    valid[row, column] = False
            offset[:, row, column] = x - column, y - row
    return offset, valid


def _read(image: np.ndarray, x: float, y: float) -> float:
    height, width = image.shape
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    a, b = x - left, y - top
    upper = (1 - a) * image[top, left] + a * image[top, right]
    lower = (1 - a) * image[bottom, left] + a * image[bottom, right]
    return (1 - b) * upper + b * lower
