"""Depth models of Hugging Face's `transformers` from a folder on disk: DPT (hybrid too) and Depth Anything V2.

A folder is what `save_pretrained` writes or a hub snapshot holds: config.json, preprocessor_config.json, and
model.safetensors; or DPT-Hybrid's own checkpoint, a .pt file, in the place of the latter. Nothing is downloaded here.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from ml_backend.depth.dpt_hybrid import load_dpt_hybrid
from ml_backend.depth.estimate import DisparityEstimator
from ml_backend.errors import MissingDependency, WeightsMismatch

_NEVER_READ = "fusion_stage.layers.0.residual_layer1."  # transformers makes it, DPT checkpoints rightly lack it


@dataclass(frozen=True, slots=True)
class _Preprocessing:
    """How the network wants its input: size, multiples of `multiple`, normalised colours.

    DPT reads one size (height, width) only, whatever the photo's; Depth Anything keeps the photo's proportions.
    """

    size: tuple[int, int]
    keeps_proportions: bool
    multiple: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def load_estimator(folder: Path) -> DisparityEstimator:
    """A depth model as a function photo (3, H, W) -> disparity (H, W).

    Raises:
        MissingDependency: `transformers` is not installed. WeightsMismatch: the folder is not a depth model.
    """
    try:
        import transformers  # noqa: F401, PLC0415  optional, and slow to import
    except ImportError as error:
        raise MissingDependency(
            "Depth models need the package transformers.", hint="Run: pip install 'cinemagraph-backend[depth]'."
        ) from error
    try:
        preprocessing = _read_preprocessing(folder)
        network = _official(folder) or _saved(folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        is_file_error = isinstance(error, OSError) and error.strerror
        reason = f"{error.filename}: {error.strerror}" if is_file_error else str(error).splitlines()[0]
        raise WeightsMismatch(
            f"{folder} does not hold a depth model ({reason}).",
            hint="Give the folder with config.json, preprocessor_config.json and model.safetensors.",
        ) from error
    is_metric = getattr(network.config, "depth_estimation_type", "relative") == "metric"

    def estimate(image: Tensor) -> Tensor:
        predicted = _run(network, image, preprocessing)
        return 1 / predicted.clamp(min=1e-6) if is_metric else predicted

    return estimate


def _official(folder: Path) -> nn.Module | None:
    """DPT-Hybrid's own checkpoint, if the folder holds one and nothing that `transformers` reads by itself."""
    checkpoints = sorted(folder.glob("dpt_hybrid*.pt"))
    if not checkpoints or (folder / "model.safetensors").exists():
        return None
    return load_dpt_hybrid(folder / "config.json", checkpoints[0])


def _saved(folder: Path) -> nn.Module:
    from transformers import AutoModelForDepthEstimation  # noqa: PLC0415

    network, report = AutoModelForDepthEstimation.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,  # a folder can bring Python of its own; else it would be asked about on stdin
        output_loading_info=True,
    )
    _check_complete(report["missing_keys"])
    _check_finite(network)
    return network.eval()


def _check_finite(network: nn.Module) -> None:
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name} has values that are NaN or infinite")


def _check_complete(missing_keys: Collection[str]) -> None:
    """Weights that a file lacks would be drawn at random."""
    missing = sorted(key for key in missing_keys if _NEVER_READ not in key)
    if missing:
        raise ValueError(f"{len(missing)} weights are missing, first is {missing[0]!r}")


@torch.inference_mode()
def _run(network: nn.Module, image: Tensor, preprocessing: _Preprocessing) -> Tensor:
    height, width = image.shape[-2:]
    size = _network_size(height, width, preprocessing)
    small = F.interpolate(image[None], size=size, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
    mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1)
    std = torch.tensor(preprocessing.std).view(1, 3, 1, 1)
    predicted = network(pixel_values=(small - mean) / std).predicted_depth  # (1, h, w)
    return F.interpolate(predicted[:, None], size=(height, width), mode="bicubic", align_corners=False)[0, 0].clone()


def _network_size(height: int, width: int, preprocessing: _Preprocessing) -> tuple[int, int]:
    """The size asked for; or the short side at it, the long one in proportion, both whole multiples."""
    if not preprocessing.keeps_proportions:
        return preprocessing.size
    scale = min(preprocessing.size) / min(height, width)
    multiple = preprocessing.multiple
    return tuple(max(multiple, round(side * scale / multiple) * multiple) for side in (height, width))


def _read_preprocessing(folder: Path) -> _Preprocessing:
    values = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    size = values["size"]
    return _Preprocessing(
        size=(size, size) if isinstance(size, int) else (int(size["height"]), int(size["width"])),
        keeps_proportions=bool(values.get("keep_aspect_ratio", False)),
        multiple=int(values.get("ensure_multiple_of", 1)),
        mean=tuple(values["image_mean"]),
        std=tuple(values["image_std"]),
    )
