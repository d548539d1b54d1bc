"""What fills hidden parts where no model is named: our small network, or the smooth continuation."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ml_backend.errors import WeightsMismatch
from ml_backend.ldi.inpainting import LayerFill, continue_layer
from ml_backend.ldi.small_fill import layer_fill
from ml_backend.ldi.small_nets import SmallInpaintingNet
from ml_backend.weights.checkpoint import load_network
from ml_backend.weights.location import BUILTIN

FILE = BUILTIN / "inpainting.safetensors"


@dataclass(frozen=True, slots=True)
class EmbeddedFill:
    """What fills layers.

    name: for people; key: changes when other layers would come of it; warning: why it is not what it should be.
    """

    fill: LayerFill
    name: str
    key: str
    warning: str = ""


CONTINUATION = EmbeddedFill(continue_layer, "smooth continuation", "continuation")


@cache
def embedded_fill(path: Path = FILE) -> EmbeddedFill:
    """Our network; the smooth continuation, with a warning that names the file, where it cannot be used."""
    try:
        network = load_network(SmallInpaintingNet(), path)
    except WeightsMismatch as error:
        mend = "Install the project again to get the file back."
        warning = f"{error.message} Hidden parts are continued smoothly. {mend}"
        return EmbeddedFill(CONTINUATION.fill, CONTINUATION.name, CONTINUATION.key, warning)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return EmbeddedFill(layer_fill(network), "embedded network", f"embedded {digest}")
