"""Periodic noise, the stuff of hills, clouds, waves, and textures."""

import numpy as np

RELIEF_SIZE = 512


def fractal_tile(rng: np.random.Generator, size: int, roughness: float, *, lowest: float = 1.0) -> np.ndarray:
    """Periodic noise (size, size) float32 of zero mean and unit deviation.

    Args:
        roughness: exponent of the power spectrum: 0 is grain, 3 is smooth hills.
        lowest: waves longer than size / lowest are damped.
    """
    return fractal_stretched(rng, size, roughness, 1.0, lowest=lowest)


def fractal_stretched(
    rng: np.random.Generator, size: int, roughness: float, stretch: float, *, lowest: float = 1.0
) -> np.ndarray:
    """The same with structures `stretch` times as long along y, as streaks of falling water are."""
    f = np.fft.fftfreq(size) * size
    fx, fy = np.meshgrid(f, f)
    radius = np.hypot(fx, fy * stretch)
    radius[0, 0] = np.inf
    spectrum = np.maximum(radius, 1e-3) ** (-roughness / 2 - 0.5)
    spectrum[radius < lowest] *= 0.3
    noise = np.fft.ifft2(spectrum * np.exp(2j * np.pi * rng.random((size, size)))).real
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)
