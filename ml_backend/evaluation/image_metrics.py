"""How far a picture is from the truth: PSNR, SSIM, FLIP, and sharpness, on all pixels or inside a region.

Convention: pictures are (H, W, 3) float32 sRGB in [0, 1]; a region is (H, W) bool. A region without pixels has no
value: None, never 0.
"""

import numpy as np

from ml_backend.errors import MissingDependency

PSNR_CEILING = 120.0  # dB, of two equal pictures: a mean over frames needs a number where the true value is infinite

_SSIM_WINDOW = 7  # scikit-image's default: a flat window of 7 x 7
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_EXTRA_HINT = "Install the extra `evaluate`: pip install 'cinemagraph-backend[evaluate]'."


def psnr(picture: np.ndarray, truth: np.ndarray, region: np.ndarray | None = None) -> float | None:
    """Peak signal-to-noise ratio in dB over a region, all channels together; at most `PSNR_CEILING`."""
    squares = (picture.astype(np.float64) - truth) ** 2
    chosen = squares if region is None else squares[region]
    if chosen.size == 0:
        return None
    return float(-10 * np.log10(chosen.mean() + 10 ** (-PSNR_CEILING / 10)))


def ssim_map(picture: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Structural similarity (H, W) of each window, mean of the channels; NaN where the window leaves the picture.

    Wang et al. 2004 in scikit-image's form: its mean over the numbers is `structural_similarity(..., channel_axis=-1)`.

    Raises:
        MissingDependency: scikit-image is not installed.
        ValueError: a side is shorter than the window.
    """
    try:
        from skimage.metrics import structural_similarity  # noqa: PLC0415  only measuring needs it
    except ImportError as error:
        raise MissingDependency("SSIM needs scikit-image, which is not installed.", hint=_EXTRA_HINT) from error
    _, full = structural_similarity(
        picture.astype(np.float64), truth.astype(np.float64), channel_axis=-1, data_range=1.0, full=True
    )
    similarity = np.full(full.shape[:2], np.nan)
    edge = _SSIM_WINDOW // 2
    similarity[edge:-edge, edge:-edge] = full[edge:-edge, edge:-edge].mean(axis=-1)
    return similarity


def flip_map(picture: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """LDR-FLIP error (H, W) in [0, 1] (Andersson et al. 2020), at its default of 67 pixels per degree.

    Raises:
        MissingDependency: flip-evaluator is not installed.
    """
    try:
        import flip_evaluator  # noqa: PLC0415  only measuring needs it
    except ImportError as error:
        raise MissingDependency("FLIP needs flip-evaluator, which is not installed.", hint=_EXTRA_HINT) from error
    reference, test = (np.ascontiguousarray(p, dtype=np.float32) for p in (truth, picture))
    error_map, _, _ = flip_evaluator.evaluate(reference, test, "LDR", applyMagma=False, computeMeanError=False)
    return error_map[..., 0]


def mean_inside(values: np.ndarray, region: np.ndarray | None = None) -> float | None:
    """Mean of a map (H, W) over a region; NaN in the map counts as outside; None where nothing is left."""
    known = ~np.isnan(values) if region is None else region & ~np.isnan(values)
    return float(values[known].mean()) if known.any() else None


def gradient_energy(picture: np.ndarray, region: np.ndarray | None = None) -> float | None:
    """Mean squared gradient of luma, in 1 / pixel^2: what blur and double exposure take away."""
    down, right = np.gradient((picture @ LUMA).astype(np.float64))
    return mean_inside(down**2 + right**2, region)
