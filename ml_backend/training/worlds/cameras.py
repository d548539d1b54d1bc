"""Where pictures of a world are taken from."""

import math

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.training.worlds.rendering import Pose, pose_camera, pose_rotation, render_channels, view_of
from ml_backend.training.worlds.view import View
from ml_backend.training.worlds.world import World

_REACH = 0.16  # of the near distance: as far as cinemagraphs' cameras go


def first_camera(world: World, width: int, height: int) -> PinholeCamera:
    """The photographer's camera."""
    return pose_camera(world.pose, world.half_view, width, height)


def nearby_camera(
    world: World, camera: PinholeCamera, rng: np.random.Generator, *, reach: float = _REACH
) -> PinholeCamera:
    """A camera a step aside that still looks at about the same, by up to `reach` times the near distance.

    Half of them turn, by up to about two degrees, or so that the middle of the picture stays where it is.
    """
    amount = world.near * reach * rng.uniform(0.15, 1.0)
    step = rng.normal(0, 1, 3) * np.array([0.8, 0.5, 0.8])
    step *= amount / max(float(np.linalg.norm(step)), 1e-6)
    turn = np.eye(3)
    if rng.random() < 0.5:
        swing = pose_rotation(Pose(0, 0, 0, rng.normal(0, 0.015), rng.normal(0, 0.025), rng.normal(0, 0.006)))
        turn = swing
    elif rng.random() < 0.5:
        distance = world.near * rng.uniform(1.5, 4)
        turn = pose_rotation(Pose(0, 0, 0, math.atan2(-step[1], distance), math.atan2(-step[0], distance), 0))
    moved = np.eye(4)
    moved[:3, :3] = turn
    moved[:3, 3] = -turn @ step
    return PinholeCamera(
        camera.intrinsics, torch.from_numpy(moved) @ camera.world_to_camera, camera.width, camera.height
    )


def render_view(
    world: World, camera: PinholeCamera, time: float, *, without_first_surface: bool = False, device: str = "cpu"
) -> View:
    """What a camera sees at a time in frames.

    Args:
        without_first_surface: at each pixel, leave out the object that is seen there: what stands behind it.
            Ground, water, and sky have nothing behind them and stay.
        device: "cpu", or "cuda" to trace the rays on a GPU; the view is on the CPU in any case.
    """
    picture = render_channels(world.scene, camera, time, behind=without_first_surface, device=device)
    return view_of(picture, world.exposure)
