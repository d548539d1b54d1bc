"""A trained inpainter from a TorchScript file, such as big-LaMa, for the colours that a layer hides (Sec. 3.3).

Convention: the file's module maps an image (1, 3, H, W) in [0, 1] and a mask (1, 1, H, W), 1 where it is to fill, to an
image (1, 3, H, W) in [0, 1], for sides that are multiples of 8. TorchScript is code: choose only files you trust.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.errors import WeightsMismatch

ColorInpainter = Callable[[Tensor, Tensor], Tensor]
"""image (3, H, W) in [0, 1], known (H, W) bool -> image (3, H, W) in [0, 1], filled where nothing is known."""

_MULTIPLE = 8
_EXPECTED = "Expected a TorchScript inpainter that takes image and mask, such as big-lama.pt."


def load_inpainter(path: Path) -> ColorInpainter:
    """The inpainter of a TorchScript file; raises WeightsMismatch where it is none, naming the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # published inpainters come in this format
            # Runs what is in the file: the artist named it, and nothing is loaded that was not named.
            network = torch.jit.load(str(path), map_location="cpu").eval()
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WeightsMismatch(f"{path.name} cannot be loaded ({reason}).", hint=_EXPECTED) from error
    return lambda image, known: _inpaint(network, image, known, path.name)


def _inpaint(network: torch.nn.Module, image: Tensor, known: Tensor, name: str) -> Tensor:
    height, width = known.shape
    pad = (0, -width % _MULTIPLE, 0, -height % _MULTIPLE)
    mask = F.pad((~known)[None, None].to(image.dtype), pad, mode="replicate")
    padded = F.pad((image * known)[None], pad, mode="replicate")
    try:
        filled = network(padded, mask)
    except RuntimeError as error:
        raise WeightsMismatch(f"{name} does not take an image and a mask.", hint=_EXPECTED) from error
    if not isinstance(filled, Tensor) or filled.shape != padded.shape:
        found = tuple(filled.shape) if isinstance(filled, Tensor) else type(filled).__name__
        raise WeightsMismatch(f"{name} gave {found}, expected {tuple(padded.shape)}.", hint=_EXPECTED)
    if not bool(torch.isfinite(filled).all()):
        raise WeightsMismatch(f"{name} gave values that are no numbers.", hint="Get the file again.")
    return filled[0, :, :height, :width].clamp(0, 1)
