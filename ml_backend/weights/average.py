"""The mean of the weights of two trainings of one network.

Where one began with the other's weights, the mean is often better than either on pictures unlike those that were
trained on, and costs nothing (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from ml_backend.atomic_file import replacing
from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.weights.checkpoint import read_tensors

_SUFFIX = ".safetensors"


def average_weights(first: Path, second: Path, share: float, out: Path) -> None:
    """Write `share` of the second file's weights and the rest of the first one's, in the precision of the first.

    Whole numbers (counts of batches) are the second's. What the two files tell of their trainings is kept beside them.

    Raises:
        BadInput: the share is not in [0, 1], or a file is no safetensors. BadOutput: the file cannot be written.
        WeightsMismatch: a file is missing or damaged, or the two are of different networks.
    """
    if not 0 <= share <= 1:
        raise BadInput(f"A share of {share:g} is not from 0 to 1.", hint="Use --share 0.5 for the plain mean.")
    for path in (first, second, out):
        if path.suffix != _SUFFIX:
            raise BadInput(f"{path.name}: expected a {_SUFFIX} file.", hint="Average what `train` has written.")
    a, b = read_tensors(first), read_tensors(second)
    _check_alike(a, b, first, second)
    mixed = {name: _mean(a[name], b[name], share) for name in a}
    parts = [{"file": path.name, "share": part, **_about(path)} for path, part in ((first, 1 - share), (second, share))]
    about = {name: value for name, value in _about(second).items() if name in ("network", "stage")}
    with replacing(out) as partial:
        save_file(mixed, partial, about | {"averaged": json.dumps(parts)})


def _check_alike(a: Mapping[str, Tensor], b: Mapping[str, Tensor], first: Path, second: Path) -> None:
    shapes = [{name: tuple(tensor.shape) for name, tensor in weights.items()} for weights in (a, b)]
    if shapes[0] != shapes[1]:
        name = next(n for n in {**shapes[0], **shapes[1]} if shapes[0].get(n) != shapes[1].get(n))
        raise WeightsMismatch(
            f"{first.name} and {second.name} are of different networks: {name} has {shapes[0].get(name, 'no place')} "
            f"and {shapes[1].get(name, 'no place')}.",
            hint="Average two trainings of one network.",
        )


def _mean(first: Tensor, second: Tensor, share: float) -> Tensor:
    if not first.is_floating_point():
        return second
    return torch.lerp(first.double(), second.double(), share).to(first.dtype)


def _about(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return dict(file.metadata() or {})
