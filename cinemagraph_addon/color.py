"""Colour and row order between the backend and Blender. No bpy.

Backend: display-referred sRGB in [0, 1], row 0 on top. Blender: scene linear Rec. 709, row 0 at the bottom. The curve
is the exact inverse of Blender's "Standard" view transform, so that an 8-bit file gives the same values back.
"""

import numpy as np

_KNEE_SRGB = 0.04045
_KNEE_LINEAR = 0.0031308


def srgb_to_linear(srgb: np.ndarray) -> np.ndarray:
    """Scene linear float32 values of sRGB values in [0, 1], any shape."""
    srgb = np.asarray(srgb, dtype=np.float32)
    curve = ((np.maximum(srgb, _KNEE_SRGB) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(srgb <= _KNEE_SRGB, srgb / np.float32(12.92), curve)


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """sRGB float32 values of scene linear values in [0, 1], any shape."""
    linear = np.asarray(linear, dtype=np.float32)
    curve = np.maximum(linear, _KNEE_LINEAR) ** np.float32(1 / 2.4) * np.float32(1.055) - np.float32(0.055)
    return np.where(linear <= _KNEE_LINEAR, linear * np.float32(12.92), curve)


def srgb8_to_linear(srgb: np.ndarray) -> np.ndarray:
    """Scene linear float32 values of 8-bit sRGB values, any shape; ten times quicker than the formula."""
    table = srgb_to_linear(np.arange(256, dtype=np.float32) / 255)
    return table[srgb]


def flip_rows(image: np.ndarray) -> np.ndarray:
    """(H, W, ...) with the rows the other way up, contiguous as `foreach_set` needs it; its own inverse."""
    return np.ascontiguousarray(image[::-1])
