"""The line from photo to frames (Fig. 2); with `loop.py`, the only file that knows the order of the stages.

photo -> DepthMap -> LayeredDepthImage -> FeaturePointCloud --+
   \\---> MotionField (mask, arrows) --------------------------+--> frames, one per (camera, t)
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ml_backend.animation.scene_flow import fluid_surface, standing_rim
from ml_backend.authors.loop import open_loop
from ml_backend.camera import PinholeCamera, photo_camera, resize_camera
from ml_backend.camera_paths import camera_offset, camera_to_world
from ml_backend.depth.estimate import DisparityEstimator, estimate_depth
from ml_backend.errors import BadInput
from ml_backend.ldi.embedded import embedded_fill
from ml_backend.ldi.inpainting import LayerFill, inpaint_layers
from ml_backend.ldi.layering import split_layers
from ml_backend.ldi.mattes import soften_silhouettes
from ml_backend.loop import DEFAULTS, RenderSettings
from ml_backend.motion.embedded import motion_network
from ml_backend.motion.estimate import estimate_motion
from ml_backend.motion.photo_reading import read_photo
from ml_backend.points.features import FeatureExtractor, color_features
from ml_backend.points.unproject import build_point_cloud
from ml_backend.structures import DepthMap, Frame, MotionField, MotionHints, Progress, Scene, no_progress

_NEAREST_FOCUS, _FARTHEST_FOCUS = 1.2, 6.0  # in near depths: where orbit and dolly-zoom keep the picture still


@torch.inference_mode()
def prepare_scene(
    image: Tensor,
    *,
    hints: MotionHints | None = None,
    depth: DepthMap | None = None,
    motion: MotionField | None = None,
    camera: PinholeCamera | None = None,
    num_layers: int | None = None,
    fill: LayerFill | None = None,
    softens: bool = True,
    features: FeatureExtractor = color_features,
    progress: Progress = no_progress,
) -> Scene:
    """All that is done once per photo.

    Args:
        image: (3, H, W) sRGB in [0, 1].
        hints: mask and arrows; without them and without `motion` the scene stands still.
        depth, motion, camera: used as they are instead of an estimate.
        num_layers: 2 to 6, or None for as many as the depth asks for.
        fill: finds what layers hide; the embedded one where none is given.
        softens: split the pixels at silhouettes between what is in front and what is behind.
    """
    height, width = image.shape[-2:]
    camera = camera or photo_camera(width, height)
    progress("depth", 0.0)
    depth = depth or estimate_depth(image)
    progress("layers", 0.2)
    layers = split_layers(image, depth, num_layers=num_layers)
    progress("inpainting", 0.3)
    ldi = inpaint_layers(layers, fill=fill or embedded_fill().fill, lays_texture=fill is None)
    ldi = soften_silhouettes(ldi) if softens else ldi
    progress("points", 0.6)
    cloud = build_point_cloud(ldi, features(ldi), camera)
    progress("motion", 0.7)
    scene = Scene(image, camera, depth, ldi, MotionField(torch.zeros(2, height, width)), cloud)
    scene = replace(scene, motion=motion) if motion else move_scene(scene, hints)
    progress("done", 1.0)
    return scene


@torch.inference_mode()
def estimate_scene_depth(image: Tensor, estimator: DisparityEstimator) -> DepthMap:
    """Depth of a photo (3, H, W), see `depth/choice.py`."""
    return estimate_depth(image, estimator)


@torch.inference_mode()
def move_scene(scene: Scene, hints: MotionHints | None) -> Scene:
    """The same scene with the motion of new hints; nothing else depends on them."""
    if hints is None:
        return replace(scene, motion=MotionField(torch.zeros_like(scene.motion.flow)))
    return replace(scene, motion=estimate_surface_motion(scene.image, hints, scene.depth, scene.camera))


@torch.inference_mode()
def estimate_surface_motion(image: Tensor, hints: MotionHints, depth: DepthMap, camera: PinholeCamera) -> MotionField:
    """Motion of the fluid on its own surface: the rim of a roof in front of the sky is no part of it."""
    moving = hints.mask > 0
    surface = DepthMap(fluid_surface(depth.depth, moving & ~standing_rim(depth.depth, moving)))
    network = motion_network(hints.method)
    reading = None if network is None else read_photo(network, image, depth, hints.mask)
    return estimate_motion(image, hints, depth=surface, camera=camera, reading=reading)


@torch.inference_mode()
def animate(
    scene: Scene,
    cameras: Sequence[PinholeCamera],
    settings: RenderSettings = DEFAULTS,
    *,
    progress: Progress = no_progress,
) -> Iterator[Frame]:
    """One frame per camera; the loop is as long as the list."""
    loop = open_loop(scene, len(cameras), settings)
    for frame, camera in enumerate(cameras):
        progress("frames", frame / len(cameras))
        yield loop.render(camera, frame)


def path_cameras(
    scene: Scene, name: str, num_frames: int, *, width: int, height: int, amplitude: float = 1.0
) -> list[PinholeCamera]:
    """The cameras of a named path (`camera_paths.PATHS`), closed: camera `num_frames` would be camera 0.

    Raises:
        BadInput: there is no such path.
    """
    near = scene.depth.near
    focus = float(np.median(scene.depth.depth.numpy())) / near
    focus = min(max(focus, _NEAREST_FOCUS), _FARTHEST_FOCUS)
    cameras = []
    for frame in range(num_frames):
        try:
            offset = camera_offset(name, frame / num_frames, amplitude, focus)
        except ValueError as error:
            raise BadInput(str(error), hint="Choose another path or --amplitude, or give a cameras.json.") from error
        to_world = torch.tensor(camera_to_world(offset), dtype=torch.float64).view(4, 4)
        to_world[:3, 3] *= near
        resized = resize_camera(scene.camera, width, height)
        intrinsics = resized.intrinsics.clone()
        intrinsics[[0, 1], [0, 1]] *= offset.focal_scale
        cameras.append(PinholeCamera(intrinsics, torch.linalg.inv(to_world), width, height))
    return cameras
