"""The four camera paths of the paper's protocol (Sec. 4.3), 60 frames each, as the authors' code moves the camera.

Units: the near depth is 1. The code adds a translation to the points; a camera moves by its opposite.
"""

import math

import torch

from ml_backend.camera import PinholeCamera

NUM_FRAMES = 60
PATHS = ("up-down", "zoom-in", "side", "circle")


def path_camera(camera: PinholeCamera, path: str, frame: int, near: float) -> PinholeCamera:
    """The camera of a frame of a path; `camera` is the photo's, at the world's origin."""
    world_to_camera = torch.eye(4, dtype=torch.float64)
    world_to_camera[:3, 3] = torch.tensor(point_shift(path, frame), dtype=torch.float64) * near
    return PinholeCamera(camera.intrinsics, world_to_camera, camera.width, camera.height)


def point_shift(path: str, frame: int) -> tuple[float, float, float]:
    """What is added to points in the camera's axes, in near depths; ValueError for an unknown path."""
    way = frame / (NUM_FRAMES - 1)
    match path:
        case "up-down":
            return (0.0, 0.08 - 0.16 * way, 0.0)
        case "zoom-in":
            return (0.0, 0.0, -0.24 * way)
        case "side":
            return (0.09 - 0.18 * way, 0.0, 0.0)
        case "circle":
            turn = -2 + 4 * frame / NUM_FRAMES
            return (
                -0.04 * math.cos(math.pi * turn),
                -0.04 * math.sin(math.pi * turn),
                -0.09 * math.cos(math.pi * turn / 2),
            )
    raise ValueError(f"path: expected one of {PATHS}, found {path!r}")
