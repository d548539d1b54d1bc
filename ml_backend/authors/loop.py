"""The frames of a loop as the authors' decoder was trained to draw them (Sec. 3.4); ours are in `loop.py`."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ml_backend.animation import symmetric
from ml_backend.animation.authors_flow import MovedLayers, displace_late, features_as_trained, move_layers
from ml_backend.camera import PinholeCamera, project, resize_camera, unproject
from ml_backend.loop import DEFAULTS, Loop, RenderSettings
from ml_backend.models import load_rendering_nets
from ml_backend.pose import REST, Pose, pose_points
from ml_backend.rendering.decoder import COVERED, fill_depth
from ml_backend.rendering.splatting import composite, count_points, rasterize
from ml_backend.rendering.supersampling import enlarge_frame
from ml_backend.structures import FeatureMap, Frame, Scene
from ml_backend.weights import official
from ml_backend.weights.location import weights_folder

_NEAREST_Z = 0.05  # of the near depth: closer points would be discs as large as the picture
_LARGEST_RADIUS_PX = 12.0  # at the photo's size
_TINY = 1e-12
_LEAST_SIDE = 32  # that the decoder can halve four times
_ALPHA, _DISPARITY, _TRAINED = 3, 36, 37  # channels: colour, alpha, features, disparity; then ours


@dataclass(frozen=True, slots=True)
class RenderingNets:
    """features: RGBA layers (L, 4, H, W) -> (L, 32, h, w); decoder: (1, 37, H, W) -> (1, 3, H, W), with `alpha`, the
    scale of disparity in the exponent of Eq. (4).
    """

    features: nn.Module
    decoder: nn.Module


def open_loop(scene: Scene, num_frames: int, settings: RenderSettings = DEFAULTS) -> "Loop | AuthorsLoop":
    """The loop of a scene, drawn by whose layers it has; raises MissingDependency, WeightsMismatch."""
    if scene.networks == "own":
        return Loop(scene, num_frames, settings)
    return AuthorsLoop(scene, num_frames, RenderingNets(*load_rendering_nets(weights_folder())))


class AuthorsLoop:
    """Renders the frames of one loop of a scene, in any order. Frame `num_frames` is frame 0, byte for byte."""

    @torch.inference_mode()
    def __init__(self, scene: Scene, num_frames: int, nets: RenderingNets) -> None:
        self._scene, self._num_frames, self._nets = scene, num_frames, nets
        self._near = scene.depth.near
        self._covered = scene.ldi.alphas[:, 0] > COVERED  # (L, H, W), as the cloud's rows
        features = nets.features(torch.cat([scene.ldi.colors, scene.ldi.alphas], dim=1))
        at_points = features_as_trained(scene.ldi, features).permute(0, 2, 3, 1)[self._covered]  # (N, 32)
        known = (~scene.cloud.inpainted)[:, None].to(at_points.dtype)
        self._channels = torch.cat([scene.cloud.colors, torch.ones_like(known), at_points], dim=1)
        self._known = known

    @torch.inference_mode()
    def render(self, camera: PinholeCamera, frame: int, pose: Pose = REST, samples: int = 1) -> Frame:
        """The picture of one frame seen by `camera`, at the camera's size.

        Args:
            pose: what the artist has hidden, moved, or deformed.
            samples: not used; the decoder smooths edges by itself, and was trained with one sample.
        """
        return self._draw(camera, frame % self._num_frames, pose)

    @torch.inference_mode()
    def render_draft(self, camera: PinholeCamera, frame: int, pose: Pose = REST) -> Frame:
        """The same at half the size, enlarged: for looking around."""
        half = resize_camera(camera, max(1, camera.width // 2), max(1, camera.height // 2))
        return enlarge_frame(self._draw(half, frame % self._num_frames, pose), camera.height, camera.width)

    def _draw(self, camera: PinholeCamera, step: int, pose: Pose) -> Frame:
        clouds = [self.points_at(steps, camera, pose) for steps in (step, step - self._num_frames)]
        disparities = torch.cat([1 / cloud.z[cloud.shown] for cloud in clouds])
        low, high = disparities.aminmax() if len(disparities) else (torch.zeros(()), torch.ones(()))
        maps, counts = zip(
            *(draw_as_trained(cloud, camera, low=low, spread=high - low, near=self._near) for cloud in clouds),
            strict=True,
        )
        return self._finish(maps, step / self._num_frames, sum(counts), camera)

    def points_at(self, steps: int, camera: PinholeCamera, pose: Pose) -> "SeenPoints":
        """The points after `steps` frames, as the camera sees them."""
        moved = move_layers(self._scene.ldi, displace_late(self._scene.motion, steps))
        depths = moved.depths[self._covered]
        positions = unproject(self._places(moved), depths, self._scene.camera)
        posed = pose_points(self._scene.cloud, positions, pose)
        inside, channels, known = moved.inside[self._covered], self._channels, self._known
        if posed.rows is not None:
            depths, inside, channels, known = (v[posed.rows] for v in (depths, inside, channels, known))
        pixels, z = project(posed.positions, camera)
        shown = inside & (z > _NEAREST_Z * self._near)
        scale = float(camera.intrinsics[0, 0] / self._scene.camera.intrinsics[0, 0])
        radii = official.RADIUS_PX * scale * posed.scales * depths / z.clamp(min=_NEAREST_Z * self._near)
        return SeenPoints(
            pixels, z, radii.clamp(max=_LARGEST_RADIUS_PX * max(1.0, scale)), shown, torch.cat([channels, known], dim=1)
        )

    def _places(self, moved: MovedLayers) -> Tensor:
        """Image positions (N, 2) as they were in training."""
        return moved.places.permute(0, 2, 3, 1)[self._covered] + (0.5 - official.PIXEL_SHIFT)

    def _finish(self, maps: tuple[Tensor, Tensor], time: float, num_points: int, camera: PinholeCamera) -> Frame:
        weights = blend_weights(maps[0], maps[1], time, float(self._nets.decoder.alpha))
        mixed = weights[0] * maps[0] + weights[1] * maps[1]
        rgb = self._nets.decoder(mixed[None, :_TRAINED])[0]
        rgb, mixed, weight, forward, backward = (
            m[:, : camera.height, : camera.width] for m in (rgb, mixed, weights[0], *maps)
        )
        alpha = mixed[_ALPHA : _ALPHA + 1].clamp(0, 1)
        normalised = mixed / alpha.clamp(min=official.LEAST_COVERED)
        depth = fill_depth(FeatureMap(normalised, self._near / normalised[-1:], alpha))
        sides = (FeatureMap(m, depth, alpha) for m in (forward, backward))
        return Frame(
            rgb=rgb,
            depth=depth,
            alpha=alpha,
            hole_fraction=float((alpha < COVERED).to(torch.float32).mean()),
            unknown_fraction=float((mixed[_TRAINED] < COVERED).to(torch.float32).mean()),
            double_exposure=symmetric.double_exposure(*sides, weight),
            num_points=num_points,
        )


@dataclass(frozen=True, slots=True)
class SeenPoints:
    """M points as a camera sees them: pixels (M, 2), z (M,), radii (M,) in pixels, shown (M,) bool, channels (M, C)."""

    pixels: Tensor
    z: Tensor
    radii: Tensor
    shown: Tensor
    channels: Tensor


def draw_as_trained(
    points: SeenPoints, camera: PinholeCamera, *, low: Tensor, spread: Tensor, near: float
) -> tuple[Tensor, int]:
    """The splatted points (39, H, W), not divided by alpha, and how many of them are seen.

    37 channels are what the decoder reads: colour, alpha, features, disparity scaled by its range `low` to `low` +
    `spread` over all points of the frame. Then the share of the photo's own points, and nearness.
    """
    z = torch.where(points.shown, points.z, torch.zeros(()))
    inverse = 1 / z.clamp(min=_NEAREST_Z * near)
    disparity = ((inverse - low) / spread.clamp(min=_TINY)).clamp(0, 1)
    channels = torch.cat(
        [points.channels[:, :-1], disparity[:, None], points.channels[:, -1:], near * inverse[:, None]], dim=1
    )
    size = {"height": _drawn_side(camera.height), "width": _drawn_side(camera.width)}
    fragments = rasterize(points.pixels, z, points.radii, points_per_pixel=official.POINTS_PER_PIXEL, **size)
    return composite(fragments, points.radii, channels)[0], count_points(fragments, len(z))


def blend_weights(forward: Tensor, backward: Tensor, time: float, scale: float) -> tuple[Tensor, Tensor]:
    """Weights (1, H, W) of two maps (C, H, W): Eq. (4) with the exponent `scale` times disparity; 0 where both are
    empty.
    """
    shares = [
        share * torch.exp(scale * x[_DISPARITY : _DISPARITY + 1]) * x[_ALPHA : _ALPHA + 1]
        for share, x in ((1 - time, forward), (time, backward))
    ]
    total = (shares[0] + shares[1]).clamp(min=official.LEAST_COVERED)
    return shares[0] / total, shares[1] / total


def _drawn_side(side: int) -> int:
    """The decoder's sides are even."""
    return max(_LEAST_SIDE, side + side % 2)
