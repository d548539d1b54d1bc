"""The free chain's picture plus a learned correction behind a gate (Sec. 3.4).

The gate is computed, not learned: it is shut wherever the photo's own points cover a pixel, and one cloud counts alone,
or both show the same. So at t = 0 the photo stays the photo, and still pixels do not flicker, whatever was learned.
What has only moved is left alone, too: there is more to spoil than to gain.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.rendering.decoder import COVERED, decode_colors
from ml_backend.rendering.gated_decoder_net import GatedDecoderNet
from ml_backend.structures import BlendedMap

TILE = 128  # a multiple of what the network halves, so that a tile is what the whole picture would be there
PICTURES, SHARES = 4, 6  # among the clues: pictures of three channels, then shares in [0, 1]
_HALO = 48  # beyond the network's reach
_SHUT, _OPEN = 0.05, 0.2  # doubt up to which the gate is shut, and from which it is open
_MIDDLE = 0.45  # mean of photographs' colours
_SAME = 0.02  # difference of two colours that no one sees


@dataclass(frozen=True, slots=True)
class GatedDecoder:
    """A `Decoder`: colours as without a network, and the network's correction where the gate is open."""

    network: GatedDecoderNet

    def __call__(self, blended: BlendedMap) -> Tensor:
        """The picture (3, H, W) sRGB in [0, 1]."""
        colors = decode_colors(blended.mixed, blended.near)
        clues = gather_clues(blended, colors)
        gate = open_gate(clues)
        tiles = _open_tiles(gate)
        if not tiles:
            return colors
        return (colors + gate * _correct(self.network, read_by_network(clues, gate), tiles)).clamp(0, 1)


def gather_clues(blended: BlendedMap, colors: Tensor) -> Tensor:
    """What is known of a picture, (CLUES, H, W): pictures, shares in [0, 1], nearness, and the contrast wanted.

    The pictures are that of the free chain, that before its contrast was restored, and both clouds'.

    Args:
        colors: (3, H, W), the picture of the free chain.
    """
    forward, backward = blended.forward, blended.backward
    pictures = [colors]
    sides = ((blended.plain, blended.mixed.alpha), *((own.features, own.alpha) for own in (forward, backward)))
    for features, alpha in sides:
        pictures.append(torch.lerp(colors, features[:3].clamp(0, 1), (alpha / COVERED).clamp(max=1)))
    shares = (
        blended.known,
        blended.weight,
        forward.alpha.clamp(max=1),
        backward.alpha.clamp(max=1),
        blended.mixed.alpha.clamp(max=1),
        blended.moved,
    )
    return torch.cat([*pictures, *shares, (blended.near / blended.mixed.depth).clamp(0, 1), blended.wanted])


def open_gate(clues: Tensor) -> Tensor:
    """How far the network may correct each pixel, (..., 1, H, W) in [0, 1], from clues (..., CLUES, H, W)."""
    forward, backward = clues[..., 6:9, :, :], clues[..., 9:12, :, :]
    known, weight, _, _, alpha, _ = clues[..., 12:18, :, :].clamp(0, 1).split(1, dim=-3)
    invented = 1 - known * (alpha / COVERED).clamp(max=1)
    differs = ((forward - backward).abs().amax(dim=-3, keepdim=True) / _SAME).clamp(max=1)
    doubled = 4 * weight * (1 - weight) * differs
    doubt = torch.maximum(invented, doubled)
    return ((doubt - _SHUT) / (_OPEN - _SHUT)).clamp(0, 1)


def read_by_network(clues: Tensor, gate: Tensor) -> Tensor:
    """Clues and gate as the network takes them, (..., INPUTS, H, W)."""
    pictures, others = clues[..., : 3 * PICTURES, :, :], clues[..., 3 * PICTURES :, :, :]
    return torch.cat([pictures - _MIDDLE, others, gate], dim=-3)


def colors_of(clues: Tensor) -> Tensor:
    """The free chain's picture (..., 3, H, W) in clues."""
    return clues[..., :3, :, :]


def _open_tiles(gate: Tensor) -> list[tuple[int, int]]:
    """Upper left corners of the tiles in which the gate is open somewhere."""
    tiles = F.max_pool2d(gate[None], TILE, ceil_mode=True)[0, 0]
    return [(int(row) * TILE, int(col) * TILE) for row, col in torch.nonzero(tiles > 0)]


def _correct(network: GatedDecoderNet, inputs: Tensor, tiles: list[tuple[int, int]]) -> Tensor:
    """The correction (3, H, W), computed in those tiles, or everywhere if that is less work."""
    height, width = inputs.shape[-2:]
    if len(tiles) * (TILE + 2 * _HALO) ** 2 >= height * width:
        return _run(network, inputs)
    correction = torch.zeros_like(inputs[:3])
    for row, col in tiles:
        top, left = max(0, row - _HALO), max(0, col - _HALO)
        bottom, right = min(height, row + TILE), min(width, col + TILE)
        own = _run(network, inputs[:, top : min(height, bottom + _HALO), left : min(width, right + _HALO)])
        correction[:, row:bottom, col:right] = own[:, row - top : bottom - top, col - left : right - left]
    return correction


def _run(network: GatedDecoderNet, inputs: Tensor) -> Tensor:
    x = inputs[None].to(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, torch.bfloat16, enabled=_has_bfloat16(x.device)):
        return network(x)[0].float()


def _has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is quicker there: CPUs without its instructions only imitate it."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    # torch has no public question for this.
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
