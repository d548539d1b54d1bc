"""How far a moved camera pulls neighbouring points of a surface apart, so that their discs can keep it closed.

Near points shift more than far ones. On a surface that is not parallel to the picture two neighbours shift by different
amounts, and what lies behind would show in the crack. Across the edge of a thing a gap is right, and stays.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.structures import LayeredDepthImage, Scene

_EDGE = 0.05  # difference of near / depth between neighbours from which on they belong to two things
_SLACK = 0.9  # discs at their usual size overlap enough for neighbours this much closer
_ASIDE, _ALONG = ((0, 1), (0, -1)), ((1, 0), (-1, 0))  # neighbours, (rows, columns) away


@dataclass(frozen=True, slots=True)
class NeighbourSteps:
    """Where N points lie as the photo's camera sees them, and how their disparity 1 / z changes to their neighbours.

    rays (N, 2): x / z and y / z. disparity (N,). aside, along (N, 2): focal length in pixels times the growth of
    disparity to the right and to the left; downwards and upwards; 0 where no neighbour is on the same surface.
    """

    rays: Tensor
    disparity: Tensor
    aside: Tensor
    along: Tensor


def neighbour_steps(scene: Scene, near: float) -> NeighbourSteps:
    """The steps of all points of a scene, whose near depth is `near`.

    What is seen is one surface, whatever layers it was cut into; what is hidden is each layer's own.
    """
    ldi, cloud, k = scene.ldi, scene.cloud, scene.camera.intrinsics
    column, row = (cloud.pixels + ldi.border).long().T
    is_front = ldi.front[row, column] == cloud.layers
    depths = torch.cat([ldi.depths[:, 0] * (ldi.alphas[:, 0] > 0), front_depth(ldi)])  # (L + 1, h, w)
    maps = torch.where(is_front, len(depths) - 1, cloud.layers.long())
    disparity = F.pad(torch.where(depths > 0, 1 / depths.clamp(min=1e-9), torch.zeros(())), (1, 1, 1, 1))
    own = disparity[maps, row + 1, column + 1]

    def steps(ways: tuple[tuple[int, int], ...], focal: float) -> Tensor:
        other = torch.stack([disparity[maps, row + 1 + down, column + 1 + right] for down, right in ways], dim=1)
        step = other - own[:, None]
        return focal * torch.where((other > 0) & (step.abs() * near < _EDGE), step, torch.zeros(()))

    focal = torch.stack([k[0, 0], k[1, 1]]).to(cloud.pixels)
    rays = (cloud.pixels - k[:2, 2].to(cloud.pixels)) / focal
    return NeighbourSteps(rays, own, steps(_ASIDE, float(focal[0])), steps(_ALONG, float(focal[1])))


def pulled_apart(steps: NeighbourSteps, camera: PinholeCamera) -> Tensor:
    """How far apart the farthest two neighbours of a point are in a view, (N,), at least 1.

    In units of their distance if the surface were parallel to the picture. Turning the camera changes nothing.
    """
    x, y, z = torch.linalg.inv(camera.world_to_camera)[:3, 3].tolist()  # the world is the photo's camera
    # A point of the ray (u, v) is seen at (u - x d, v - y d) / (1 - z d); the derivative by its disparity d, over the
    # scale 1 / (1 - z d), is what follows.
    rise = 1 / (1 - z * steps.disparity).clamp(min=1e-3)
    aside, along = ((z * steps.rays - steps.rays.new_tensor([x, y])) * rise[:, None]).T
    gaps = (
        aside * steps.aside[:, 0],
        -aside * steps.aside[:, 1],
        along * steps.along[:, 0],
        -along * steps.along[:, 1],
    )
    return 1 + torch.stack(gaps).amax(dim=0).clamp(min=0)


def disc_growth(apart: Tensor) -> Tensor:
    """How much larger discs (N,) must be to reach the middle of four points, two of which are so far apart (N,)."""
    return (_SLACK * ((1 + apart.square()) / 2).sqrt()).clamp(min=1)


def front_depth(ldi: LayeredDepthImage) -> Tensor:
    """Depth (1, h, w) of the nearest layer that covers a pixel."""
    return ldi.depths[:, 0].gather(0, ldi.front[None])
