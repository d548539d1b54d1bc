"""Which depth comes with the project: our small network, and the rule for landscapes where its file is broken."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torch import Tensor

from ml_backend.depth.prior import landscape_disparity
from ml_backend.depth.small_disparity import small_disparity
from ml_backend.depth.small_net import SmallDepthNet
from ml_backend.errors import WeightsMismatch
from ml_backend.weights.checkpoint import load_network
from ml_backend.weights.location import BUILTIN

FILE = BUILTIN / "depth.safetensors"


@dataclass(frozen=True, slots=True)
class EmbeddedDepth:
    """What estimates disparity (H, W) of a photo (3, H, W).

    name: for people; key: changes when other depth would come of it; warning: why it is not what it should be.
    """

    estimate: Callable[[Tensor], Tensor]
    name: str
    key: str
    warning: str = ""


RULE = EmbeddedDepth(landscape_disparity, "embedded rule for landscapes", "rule")


@cache
def embedded_depth(path: Path = FILE) -> EmbeddedDepth:
    """Our network; the rule, with a warning that names the file, where it cannot be used."""
    try:
        network = load_network(SmallDepthNet(), path)
    except WeightsMismatch as error:
        warning = f"{error.message} The depth is the embedded rule's. Install the project again to get the file back."
        return EmbeddedDepth(RULE.estimate, RULE.name, RULE.key, warning)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return EmbeddedDepth(small_disparity(network), "embedded network", f"embedded {digest}")
