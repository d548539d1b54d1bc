"""A trained inpainter from a TorchScript file, for the colours that a layer hides (Sec. 3.3): big-LaMa or MI-GAN.

Conventions, as their authors' demos call them:

lama    image (1, 3, H, W) in [0, 1] and mask (1, 1, H, W), 1 where it is to fill; sides are multiples of 8.
        Gives the image in [0, 1].
mi-gan  one input (1, 4, 512, 512): 0.5 minus the mask, then the image in [-1, 1], 0 where it is to fill.
        Gives the image in [-1, 1].
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.weights.catalog import CATALOG, WeightSpec
from ml_backend.weights.torchscript import open_script, recognise, refusal

ColorInpainter = Callable[[Tensor, Tensor], Tensor]
"""image (3, H, W) in [0, 1], known (H, W) bool -> image (3, H, W) in [0, 1], filled where nothing is known."""

Convention = Literal["lama", "mi-gan"]

_CONVENTIONS: dict[str, Convention] = {"big-lama": "lama", "mi-gan": "mi-gan"}
_MULTIPLE = 8
_SIDE = 512
_EXPECTED = "Choose big-lama.pt or migan_traced.pt, or say rightly what the file is."


def load_inpainter(path: Path, *, trusted_as: str = "", catalog: Sequence[WeightSpec] = CATALOG) -> ColorInpainter:
    """The inpainter of a TorchScript file.

    Args:
        trusted_as: the convention of a file that the catalog does not know and that the user trusts; "" trusts none.

    Raises:
        WeightsMismatch: the file is not known, or no inpainter; it is named. Nothing in an unknown file is run.
        BadInput: there is no such convention.
    """
    if trusted_as and trusted_as not in get_args(Convention):
        raise BadInput(f"There is no inpainter {trusted_as!r}.", hint=f"Say {' or '.join(get_args(Convention))}.")
    name = recognise(path, catalog)
    if name is None and not trusted_as:
        raise refusal(path, catalog)
    network = open_script(path)
    inpaint = _by_lama if (_CONVENTIONS[name] if name else trusted_as) == "lama" else _by_migan
    return lambda image, known: inpaint(network, image, known, path.name)


def _by_lama(network: nn.Module, image: Tensor, known: Tensor, name: str) -> Tensor:
    height, width = known.shape
    pad = (0, -width % _MULTIPLE, 0, -height % _MULTIPLE)
    mask = F.pad((~known)[None, None].to(image.dtype), pad, mode="replicate")
    padded = F.pad((image * known)[None], pad, mode="replicate")
    return _checked(network, (padded, mask), padded.shape, name)[0, :, :height, :width].clamp(0, 1)


def _by_migan(network: nn.Module, image: Tensor, known: Tensor, name: str) -> Tensor:
    """Reduced or enlarged to 512 pixels, made square by its edge; a pixel that is partly unknown is unknown."""
    height, width = known.shape
    scale = _SIDE / max(height, width)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    pad = (0, _SIDE - size[1], 0, _SIDE - size[0])
    share = _resized(known[None].to(image.dtype), size)
    small = _resized(image * known, size) / share.clamp(min=1e-6)
    mask = F.pad((share < 1 - 1e-4).to(image.dtype)[None], pad, mode="replicate")  # (1, 1, 512, 512)
    photo = F.pad((2 * small.clamp(0, 1) - 1)[None], pad, mode="replicate")
    filled = _checked(network, (torch.cat([0.5 - mask, photo * (1 - mask)], dim=1),), photo.shape, name)
    square = (filled[:, :, : size[0], : size[1]] + 1) / 2
    enlarged = F.interpolate(square, size=(height, width), mode="bicubic", align_corners=False)[0]
    return torch.where(known, image, enlarged.clamp(0, 1))


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(values[None], size=size, mode="bilinear", align_corners=False, antialias=True)[0]


def _checked(network: nn.Module, given: tuple[Tensor, ...], expected: torch.Size, name: str) -> Tensor:
    shapes = " and ".join(str(tuple(tensor.shape)) for tensor in given)
    try:
        filled = network(*given)
    except RuntimeError as error:
        raise WeightsMismatch(f"{name} is no such inpainter: it does not take {shapes}.", hint=_EXPECTED) from error
    if not isinstance(filled, Tensor) or filled.shape != expected:
        found = tuple(filled.shape) if isinstance(filled, Tensor) else type(filled).__name__
        raise WeightsMismatch(f"{name} gave {found}, expected {tuple(expected)}.", hint=_EXPECTED)
    if not bool(torch.isfinite(filled).all()):
        raise WeightsMismatch(
            f"{name} gave values that are no numbers, expected a picture.", hint="Get the file again."
        )
    return filled
