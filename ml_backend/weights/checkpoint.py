"""Reading weights without running what is in them.

safetensors hold nothing but tensors. Pickles are read by torch's own reader of tensors, which refuses every call of
code. TorchScript is code: it is only opened in `torchscript.py`, after its digest was checked.
"""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ml_backend.errors import WeightsMismatch

Network = TypeVar("Network", bound=nn.Module)
_GET_IT_AGAIN = "Get the file again from its authors; nothing in it was run."


def read_tensors(path: Path, *, part: str = "") -> dict[str, Tensor]:
    """All tensors of a checkpoint by name, on the CPU.

    Args:
        part: the entry of a checkpoint that holds several networks, "" where it holds one.

    Raises:
        WeightsMismatch: the file is missing, damaged, tries to run code, or holds something else.
    """
    content = _read(path)
    if part:
        if part not in content:
            raise WeightsMismatch(
                f"{path.name}: expected the entry {part!r}, found {_names(content)}.", hint="Choose the right file."
            )
        content = content[part]
    if not isinstance(content, Mapping) or not content or not all(isinstance(v, Tensor) for v in content.values()):
        found = _names(content) if isinstance(content, Mapping) else type(content).__name__
        raise WeightsMismatch(f"{path.name}: expected named tensors, found {found}.", hint="Choose the right file.")
    return {str(name): tensor for name, tensor in content.items()}


def load_strictly(network: nn.Module, tensors: Mapping[str, Tensor], origin: str) -> None:
    """Give a network its weights, all of them and none besides; `origin` is named in errors.

    Raises:
        WeightsMismatch: a name is missing or unknown, a shape differs, or a value is not finite.
    """
    expected = network.state_dict()
    for what, names in (
        ("missing", [name for name in expected if name not in tensors]),
        ("unknown", [name for name in tensors if name not in expected]),
    ):
        if names:
            raise _misfit(
                f"{origin}: {len(names)} of {len(expected)} weights are {what}, first is {names[0]!r}",
                f"expected e.g. {next(iter(expected))!r}, found e.g. {next(iter(tensors), 'nothing')!r}",
            )
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise _misfit(
                f"{origin}: {name} does not fit",
                f"expected shape {tuple(expected[name].shape)}, found {tuple(tensor.shape)}",
            )
        if tensor.is_floating_point() != expected[name].is_floating_point():
            raise _misfit(f"{origin}: {name} does not fit", f"expected {expected[name].dtype}, found {tensor.dtype}")
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            count = int((~torch.isfinite(tensor)).sum())
            raise _misfit(
                f"{origin}: {name} is broken", f"expected finite values, found {count} that are NaN or infinite"
            )
    network.load_state_dict(dict(tensors), strict=True)


def load_network(network: Network, path: Path) -> Network:
    """A network with the weights of its file, ready to be used and not to be trained.

    Raises:
        WeightsMismatch: the file is missing, damaged, or of another network; it names the file, expected, and found.
    """
    load_strictly(network, read_tensors(path), path.name)
    return network.eval().requires_grad_(False)


def _read(path: Path) -> Mapping[str, object]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():  # of other pickle protocols; what cannot be read is refused below
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise WeightsMismatch(f"There is no file {path}.", hint="Check the path and its spelling.") from error
    except pickle.UnpicklingError as error:
        reason = str(error).split("Please file an issue")[0]
        blocked = "Unsupported" in reason or "GLOBAL" in reason or "allowed" in reason
        what = "something that is not a tensor, which may be code" if blocked else "no checkpoint"
        raise WeightsMismatch(f"{path.name}: expected tensors only, found {what}.", hint=_GET_IT_AGAIN) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, SafetensorError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise WeightsMismatch(
            f"{path.name}: expected a checkpoint, found a file that cannot be read ({reason}).", hint=_GET_IT_AGAIN
        ) from error
    if not isinstance(content, Mapping):
        raise WeightsMismatch(
            f"{path.name}: expected named tensors, found {type(content).__name__}.", hint="Choose the right file."
        )
    return content


def _names(content: Mapping[str, object]) -> str:
    names = [str(name) for name in content]
    return "nothing" if not names else ", ".join(map(repr, names[:4])) + (", ..." if len(names) > 4 else "")


def _misfit(what: str, difference: str) -> WeightsMismatch:
    return WeightsMismatch(f"{what}: {difference}.", hint="The file belongs to another network or version.")
