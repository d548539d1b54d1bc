"""Weights made from nothing but their names and shapes, as for the stored outputs of the authors' networks."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

SHARED = Path(__file__).resolve().parents[3] / "shared"


def golden_tensors(network: str) -> dict[str, Tensor]:
    """Every entry of the authors' state dict by its official name."""
    listing = json.loads((SHARED / "reference_state_dicts" / f"{network}.json").read_text(encoding="utf-8"))
    return {name: _tensor(name, tuple(entry["shape"])) for name, entry in listing["tensors"].items()}


def golden_input(seed: int, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.random.RandomState(seed).uniform(0, 1, shape).astype(np.float32))


def golden_outputs(name: str) -> dict[str, np.ndarray]:
    with np.load(SHARED / "golden" / f"{name}.npz") as file:
        return dict(file)


def _tensor(name: str, shape: tuple[int, ...]) -> Tensor:
    if "num_batches_tracked" in name:
        return torch.zeros(shape, dtype=torch.int64)
    random = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF).standard_normal(shape)
    return torch.from_numpy(np.asarray(_values(name, shape, np.asarray(random)), dtype=np.float32))


def _values(name: str, shape: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    last = name.rsplit(".", maxsplit=1)[-1]
    for applies, values in (
        ("mask_conv" in name, lambda: np.ones(shape)),
        (name == "scratch.output_conv.4.bias", lambda: np.full(shape, 3.0)),
        (last in {"weight_u", "weight_v"}, lambda: x / np.linalg.norm(x)),
        (last == "running_mean", lambda: 0.1 * x),
        (last == "running_var", lambda: 1 + 0.1 * np.abs(x)),
        ("alpha" in name, lambda: np.full(shape, 1.3)),
        (len(shape) >= 2, lambda: x * np.sqrt(1 / np.prod(shape[1:]))),
        (last == "weight" and shape == (1,), lambda: np.full(shape, 0.25)),
        (last == "weight", lambda: 1 + 0.1 * x),
    ):
        if applies:
            return values()
    return 0.1 * x
