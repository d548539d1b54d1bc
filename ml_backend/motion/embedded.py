"""The motion network that comes with the project, and when it is used."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ml_backend.errors import WeightsMismatch
from ml_backend.motion.small_net import SmallMotionNet
from ml_backend.structures import MotionMethod
from ml_backend.weights.checkpoint import load_network
from ml_backend.weights.location import BUILTIN

FILE = "motion.safetensors"
AUTO: MotionMethod = "network"  # the better one by the figures in weights/builtin/motion.md


@dataclass(frozen=True, slots=True)
class EmbeddedMotion:
    """The network, or None and a sentence that says why its file cannot be used."""

    network: SmallMotionNet | None
    warning: str = ""


def motion_network(method: MotionMethod, folder: Path = BUILTIN) -> SmallMotionNet | None:
    """The network that a method asks for, None where the solver works without one.

    Raises:
        WeightsMismatch: the network was asked for by name, and its file cannot be used.
    """
    match method:
        case "network":
            return load_embedded(folder)
        case "auto" if AUTO == "network":
            return embedded_motion(folder).network
    return None


def auto_warning(folder: Path = BUILTIN) -> str:
    """Why the solver works alone though the network was meant to help, or ""."""
    return embedded_motion(folder).warning if AUTO == "network" else ""


@cache
def embedded_motion(folder: Path = BUILTIN) -> EmbeddedMotion:
    """The network; where its file is broken, the reason, and the solver works alone."""
    try:
        return EmbeddedMotion(load_embedded(folder))
    except WeightsMismatch as error:
        return EmbeddedMotion(None, f"{error.message} Motion is estimated without the network. {error.hint}")


@cache
def load_embedded(folder: Path = BUILTIN) -> SmallMotionNet:
    """The network from its file; raises WeightsMismatch, which says what was expected and found."""
    return load_network(SmallMotionNet(), folder / FILE)
