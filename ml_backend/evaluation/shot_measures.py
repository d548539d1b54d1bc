"""All measures of one picture against its truth, in each region of the view."""

import numpy as np

from ml_backend.evaluation.image_metrics import flip_map, gradient_energy, mean_inside, psnr, ssim_map
from ml_backend.evaluation.perceptual import PerceptualMap
from ml_backend.evaluation.projection import Regions
from ml_backend.evaluation.sample import Truth
from ml_backend.evaluation.texture_metrics import patch_distance

REGIONS = ("all", "valid", "disoccluded", "border", "fluid", "still")
_LEAST_ENERGY = 1e-8  # of the truth's gradients: smoother regions have no sharpness to keep


def measure_shot(
    picture: np.ndarray, truth: Truth, regions: Regions, perceptual: PerceptualMap | None
) -> dict[str, float | None]:
    """Measures by "metric/region"; None where a region has no pixel (or, of LPIPS, where it cannot run).

    sharpness is the gradient energy over the truth's: below 1 is blurred, above 1 is too busy. patches is the patch
    distance to the truth's texture in the same region.
    """
    maps = {"ssim": ssim_map(picture, truth.image), "flip": flip_map(picture, truth.image).astype(np.float64)}
    if perceptual:
        maps["lpips"] = perceptual(picture, truth.image).astype(np.float64)
    measures: dict[str, float | None] = {}
    for name in REGIONS:
        region = _region(regions, name, truth)
        measures[f"psnr/{name}"] = psnr(picture, truth.image, region)
        for metric, values in maps.items():
            measures[f"{metric}/{name}"] = mean_inside(values, region)
        measures[f"sharpness/{name}"] = _sharpness(picture, truth.image, region)
        whole = np.ones(picture.shape[:2], bool) if region is None else region
        measures[f"patches/{name}"] = patch_distance(picture, whole, truth.image, whole)
    return measures


def _region(regions: Regions, name: str, truth: Truth) -> np.ndarray | None:
    if name == "all":
        return truth.known
    region: np.ndarray = getattr(regions, name)
    return region if truth.known is None else region & truth.known


def _sharpness(picture: np.ndarray, truth: np.ndarray, region: np.ndarray | None) -> float | None:
    wanted, found = gradient_energy(truth, region), gradient_energy(picture, region)
    return found / wanted if wanted is not None and found is not None and wanted > _LEAST_ENERGY else None
