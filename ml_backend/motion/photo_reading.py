"""What the motion network sees on a photo, and the flow that the solver starts from then."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_backend.motion.arrow_trust import trust_in_arrows
from ml_backend.motion.arrows import Arrows
from ml_backend.motion.carry_arrows import at_positions, carry_arrows
from ml_backend.motion.coarse_grid import CoarseGrid
from ml_backend.motion.small_net import MULTIPLE, Reading, SmallMotionNet, network_input
from ml_backend.structures import DepthMap

LONG_SIDE = 96  # px of the network's input, as in its training
_NEAR_QUANTILE = 0.98  # of disparity: the near plane


@dataclass(frozen=True, slots=True)
class Carried:
    """On m nodes: flow (m, 2) in pixels per frame, and likeness (m, E), close for nodes of one surface."""

    flow: np.ndarray
    likeness: np.ndarray


@torch.inference_mode()
def read_photo(network: SmallMotionNet, image: Tensor, depth: DepthMap, mask: Tensor | None) -> Reading:
    """The reading of a photo (3, H, W) sRGB.

    Args:
        network: in evaluation mode.
        depth: of the photo.
        mask: (1, H, W) in [0, 1] where the photo moves, or None to be told.
    """
    device = next(network.parameters()).device
    size = input_size(*image.shape[1:])
    disparity = 1 / depth.depth.detach().cpu()
    near = max(float(np.quantile(disparity.numpy(), _NEAR_QUANTILE)), 1e-9)
    maps = [image.detach().cpu().float(), (disparity / near).clamp(0, 1)]
    maps.append(torch.zeros_like(disparity) if mask is None else mask.detach().cpu().float().clamp(0, 1))
    photo, disparity, painted = (_shrink(m, size).to(device) for m in maps)
    given = torch.full((1, 1, 1, 1), float(mask is not None), device=device)
    reading: Reading = network(network_input(photo, disparity, painted, given))
    return reading


def input_size(height: int, width: int) -> tuple[int, int]:
    """Sides (H, W) of the network's input for a photo: near its shape, multiples of MULTIPLE."""
    scale = LONG_SIDE / max(height, width)
    return tuple(max(MULTIPLE, MULTIPLE * round(side * scale / MULTIPLE)) for side in (height, width))  # type: ignore[return-value]


@torch.inference_mode()
def carried_flow(reading: Reading, grid: CoarseGrid, arrows: Arrows) -> Carried:
    """The arrows carried to the grid's nodes, as far as they agree; they speak for their own region alone."""
    here = at_positions(reading, _relative(grid.centres, grid.size))
    starts = at_positions(reading, _relative(arrows.starts, grid.size))
    own = grid.region[None] == arrows.regions[:, None]  # (K, m)
    allowed = torch.from_numpy(own)[None]
    unit = max(float(np.linalg.norm(arrows.vectors, axis=1).max()), 1e-9)
    vectors = torch.from_numpy(arrows.vectors / unit).float()[None]
    trust = np.zeros(int(grid.region.max(initial=-1)) + 1)
    trust[arrows.regions] = trust_in_arrows(starts, vectors, arrows.regions)
    share = trust[grid.region][:, None]
    return Carried(share * _array(carry_arrows(here, starts, vectors, allowed)) * unit, share * _array(here.likeness))


def _relative(positions: np.ndarray, size: tuple[int, int]) -> Tensor:
    return torch.from_numpy(positions / (size[1], size[0])).float()


def _array(values: Tensor) -> np.ndarray:
    """(1, C, N) -> (N, C)."""
    return values[0].T.cpu().numpy().astype(np.float64)


def _shrink(values: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, H, W) -> (1, C, h, w) by areas."""
    picture = np.ascontiguousarray(values.permute(1, 2, 0).numpy())
    small = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA).reshape(*size, -1)
    return torch.from_numpy(small.transpose(2, 0, 1).copy())[None]
