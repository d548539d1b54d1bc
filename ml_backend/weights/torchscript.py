"""Opening TorchScript, which is a program: only a file that the catalog knows by digest, or that the user trusts."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from ml_backend.errors import WeightsMismatch
from ml_backend.weights.catalog import CATALOG, WeightFile, WeightSpec
from ml_backend.weights.digest import check_file, sha256_of


def recognise(path: Path, catalog: Sequence[WeightSpec] = CATALOG) -> str | None:
    """The name of the row that this TorchScript file belongs to, by its digest; None where it belongs to none.

    Raises:
        WeightsMismatch: there is no such file.
    """
    for spec in catalog:
        for file in spec.files:
            if file.content == "torchscript" and _is(path, file):
                return spec.name
    return None


def refusal(path: Path, catalog: Sequence[WeightSpec] = CATALOG) -> WeightsMismatch:
    """Why a file that was not recognised is not opened."""
    known = [f"{f.name} ({_pin(f)})" for spec in catalog for f in spec.files if f.content == "torchscript"]
    return WeightsMismatch(
        f"{path.name} may hold any program and is none that we know: expected {' or '.join(known)}, "
        f"found sha256 {sha256_of(path)}.",
        hint="Get the file from where `weights info` says; or, if you trust its origin, say what it is: "
        "--trust-inpainting-model lama or mi-gan.",
    )


def open_script(path: Path) -> nn.Module:
    """Run what loads the module, on the CPU; the caller has made sure of the file. Raises WeightsMismatch."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # published inpainters come in this format
            return torch.jit.load(str(path), map_location="cpu").eval()
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WeightsMismatch(
            f"{path.name} cannot be loaded: expected TorchScript, found a file that is none ({reason}).",
            hint="Choose an inpainter such as big-lama.pt, or get the file again.",
        ) from error


def _is(path: Path, file: WeightFile) -> bool:
    if file.sha256 is None and file.md5 is None:
        return False  # nothing to recognise it by
    try:
        check_file(path, file)
    except WeightsMismatch:
        return False
    except OSError as error:
        raise WeightsMismatch(
            f"{path} cannot be read ({error.strerror}).", hint="Check the path and its spelling."
        ) from error
    return True


def _pin(file: WeightFile) -> str:
    return f"sha256 {file.sha256}" if file.sha256 else f"md5 {file.md5}"
