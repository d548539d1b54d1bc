"""Which depth a photo without a depth map gets: a named model, the best one installed, or the embedded network."""

import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ml_backend.depth.embedded import RULE, EmbeddedDepth, embedded_depth
from ml_backend.depth.estimate import DisparityEstimator
from ml_backend.depth.hugging_face import load_estimator
from ml_backend.errors import WeightsMismatch
from ml_backend.structures import Networks
from ml_backend.weights.catalog import find
from ml_backend.weights.location import weights_folder
from ml_backend.weights.store import is_installed, read_record

_log = logging.getLogger(__name__)

_READER = "transformers"
_BY_NETWORKS: dict[Networks, tuple[str, ...]] = {
    "own": ("depth-anything-v2-small", "dpt-hybrid"),
    "paper": ("dpt-hybrid", "depth-anything-v2-small"),
}


@dataclass(frozen=True, slots=True)
class DepthChoice:
    """name: for people; key: changes when other depth would come of it; warning: why it is not what was installed."""

    name: str
    key: str
    folder: Path | None = None
    is_installed: bool = False
    warning: str = ""
    embedded: EmbeddedDepth = RULE


def choose_depth(
    given: Path | None = None,
    networks: Networks = "own",
    *,
    only_rule: bool = False,
    root: Path | None = None,
    can_read: Callable[[], bool] = lambda: importlib.util.find_spec(_READER) is not None,
) -> DepthChoice:
    """What estimates depth: `given`, else what is installed and best for these networks, else what is embedded.

    Args:
        only_rule: no network at all, the rule for landscapes.
    """
    if only_rule:
        return DepthChoice(RULE.name, RULE.key)
    if given is not None:
        return DepthChoice(f"the model in {given}", repr(given), given)
    root = root or weights_folder()
    for name in _BY_NETWORKS[networks]:
        if not is_installed(find(name), root):
            continue
        if not can_read():
            missing = f"{name} is installed, but its reader is not. Run: pip install {_READER}."
            return _embedded(missing)
        digests = ",".join(file.sha256 for file in read_record(find(name), root))
        return DepthChoice(name, f"{name} {digests}", root / name, is_installed=True)
    return _embedded()


def load_depth(choice: DepthChoice) -> DisparityEstimator:
    """The estimator of a choice; the log says which.

    Raises:
        MissingDependency: its reader is not installed. WeightsMismatch: its files are damaged.
    """
    _log.info("depth: %s", choice.name)
    if choice.folder is None:
        return choice.embedded.estimate
    try:
        return load_estimator(choice.folder)
    except WeightsMismatch as error:
        if not choice.is_installed:
            raise
        raise WeightsMismatch(
            error.message,
            hint=f"Fetch it again, or remove it: python -m ml_backend weights remove {choice.name}.",
        ) from error


def _embedded(warning: str = "") -> DepthChoice:
    embedded = embedded_depth()
    warnings = " ".join(text for text in (warning, embedded.warning) if text)
    return DepthChoice(embedded.name, embedded.key, warning=warnings, embedded=embedded)
