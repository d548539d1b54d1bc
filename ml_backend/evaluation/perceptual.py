"""LPIPS where it can run offline: the package, its backbone's weights on disk, nothing downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

PerceptualMap = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""picture, truth (H, W, 3) -> distance (H, W)."""

BACKBONE_FILE = "alexnet-owt-7be5be79.pth"


@dataclass(frozen=True, slots=True)
class Perceptual:
    """`distance` is None where LPIPS cannot run; `reason` says why, and is empty where it can."""

    distance: PerceptualMap | None
    reason: str = ""


def load_lpips(checkpoints: Path | None = None) -> Perceptual:
    """LPIPS (Zhang et al. 2018), version 0.1 with AlexNet, one distance per pixel.

    `checkpoints` is the folder with torchvision's backbone weights, torch's own by default.
    """
    folder = checkpoints or Path(torch.hub.get_dir()) / "checkpoints"
    if not (folder / BACKBONE_FILE).is_file():
        return Perceptual(None, f"LPIPS is empty: its backbone's weights {BACKBONE_FILE} are not in {folder.name}/.")
    try:
        import lpips  # noqa: PLC0415  optional, and slow to import
    except (ImportError, RuntimeError) as error:  # a torchvision of another torch fails with RuntimeError
        reason = str(error).splitlines()[0]
        return Perceptual(None, f"LPIPS is empty: the package lpips cannot be loaded ({reason}).")
    network = lpips.LPIPS(net="alex", spatial=True, verbose=False).eval()

    @torch.inference_mode()
    def distance(picture: np.ndarray, truth: np.ndarray) -> np.ndarray:
        pair = (torch.from_numpy(p.transpose(2, 0, 1)[None].astype(np.float32)) for p in (picture, truth))
        return network(*pair, normalize=True)[0, 0].numpy()

    return Perceptual(distance)
