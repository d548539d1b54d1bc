"""The paper's baselines (Sec. 4.2), with our own static pipeline as the novel view synthesis of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from scipy.spatial.transform import Rotation, Slerp
from torch import Tensor

from ml_backend.animation.scene_flow import fluid_surface
from ml_backend.animation.symmetric import linear_fade
from ml_backend.camera import PinholeCamera, project, unproject
from ml_backend.evaluation.methods.image_animation import animate_image
from ml_backend.evaluation.methods.method import Inputs, Renderer, Rendering
from ml_backend.evaluation.methods.ours import layered_scene, never_fade, render_loop
from ml_backend.evaluation.projection import view_mask
from ml_backend.evaluation.sample import Shot
from ml_backend.loop import Loop, RenderSettings
from ml_backend.motion.estimate import estimate_motion
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.decoder import COVERED
from ml_backend.structures import BlendedMap, Frame, LayeredDepthImage, MotionField, MotionHints, Scene

# The photo's own points and no more: fluid that comes from behind a rock would be inpainting.
_NAIVE = RenderSettings(
    fade=never_fade, keeps_contrast=False, restores_contrast=False, borrows_fluid=False, continues_fluid=False
)
_WINDOW = 2  # the moving average runs over the frames t - 2 .. t + 2; the paper does not give its length


def prepare_animate_then_view(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """2D animation, then novel view synthesis of each frame with the photo's depth."""

    def render(index: int) -> Rendering:
        shot = shots[index]
        frame = animate_image(inputs.image, inputs.motion, shot.time, inputs.num_frames)
        return _rendering(_view(_still_scene(replace(inputs, image=frame)), shot.camera))

    return render


def prepare_view_then_animate(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """Novel view, then 2D animation with a motion field that is estimated in that view."""
    return _animate_views(inputs, shots, lambda shot: view_motion(inputs, shot.camera))


def prepare_view_then_smooth_animate(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The same, each motion field averaged with those of the neighbouring frames of the camera's path."""

    def average(shot: Shot) -> MotionField:
        cameras = neighbouring_cameras([s for s in shots if s.trajectory == shot.trajectory], shot.time)
        flows = torch.stack([view_motion(inputs, camera).flow for camera in cameras])
        return MotionField(flows.mean(dim=0))

    return _animate_views(inputs, shots, average)


def prepare_naive_points(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """One point per pixel, moved forward along its scene flow and drawn; no layers, nothing inpainted, holes stay."""
    settings = replace(_NAIVE, decoder=_leave_holes)
    return _with_holes(render_loop(_flat_scene(inputs), inputs.num_frames, shots, settings))


def prepare_naive_filled(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The same with its holes filled from around: how much of the naive baseline's loss is nothing but holes."""
    return render_loop(_flat_scene(inputs), inputs.num_frames, shots, _NAIVE)


def prepare_naive_symmetric(inputs: Inputs, shots: Sequence[Shot]) -> Renderer:
    """The naive one with 3D symmetric animation, blended as in Eq. (4)."""
    settings = replace(_NAIVE, fade=linear_fade, decoder=_leave_holes)
    return _with_holes(render_loop(_flat_scene(inputs), inputs.num_frames, shots, settings))


def view_motion(inputs: Inputs, camera: PinholeCamera) -> MotionField:
    """Motion as a 2D method sees it in another view: from the mask and the arrows as they look there, no depth.

    The photo's own view keeps the motion that is given (Sec. 4.3: flows are estimated "apart from the first frame").
    """
    if torch.equal(camera.world_to_camera, inputs.camera.world_to_camera):
        return inputs.motion
    mask = torch.from_numpy(view_mask(inputs.mask, inputs.depth, inputs.camera, camera).astype(np.float32))[None]
    arrows = inputs.arrows
    surface = fluid_surface(inputs.depth.depth, torch.from_numpy(inputs.mask)[None])
    starts = _move_pixels(arrows.starts, surface, inputs.camera, camera)
    ends = _move_pixels(arrows.starts + arrows.vectors, surface, inputs.camera, camera)
    size = torch.tensor([camera.width, camera.height])
    seen = (starts >= 0).all(dim=1) & (starts < size).all(dim=1)
    blank = torch.zeros(3, camera.height, camera.width)
    return estimate_motion(blank, MotionHints(mask, starts[seen], (ends - starts)[seen]))


def neighbouring_cameras(shots: Sequence[Shot], time: int) -> list[PinholeCamera]:
    """Cameras of the frames around `time` on the path through the shots; beyond its ends the path stands."""
    ordered = sorted({shot.time: shot.camera for shot in shots}.items())
    if len(ordered) == 1:
        return [ordered[0][1]]
    times = np.array([t for t, _ in ordered], dtype=np.float64)
    poses = np.stack([torch.linalg.inv(camera.world_to_camera).numpy() for _, camera in ordered])
    turning = Slerp(times, Rotation.from_matrix(poses[:, :3, :3]))
    own = dict(ordered)[time]
    cameras = []
    for moment in range(time - _WINDOW, time + _WINDOW + 1):
        at = float(np.clip(moment, times[0], times[-1]))
        pose = np.eye(4)
        pose[:3, :3] = turning(at).as_matrix()
        pose[:3, 3] = [np.interp(at, times, poses[:, axis, 3]) for axis in range(3)]
        cameras.append(replace(own, world_to_camera=torch.from_numpy(np.linalg.inv(pose))))
    return cameras


def _animate_views(inputs: Inputs, shots: Sequence[Shot], motion_of: Callable[[Shot], MotionField]) -> Renderer:
    scene = _still_scene(inputs)

    def render(index: int) -> Rendering:
        shot = shots[index]
        view = _view(scene, shot.camera)
        if shot.time == 0:
            return _rendering(view)
        moved = animate_image(view.rgb, motion_of(shot), shot.time, inputs.num_frames)
        return Rendering(moved, filled=view.hole_fraction)

    return render


def _leave_holes(blended: BlendedMap) -> Tensor:
    """A decoder that shows holes as the black that they are; what is half covered is not darkened."""
    feature_map = blended.mixed
    return torch.where(feature_map.alpha >= COVERED, feature_map.features[:3].clamp(0, 1), torch.zeros(()))


def _with_holes(renderer: Renderer) -> Renderer:
    def render(index: int) -> Rendering:
        drawn = renderer(index)
        return Rendering(drawn.rgb, empty=drawn.filled)

    return render


def _still_scene(inputs: Inputs) -> Scene:
    return prepare_scene(inputs.image, depth=inputs.depth, camera=inputs.camera)


def _view(scene: Scene, camera: PinholeCamera) -> Frame:
    return Loop(scene, 1).render(camera, 0)


def _rendering(frame: Frame) -> Rendering:
    return Rendering(frame.rgb, frame.hole_fraction)


def _flat_scene(inputs: Inputs) -> Scene:
    """Each pixel one point: a single layer, no border."""
    covered = torch.ones_like(inputs.depth.depth)[None]
    inpainted = torch.zeros_like(covered, dtype=torch.bool)
    return layered_scene(inputs, LayeredDepthImage(inputs.image[None], covered, inputs.depth.depth[None], inpainted, 0))


def _move_pixels(pixels: Tensor, depth: Tensor, source: PinholeCamera, camera: PinholeCamera) -> Tensor:
    """Where the surface at image positions (n, 2) of the photo is in another view, (n, 2)."""
    size = torch.tensor([source.width, source.height], dtype=torch.float32)
    grid = (2 * pixels / size - 1)[None, None]
    read = F.grid_sample(depth[None], grid, mode="bilinear", padding_mode="border", align_corners=False)[0, 0, 0]
    return project(unproject(pixels, read, source), camera)[0]
