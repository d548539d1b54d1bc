"""Pseudo novel views: what supervises views of a photo that has no other true view (Sec. 3.5).

The photo's layers are drawn as colours, without any network, at twice the size, and averaged. What the photo itself
shows is the truth; what had to be invented is not known, and no loss counts it.
"""

from dataclasses import replace

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.loop import DEFAULTS, Loop, trust_in_points
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.decoder import COVERED
from ml_backend.rendering.splatting import Sheets, splat
from ml_backend.structures import DepthMap, Scene
from ml_backend.training.datasets.takes import Rng, Take

_REACH = 0.16  # of the near depth: as far as the presets move a camera
_SAMPLES = 2  # along each side of a pixel, so that the truth is sharper than what is learned from it
_KNOWN = 0.9  # share of the photo's own points from which a pixel is the truth


def make_pseudo_view(take: Take, rng: Rng) -> Take:
    """The take's start seen from a random camera nearby, at time 0."""
    scene = prepare_scene(take.start, depth=DepthMap(take.depth), camera=take.camera)
    near = float(np.quantile(take.depth.numpy(), 0.02))
    camera = draw_camera(take.camera, near, rng)
    loop = Loop(scene, 1)
    return replace(
        take,
        end=take.start,
        target=loop.render(camera, 0, samples=_SAMPLES).rgb.clone(),
        target_camera=camera,
        known=_photo_share(scene, loop, camera),
        time=0,
        num_frames=1,
    )


def draw_camera(camera: PinholeCamera, near: float, rng: Rng) -> PinholeCamera:
    """A camera a step aside, mostly sideways and forwards, that looks the same way."""
    step = rng.normal(0, 1, 3) * np.array([0.8, 0.5, 0.8])
    step *= near * _REACH * rng.uniform(0.15, 1.0) / max(float(np.linalg.norm(step)), 1e-9)
    pose = camera.world_to_camera.clone()
    pose[:3, 3] -= torch.from_numpy(step)
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


def _photo_share(scene: Scene, loop: Loop, camera: PinholeCamera) -> torch.Tensor:
    """1 where a pixel shows the photo's own points, else 0: (1, H, W)."""
    placed = loop.place(camera, 0)
    own = (~scene.cloud.inpainted).to(torch.float32)
    drawn = splat(
        placed.pixels,
        placed.z,
        placed.radii,
        own[:, None],
        height=camera.height,
        width=camera.width,
        surface_gap=DEFAULTS.surface_gap,
        sheets=Sheets(DEFAULTS.sheet_gap, trust_in_points(own)),
        opacities=scene.cloud.opacities,
    ).feature_map
    return ((drawn.features >= _KNOWN) & (drawn.alpha >= COVERED)).to(torch.float32)
