"""The embedded motion network: it reads a photo, not arrows, and says how arrows may be carried over it.

For each cell of a small grid it tells which cells belong to the same surface, how a velocity along that surface is
seen in the picture, which velocity is likely, and whether anything moves there. `carry_arrows.py` makes flow of it for
any number of arrows. So the network runs once per photo and mask, and an arrow costs next to nothing.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

INPUTS = 8  # colour, place (x, y), log disparity, mask, whether there is one
STRIDE = 2  # input pixels per cell of the answer
MULTIPLE = 8  # the sides of the input are multiples of it
SKY, LYING, HANGING = 0, 1, 2  # kinds of fluid: clouds; rivers, lakes, seas; falls, fountains, smoke
KINDS = 3

_WIDTHS = (24, 48, 80)
_GROUP = 8  # channels that are normalised together
_FREE = 6  # dimensions in which surfaces of one kind can be told apart
_OUTPUTS = 1 + KINDS + _FREE + 7
_LARGEST_LOG = 4.0  # speeds within one photo differ by less than e^8
_USUAL_DOUBT = -3.5  # log weight of the likely velocity against one arrow on the same surface
_USUAL_REACH = 1.5  # log of 1 / length^2 over which an arrow loses weight, in long sides of the photo
_KIND_DISTANCE = 2.0  # between two kinds: arrows of the sky say little about the sea
_FAR = 0.02  # disparity from which on farther things are as far
_LARGEST_TILT = (
    2.4  # radians: a level surface whose horizon lies in the lower half is tilted by more than a right angle
)
_LEAST_SLOPE = 0.05  # of a surface seen at a grazing angle


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network sees, for a batch of photos on h x w cells.

    mask (B, 1, h, w) logit; kinds (B, KINDS, h, w) logits; likeness (B, E, h, w), close for cells of one surface;
    basis (B, 2, 2, h, w), a velocity along the surface -> flow; velocity (B, 2, h, w), the likely one, about 1 long;
    doubt (B, 1, h, w) > 0, its weight against an arrow's; reach (B, 1, h, w) > 0, how soon arrows lose weight;
    places (B, 2, h, w), x and y of the cells from the photo's centre, in long sides.
    """

    mask: Tensor
    kinds: Tensor
    likeness: Tensor
    basis: Tensor
    velocity: Tensor
    doubt: Tensor
    reach: Tensor
    places: Tensor


class SmallMotionNet(nn.Module):
    """A residual U-Net with the means of rows and of the whole picture at its lowest level, 1 M weights."""

    def __init__(self) -> None:
        super().__init__()
        first = _WIDTHS[0]
        self.stem = nn.Conv2d(INPUTS, first, 4, stride=STRIDE, padding=1)
        pairs = list(pairwise(_WIDTHS))
        self.down = nn.ModuleList(Residual(a, a) for a in _WIDTHS[:-1])
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.lowest = nn.ModuleList((Residual(_WIDTHS[-1], _WIDTHS[-1]), Residual(3 * _WIDTHS[-1], _WIDTHS[-1])))
        self.grow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in reversed(pairs))
        self.up = nn.ModuleList(Residual(2 * a, a) for a, _ in reversed(pairs))
        self.head = nn.Conv2d(first, _OUTPUTS, 3, padding=1)
        nn.init.zeros_(self.head.weight)  # untrained it carries arrows as if the photo were a plain wall
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Reading:
        """Read pictures (B, INPUTS, H, W) as `network_input` makes them; H and W are multiples of MULTIPLE."""
        places = F.avg_pool2d(x[:, 3:5], STRIDE)
        x = self.stem(x)
        skips = []
        for block, shrink in zip(self.down, self.shrink, strict=True):
            x = block(x)
            skips.append(x)
            x = shrink(x)
        first, second = self.lowest
        x = first(x)
        rows = x.mean(dim=3, keepdim=True).expand_as(x)
        x = second(torch.cat([x, rows, x.mean(dim=(2, 3), keepdim=True).expand_as(x)], dim=1))
        for grow, block, skip in zip(self.grow, self.up, reversed(skips), strict=True):
            x = F.interpolate(grow(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = block(torch.cat([x, skip], dim=1))
        return _interpret(self.head(x).float(), places.float())


class Residual(nn.Module):
    """Two normalised 3 x 3 convolutions beside the identity."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.first_norm = nn.GroupNorm(outputs // _GROUP, outputs)
        self.second_norm = nn.GroupNorm(outputs // _GROUP, outputs)
        self.short = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """A map (B, outputs, H, W) of a map (B, inputs, H, W)."""
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.short(x) + self.second_norm(self.second(y)))


def network_input(photo: Tensor, disparity: Tensor, mask: Tensor, given: Tensor) -> Tensor:
    """The network's picture (B, INPUTS, H, W).

    Args:
        photo: (B, 3, H, W) sRGB in [0, 1].
        disparity: (B, 1, H, W), near things at about 1, the sky at 0.
        mask: (B, 1, H, W) in [0, 1], zero where nobody painted one.
        given: (B, 1, 1, 1), 1 where somebody did.
    """
    batch, _, height, width = photo.shape
    places = place_map(height, width, like=photo).expand(batch, -1, -1, -1)
    near = (disparity.clamp(0, 1) + _FAR).log() / 2 + 1
    return torch.cat([photo * 4 - 2, places, near, mask * given, given.expand_as(mask)], dim=1)


def place_map(height: int, width: int, *, like: Tensor) -> Tensor:
    """x and y (1, 2, H, W) of pixel centres from the centre of the picture, in long sides."""
    long_side = max(height, width)
    y = (torch.arange(height, device=like.device, dtype=like.dtype) + 0.5 - height / 2) / long_side
    x = (torch.arange(width, device=like.device, dtype=like.dtype) + 0.5 - width / 2) / long_side
    return torch.stack(torch.broadcast_tensors(x[None, :], y[:, None]))[None]


def _interpret(raw: Tensor, places: Tensor) -> Reading:
    """The numbers of the last layer as what they stand for."""
    mask, kinds, free, rest = raw.split((1, KINDS, _FREE, 7), dim=1)
    size, tilt, turn, doubt, reach = (rest[:, i : i + 1] for i in (0, 1, 2, 5, 6))
    likely = rest[:, 3:5] + torch.tensor([0.0, 1.0], device=raw.device).view(1, 2, 1, 1)  # towards the viewer
    return Reading(
        mask=mask,
        kinds=kinds,
        likeness=torch.cat([_KIND_DISTANCE * kinds.softmax(dim=1), free], dim=1),
        basis=_basis(size.clamp(-_LARGEST_LOG, _LARGEST_LOG), tilt, turn, places),
        velocity=likely,
        doubt=(_USUAL_DOUBT + doubt.clamp(-6, 6)).exp(),
        reach=(_USUAL_REACH + reach.clamp(-6, 4)).exp(),
        places=places,
    )


def _basis(size: Tensor, tilt: Tensor, turn: Tensor, places: Tensor) -> Tensor:
    """Flow (B, 2, 2, h, w) of the two unit velocities along a surface.

    A surface at distance 1/d, tilted by the angle a about the picture's x axis, has the tangents (1, 0, 0) and
    (0, cos a, -sin a). Seen at (x, y) in focal lengths they move by d (1, 0) and d (x sin a, cos a + y sin a). `turn`
    lets the tangents follow the course of a river.
    """
    angle = _LARGEST_TILT * (tilt / _LARGEST_TILT).tanh()
    x, y = places[:, :1], places[:, 1:]
    across, along = x * angle.sin(), F.softplus(angle.cos() + y * angle.sin(), beta=1 / _LEAST_SLOPE)
    c, s = turn.cos(), turn.sin()
    rows = torch.stack([torch.cat([c + across * s, across * c - s], 1), torch.cat([along * s, along * c], 1)], 1)
    return rows * size.exp()[:, None]
