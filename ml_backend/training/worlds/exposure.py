"""From light to a picture, as a camera does it: exposure, saturation, a soft shoulder, a tone curve."""

from dataclasses import dataclass

import numpy as np

_SHOULDER = 0.8  # brighter than this is compressed instead of cut


@dataclass(frozen=True, slots=True)
class Exposure:
    """One for all views of a world; the defaults change nothing but the shoulder."""

    gain: float = 1.0
    saturation: float = 1.0
    gamma: float = 1.0


def choose_exposure(rng: np.random.Generator, light: np.ndarray) -> Exposure:
    """An exposure for a picture (H, W, 3) that makes its mean that of a photo, most of the way."""
    wanted, strength = rng.uniform(0.32, 0.58), rng.uniform(0.75, 1.0)
    gain = wanted / max(float(light.mean()), 0.02) * strength + 1 - strength
    return Exposure(float(gain), float(rng.uniform(0.55, 1.1)), float(rng.uniform(0.85, 1.15)))


def develop(light: np.ndarray, exposure: Exposure) -> np.ndarray:
    """Picture (H, W, 3) float32 in [0, 1] of light (H, W, 3)."""
    grey = light.mean(-1, keepdims=True)
    x = np.maximum(grey + (light - grey) * exposure.saturation, 0) * exposure.gain
    above = np.maximum(x - _SHOULDER, 0)
    x = np.minimum(x, _SHOULDER) + (1 - _SHOULDER) * np.tanh(0.8 * above / (1 - _SHOULDER))
    return (np.clip(x, 0, 1) ** exposure.gamma).astype(np.float32)
