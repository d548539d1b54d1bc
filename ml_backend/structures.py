"""The nouns of the pipeline: frozen dataclasses that travel from stage to stage.

Convention: images are (C, H, W), row 0 on top; x right, y down; pixel (i, j) covers [j, j+1) x [i, i+1), so that its
centre is at (j + 0.5, i + 0.5). Depth is z along the camera axis, > 0, near is small. World = the photo's camera.

The canvas: layers reach beyond the photo by `border` pixels on each side, since a moving camera looks past the
photo's edge. Canvas pixel (i, j) is photo pixel (i - border, j - border).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera

Networks = Literal["own", "paper"]
"""Whose networks and conventions: ours, or those of the paper's authors."""

MotionMethod = Literal["auto", "network", "solver"]
"""What says how arrows are carried over a photo: our motion network, geometry alone, or the better one of the two."""

Progress = Callable[[str, float], None]
"""progress(stage, fraction in [0, 1]); may raise `errors.Cancelled`."""


def no_progress(stage: str, fraction: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class DepthMap:
    """Depth of the photo: (1, H, W) float32, > 0; the near plane is 1 unless a metric depth was given."""

    depth: Tensor

    def __post_init__(self) -> None:
        _check_shape("depth", self.depth, (1, None, None))

    @property
    def near(self) -> float:
        """The near plane, unit of camera paths: the 2nd percentile, so that a few outliers in front set no scale."""
        return float(np.quantile(self.depth.numpy(), 0.02))


@dataclass(frozen=True, slots=True)
class LayeredDepthImage:
    """L layers on the canvas, layer 0 nearest (Sec. 3.3). Where alpha is 0 the other maps mean nothing.

    colors (L, 3, h, w) in [0, 1] sRGB; alphas (L, 1, h, w) in [0, 1], fractions at silhouettes alone; depths
    (L, 1, h, w); inpainted (L, 1, h, w) bool: not a pixel of the photo. h = H + 2 border, w = W + 2 border.
    """

    colors: Tensor
    alphas: Tensor
    depths: Tensor
    inpainted: Tensor
    border: int

    def __post_init__(self) -> None:
        layers, _, height, width = self.colors.shape
        _check_shape("colors", self.colors, (layers, 3, height, width))
        for name in ("alphas", "depths", "inpainted"):
            _check_shape(name, getattr(self, name), (layers, 1, height, width))

    @property
    def front(self) -> Tensor:
        """Number (h, w) int64 of the nearest layer that covers a pixel; the first where none does."""
        covers = self.alphas[:, 0] > 0
        front = torch.zeros(covers.shape[1:], dtype=torch.int64, device=covers.device)
        for layer in range(len(covers) - 1, -1, -1):  # in a tenth of argmax's time
            front = torch.where(covers[layer], layer, front)
        return front


@dataclass(frozen=True, slots=True)
class MotionField:
    """Eulerian flow (2, H, W) in photo pixels per frame, constant in time (Eq. 1); zero where nothing moves."""

    flow: Tensor

    def __post_init__(self) -> None:
        _check_shape("flow", self.flow, (2, None, None))


@dataclass(frozen=True, slots=True)
class Displacement:
    """F(0 -> t): offset (2, H, W) in pixels from frame 0; valid (1, H, W) bool, False where the path left the image."""

    offset: Tensor
    valid: Tensor

    def __post_init__(self) -> None:
        _check_shape("offset", self.offset, (2, None, None))
        _check_shape("valid", self.valid, (1, *self.offset.shape[1:]))


@dataclass(frozen=True, slots=True)
class RegionSpeed:
    """`speed` multiplies the motion of the region that the image position (x, y) is in."""

    x: float
    y: float
    speed: float


@dataclass(frozen=True, slots=True)
class MotionHints:
    """What the artist drew, in photo pixels: mask (1, H, W) float in [0, 1]; arrows as starts and vectors (K, 2).

    `vectors` are velocities in pixels per frame. White of the mask moves, black stands, grey moves slower. `speed`
    multiplies all motion, `region_speeds` that of single regions. `smoothing` 0 meets every arrow exactly; towards 1
    neighbouring arrows give way to each other, until each region flows as one. `method`: see `MotionMethod`.
    """

    mask: Tensor
    starts: Tensor
    vectors: Tensor
    speed: float = 1.0
    smoothing: float = 0.0
    region_speeds: tuple[RegionSpeed, ...] = ()
    method: MotionMethod = "auto"

    def __post_init__(self) -> None:
        _check_shape("mask", self.mask, (1, None, None))
        _check_shape("starts", self.starts, (None, 2))
        _check_shape("vectors", self.vectors, tuple(self.starts.shape))


@dataclass(frozen=True, slots=True)
class FeaturePointCloud:
    """Points unprojected from the layers (Sec. 3.3).

    positions (N, 3) world; features (N, C), what the decoder reads; colors (N, 3) sRGB, which show the photo where all
    points are opaque; pixels (N, 2) source position on the photo in pixels, centres at +0.5, outside [0, W) x [0, H) in
    the border; layers (N,) uint8; inpainted (N,) bool, False for the photo's own pixels; opacities (N,) in (0, 1].
    """

    positions: Tensor
    features: Tensor
    colors: Tensor
    pixels: Tensor
    layers: Tensor
    inpainted: Tensor
    opacities: Tensor

    def __post_init__(self) -> None:
        count = self.positions.shape[0]
        _check_shape("positions", self.positions, (count, 3))
        _check_shape("features", self.features, (count, None))
        _check_shape("colors", self.colors, (count, 3))
        _check_shape("pixels", self.pixels, (count, 2))
        _check_shape("layers", self.layers, (count,))
        _check_shape("inpainted", self.inpainted, (count,))
        _check_shape("opacities", self.opacities, (count,))


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """A splatted cloud: features (C, H, W) divided by alpha; depth (1, H, W), inf where empty; alpha (1, H, W)."""

    features: Tensor
    depth: Tensor
    alpha: Tensor

    def __post_init__(self) -> None:
        _check_shape("features", self.features, (None, None, None))
        _check_shape("depth", self.depth, (1, *self.features.shape[1:]))
        _check_shape("alpha", self.alpha, (1, *self.features.shape[1:]))


@dataclass(frozen=True, slots=True)
class BlendedMap:
    """What a decoder reads: `mixed`, and the two clouds it is mixed of, which are one where one counts alone.

    weight (1, H, W): of the forward cloud. known (1, H, W): share of the photo's own points in `mixed`; both in [0, 1].
    near: the near depth, at which nearness is 1. plain (C, H, W): the features of `mixed` before contrast was restored.
    moved (1, H, W) in [0, 1]: how much of a pixel is fluid that is not where the photo shows it. wanted (1, H, W): the
    photo's local contrast there, times `moved`.
    """

    mixed: FeatureMap
    forward: FeatureMap
    backward: FeatureMap
    weight: Tensor
    known: Tensor
    near: float
    plain: Tensor
    moved: Tensor
    wanted: Tensor

    def __post_init__(self) -> None:
        _check_shape("plain", self.plain, tuple(self.mixed.features.shape))
        for name in ("weight", "known", "moved", "wanted"):
            _check_shape(name, getattr(self, name), (1, *self.mixed.features.shape[1:]))


@dataclass(frozen=True, slots=True)
class Frame:
    """One rendered frame: rgb (3, H, W) sRGB in [0, 1]; depth (1, H, W); alpha (1, H, W) before holes were filled.

    `hole_fraction` is the share of pixels that neither cloud covered; `unknown_fraction` that of pixels that show
    nothing of the photo, holes included; `double_exposure` how much the two clouds show through each other, mean
    difference in [0, 1]; `num_points` counts the points drawn.
    """

    rgb: Tensor
    depth: Tensor
    alpha: Tensor
    hole_fraction: float
    num_points: int
    unknown_fraction: float = 0.0
    double_exposure: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is kept while the camera moves: photo (3, H, W), its camera, and the result of each stage.

    networks: whose layers these are, and so who has to draw them.
    """

    image: Tensor
    camera: PinholeCamera
    depth: DepthMap
    ldi: LayeredDepthImage
    motion: MotionField
    cloud: FeaturePointCloud
    networks: Networks = "own"


def _check_shape(name: str, tensor: Tensor, expected: tuple[int | None, ...]) -> None:
    found = tuple(tensor.shape)
    if len(found) != len(expected) or any(e is not None and e != f for e, f in zip(expected, found, strict=True)):
        raise ValueError(f"{name}: expected shape {expected}, found {found}")
