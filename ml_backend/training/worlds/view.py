"""One picture of a world with everything that is known about it."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class View:
    """A rendered view; all tensors on the CPU.

    color (3, H, W) float32 sRGB in [0, 1]. depth (1, H, W) float32, z along the camera's axis in metres, > 0; the sky
    has 10000. flow (2, H, W) float32, pixels that what is seen moves until the next frame while the camera rests; 0
    where nothing flows. fluid (1, H, W) bool, what flows. sky (1, H, W) bool. surface (1, H, W) int32: 0 sky, 1
    ground, 2 water, 3 and more the objects, each of one piece; every fluid surface has a number of its own.
    """

    color: Tensor
    depth: Tensor
    flow: Tensor
    fluid: Tensor
    sky: Tensor
    surface: Tensor
