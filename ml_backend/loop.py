"""The per-frame half of the line: displace both ways, splat, blend, decode (Sec. 3.4)."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.animation import symmetric
from ml_backend.animation.inflow import FEATHER_PX, Seen, borrow_fluid
from ml_backend.animation.scene_flow import fluid_surface, lift_to_scene_flow, local_stretch, standing_rim
from ml_backend.camera import PinholeCamera, project, resize_camera
from ml_backend.filtering import push_pull
from ml_backend.motion.euler import Trajectories
from ml_backend.pose import REST, Pose, pose_points
from ml_backend.rendering.contrast import photo_contrast, restore_contrast
from ml_backend.rendering.decoder import COVERED, Decoder, decode_mixed_colors, fill_depth, hole_fraction
from ml_backend.rendering.parallax import disc_growth, front_depth, neighbour_steps, pulled_apart
from ml_backend.rendering.splatting import SHEET_GAP, Sheets, Splat, splat
from ml_backend.rendering.supersampling import enlarge_frame, reduce_frame, samples_per_side
from ml_backend.structures import BlendedMap, Displacement, FeatureMap, FeaturePointCloud, Frame, Scene
from ml_backend.unseen_fluid import find_unseen, is_inside, with_unseen

_NEAREST_Z = 0.05  # of the near depth: closer points would be discs as large as the picture
_SMALLEST_RADIUS_PX = 0.71  # the least that reaches a pixel's centre wherever the point lies
_LARGEST_RADIUS_PX = 12.0
_INVENTED = 1e-6  # trust in an inpainted point that lies in one sheet with points of the photo
_MOVED_PX = 0.5  # from which a point counts as moved: the blur between two pixels is greatest there
_KNOWN = 0.5  # share of the photo's own points from which a pixel counts as known


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How frames are made. The defaults are the measured best; `PAPER` is Eq. (4) as printed, nearness normalised.

    radius_px: of a point at the photo's own size; below 1, so that at t = 0 no pixel sees its neighbours.
    points_per_pixel, surface_gap, sheet_gap: see the splatter. fade: schedule of the two clouds. keeps_contrast: blend
    without the pulse of contrast once per loop. restores_contrast: of moved fluid, to the photo's. borrows_fluid: of
    the other cloud, where one shows invented fluid. continues_fluid: also where the photo hides it.
    """

    radius_px: float = 0.9
    points_per_pixel: int = 8
    surface_gap: float = 1.2
    sheet_gap: float = SHEET_GAP
    fade: symmetric.Fade = symmetric.late_fade
    keeps_contrast: bool = True
    restores_contrast: bool = True
    borrows_fluid: bool = True
    continues_fluid: bool = True
    decoder: Decoder = decode_mixed_colors


DEFAULTS = RenderSettings()
PAPER = RenderSettings(fade=symmetric.linear_fade, keeps_contrast=False, restores_contrast=False, borrows_fluid=False)


class Loop:
    """Renders the frames of one loop of a scene, in any order; keeps the trajectories of the moving points.

    Frame `num_frames` is frame 0, byte for byte; the same frame is the same whatever was rendered before.
    """

    @torch.inference_mode()
    def __init__(self, scene: Scene, num_frames: int, settings: RenderSettings = DEFAULTS) -> None:
        self._scene, self._num_frames, self._settings = scene, num_frames, settings
        self._near = scene.depth.near
        self._contrast_px = max(scene.camera.width, scene.camera.height) / 64  # a few waves wide
        self._cloud = scene.cloud
        self._depths = project(self._cloud.positions, scene.camera)[1]
        flow = F.pad(scene.motion.flow[None], (scene.ldi.border,) * 4, mode="replicate")[0]  # (2, h, w) canvas
        depth = front_depth(scene.ldi)  # (1, h, w)
        moving = (flow != 0).any(dim=0)  # (h, w)
        moving &= ~standing_rim(depth, moving[None])[0]
        visible, hidden = _moving_points(scene, self._cloud, moving)
        self._moving = torch.cat([visible, hidden])
        self._num_visible = len(visible)
        starts = self._cloud.pixels + scene.ldi.border - 0.5  # index coordinates of the canvas
        self._cells = starts[visible].long()
        self._surface = fluid_surface(depth, moving[None])
        self._where_seen, self._where_any = moving, _with_cells(moving, starts[hidden].long())
        continued = push_pull(flow, moving[None].float())
        self._trajectories = (
            Trajectories(flow, starts[visible], num_frames),
            Trajectories(continued, starts[hidden], num_frames),
        )
        if len(visible) and settings.continues_fluid:
            self._add_unseen(visible, continued)
        self._channels = torch.cat([self._cloud.features, *self._marks()], dim=1)
        self._steps = neighbour_steps(scene, self._near)

    def _add_unseen(self, visible: Tensor, flow: Tensor) -> None:
        """Fluid that the photo hides and that comes to light; its points follow those of the scene."""
        scene = self._scene
        cells = find_unseen(self._where_seen, self._where_any, flow, self._num_frames)
        first = len(scene.cloud.layers)
        self._cloud = with_unseen(scene.cloud, visible, cells, self._surface, scene.camera, border=scene.ldi.border)
        self._depths = project(self._cloud.positions, scene.camera)[1]
        self._moving = torch.cat([self._moving, torch.arange(first, first + len(cells))])
        self._cells = torch.cat([self._cells, cells])
        self._trajectories = (*self._trajectories, Trajectories(flow, cells.float(), self._num_frames))

    def _marks(self) -> list[Tensor]:
        """What the points are, each (N, 1), the last one 1 for the photo's own and 0 for inpainted ones.

        The first two, the contrast wanted and 1, are multiplied at each frame by whether a point has moved.
        """
        known = (~self._cloud.inpainted).to(torch.float32)[:, None]
        if not len(self._moving):
            return [known]
        border, (height, width) = self._scene.ldi.border, self._scene.image.shape[1:]
        fluid = self._where_seen[None, border : border + height, border : border + width]
        contrast = photo_contrast(self._scene.image, fluid.to(torch.float32))
        col, row = self._cloud.pixels.long().T
        wanted = contrast[0, row.clamp(0, height - 1), col.clamp(0, width - 1)]
        return [wanted[:, None], torch.ones_like(known), known]

    @torch.inference_mode()
    def render(self, camera: PinholeCamera, frame: int, pose: Pose = REST, samples: int = 1) -> Frame:
        """The picture of one frame seen by `camera`, at the camera's size.

        Args:
            pose: what the artist has hidden, moved, or deformed.
            samples: along each side of a pixel; more than 1 smooths fine edges.
        """
        factor = samples_per_side(self._scale(camera)) * samples
        if factor == 1:
            return self._draw(camera, frame, pose)
        larger = resize_camera(camera, camera.width * factor, camera.height * factor)
        return reduce_frame(self._draw(larger, frame, pose), factor)

    @torch.inference_mode()
    def render_draft(self, camera: PinholeCamera, frame: int, pose: Pose = REST) -> Frame:
        """The same at half the size, enlarged: for looking around."""
        half = resize_camera(camera, max(1, camera.width // 2), max(1, camera.height // 2))
        return enlarge_frame(self._draw(half, frame, pose), camera.height, camera.width)

    @torch.inference_mode()
    def scene_flow(self, steps: int) -> Tensor:
        """Translation (N, 3) in world space of all points after `steps` frames, at most N; negative follows -M."""
        step, backward = (self._num_frames + steps, True) if steps < 0 else (steps, False)
        positions = self._displaced(step, backward=backward).positions
        return (positions - self._cloud.positions)[: len(self._scene.cloud.layers)]

    def _scale(self, camera: PinholeCamera) -> float:
        """Pixels of the picture per pixel of the photo, at the photo's distance."""
        return float(camera.intrinsics[0, 0] / self._scene.camera.intrinsics[0, 0])

    def _draw(self, camera: PinholeCamera, frame: int, pose: Pose) -> Frame:
        step = frame % self._num_frames
        forward, drawn = self._splat(camera, step, pose, backward=False)
        if step == 0 or not len(self._moving):
            known, alone = forward.features[-1:], self._without_marks(forward)
            blended = self._of_one_cloud(alone, known)
            return self._finish(blended, drawn, double_exposure=0.0)
        backward, drawn_backward = self._splat(camera, step, pose, backward=True)
        time = step / self._num_frames
        nearness = symmetric.normalised_nearness(self._near)
        weight = symmetric.blend_weight(forward, backward, time, nearness, self._settings.fade, known_channel=-1)
        if self._settings.borrows_fluid:
            sigma_px = FEATHER_PX * self._scale(camera)
            sides = (self._seen(side) for side in (forward, backward))
            weight = borrow_fluid(weight, *sides, time, sigma_px)
        marks = torch.lerp(*(side.features[self._num_textures :] for side in (backward, forward)), weight)
        known = marks[-1:]
        forward, backward = self._without_marks(forward), self._without_marks(backward)
        if self._settings.keeps_contrast:
            sigma_px = self._contrast_px * self._scale(camera)
            mixed = symmetric.blend_preserving_variance(forward, backward, weight, sigma_px)
        else:
            mixed = symmetric.blend(forward, backward, weight)
        plain, moved, wanted = mixed.features, marks[1:2], marks[:1]
        if self._settings.restores_contrast:
            mixed = restore_contrast(mixed, moved, wanted, known, self._scale(camera))
        doubled = symmetric.double_exposure(forward, backward, weight)
        maps = {"weight": weight, "known": known, "plain": plain, "moved": moved, "wanted": wanted}
        blended = BlendedMap(mixed, forward, backward, near=self._near, **maps)
        return self._finish(blended, drawn + drawn_backward, double_exposure=doubled)

    def _of_one_cloud(self, alone: FeatureMap, known: Tensor) -> BlendedMap:
        """As at frame 0: nothing has moved."""
        nothing, everything = torch.zeros_like(known), torch.ones_like(known)
        maps = {"weight": everything, "known": known, "plain": alone.features, "moved": nothing, "wanted": nothing}
        return BlendedMap(alone, alone, alone, near=self._near, **maps)

    @torch.inference_mode()
    def place(self, camera: PinholeCamera, frame: int, pose: Pose = REST, *, backward: bool = False) -> "Placed":
        """Where one of the two clouds is in the picture of a frame, and how large its points are there."""
        moved = self._displaced(frame % self._num_frames, backward=backward)
        posed = pose_points(self._cloud, moved.positions, pose)
        depths, stretch, shown, share = moved.depths, moved.stretch, moved.shown, moved.moved
        if posed.rows is not None:
            depths, stretch, shown, share = (v[posed.rows] for v in (depths, stretch, shown, share))
        pixels, z = project(posed.positions, camera)
        scale = self._scale(camera)
        growth = self._growth(camera)
        stretch = torch.maximum(stretch, growth if posed.rows is None else growth[posed.rows])
        sizes = self._settings.radius_px * scale * stretch * posed.scales
        radii = sizes * depths / z.clamp(min=_NEAREST_Z * self._near)
        return Placed(
            pixels=pixels,
            z=torch.where(shown & (z > _NEAREST_Z * self._near), z, torch.zeros(())),
            radii=radii.clamp(_SMALLEST_RADIUS_PX, max(1.0, scale) * _LARGEST_RADIUS_PX),
            moved=share,
            rows=posed.rows,
        )

    def _growth(self, camera: PinholeCamera) -> Tensor:
        """Of the discs of all points (N,), so that the surfaces stay closed for a camera that has moved."""
        growth = torch.ones_like(self._depths)
        growth[: len(self._steps.disparity)] = disc_growth(pulled_apart(self._steps, camera))
        return growth

    def _splat(self, camera: PinholeCamera, step: int, pose: Pose, *, backward: bool) -> tuple[FeatureMap, int]:
        placed = self.place(camera, step, pose, backward=backward)
        channels = self._channels_of(placed)
        drawn: Splat = splat(
            placed.pixels,
            placed.z,
            placed.radii,
            channels,
            height=camera.height,
            width=camera.width,
            near=self._near,
            points_per_pixel=self._settings.points_per_pixel,
            surface_gap=self._settings.surface_gap,
            sheets=Sheets(self._settings.sheet_gap, trust_in_points(channels[:, -1])),
            opacities=self._cloud.opacities if placed.rows is None else self._cloud.opacities[placed.rows],
        )
        return drawn.feature_map, drawn.num_points

    def _channels_of(self, placed: "Placed") -> Tensor:
        """The channels (n, C) of the points that are drawn, with their shares of moved fluid at this frame."""
        channels = self._channels if placed.rows is None else self._channels[placed.rows]
        if len(self._moving):
            channels = channels.clone()
            channels[:, self._num_textures : -1] *= placed.moved[:, None]
        return channels

    @property
    def _num_textures(self) -> int:
        return self._cloud.features.shape[1]

    def _without_marks(self, feature_map: FeatureMap) -> FeatureMap:
        """Without the channels that say what a point is; they are no texture whose contrast should be kept."""
        return replace(feature_map, features=feature_map.features[: self._num_textures])

    def _seen(self, feature_map: FeatureMap) -> Seen:
        """By the marks of the points."""
        colors = self._without_marks(feature_map).features[:3]
        covered = (feature_map.alpha / COVERED).clamp(max=1)
        return Seen(colors, covered, known=feature_map.features[-1:], moved=feature_map.features[-2:-1])

    def _displaced(self, step: int, *, backward: bool) -> "_Moved":
        positions, depths = self._cloud.positions, self._depths
        stretch, shown = torch.ones_like(depths), torch.ones_like(self._cloud.inpainted)
        if not len(self._moving):
            return _Moved(positions, depths, stretch, shown, torch.zeros_like(depths))
        offsets = [t.backward(step) if backward else t.forward(step) for t in self._trajectories]
        scene, moving, together = self._scene, self._moving, torch.cat(offsets)
        scene_flow = lift_to_scene_flow(
            self._cloud.pixels[moving],
            depths[moving],
            together,
            self._surface,
            scene.camera,
            border=scene.ldi.border,
        )
        positions, depths = positions.clone(), depths.clone()
        positions[moving] += scene_flow
        depths[moving] = project(positions[moving], scene.camera)[1]
        on_surface = torch.ones(len(moving), dtype=torch.bool)
        on_surface[self._num_visible : self._num_visible + len(offsets[1])] = False
        stretch[moving[on_surface]] = self._stretch(together[on_surface])
        shown[moving] = self._is_shown(together, len(offsets[0]) + len(offsets[1]))
        share = torch.zeros_like(depths)
        share[moving] = (together.norm(dim=1) / _MOVED_PX).clamp(max=1).to(share.dtype)
        return _Moved(positions, depths, stretch, shown, share)

    def _is_shown(self, offsets: Tensor, num_known: int) -> Tensor:
        """Fluid is drawn where fluid is, (n,) bool: it neither runs over the shore nor comes out of a rock."""
        arrived = self._cloud.pixels[self._moving] + offsets + self._scene.ldi.border - 0.5
        height, width = self._where_any.shape
        size = torch.tensor([width, height])
        beyond = ((arrived.round() < 0) | (arrived.round() >= size)).any(dim=1)
        known = is_inside(self._where_any, arrived) | beyond
        return torch.cat([known[:num_known], is_inside(self._where_seen, arrived[num_known:])])

    def _stretch(self, offsets: Tensor) -> Tensor:
        col, row = self._cells.T
        size = self._surface.shape[-2:]
        offset = torch.zeros(2, *size)
        valid = torch.zeros(1, *size, dtype=torch.bool)
        offset[:, row, col] = offsets.T
        valid[:, row, col] = True
        return local_stretch(Displacement(offset, valid))[0, row, col]

    def _finish(self, blended: BlendedMap, num_points: int, *, double_exposure: float) -> Frame:
        mixed = blended.mixed
        return Frame(
            rgb=self._settings.decoder(blended),
            depth=fill_depth(mixed),
            alpha=mixed.alpha.clamp(0, 1),
            hole_fraction=hole_fraction(mixed),
            unknown_fraction=float((blended.known * mixed.alpha < _KNOWN).to(torch.float32).mean()),
            double_exposure=double_exposure,
            num_points=num_points,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """Points in a picture: pixels (N, 2); z (N,), 0 where a point is not drawn; radii (N,) in pixels.

    moved (N,) in [0, 1]: 0 for a point that has not moved since the photo, 1 for one that is somewhere else.
    rows: of the cloud, where a pose has left some out; the points of the scene come before those of unseen fluid.
    """

    pixels: Tensor
    z: Tensor
    radii: Tensor
    moved: Tensor
    rows: Tensor | None


@dataclass(frozen=True, slots=True)
class _Moved:
    """All points at a frame: positions (N, 3) world, depths (N,) for the photo, stretch (N,), shown (N,) bool.

    moved (N,) in [0, 1]: see `Placed`.
    """

    positions: Tensor
    depths: Tensor
    stretch: Tensor
    shown: Tensor
    moved: Tensor


def _with_cells(region: Tensor, cells: Tensor) -> Tensor:
    grown = region.clone()
    grown[cells[:, 1], cells[:, 0]] = True
    return grown


def trust_in_points(known: Tensor) -> Tensor:
    """How much each point (N,) counts among those of its sheet; known: 1 for the photo's own, 0 for inpainted ones."""
    return known + _INVENTED


def _moving_points(scene: Scene, cloud: FeaturePointCloud, moving: Tensor) -> tuple[Tensor, Tensor]:
    """Indices of the points that move: those the photo shows, and those of a fluid that goes on behind something.

    A hidden point moves if its layer's visible surroundings do.
    """
    front = scene.ldi.front
    col, row = (cloud.pixels + scene.ldi.border).long().T
    is_front = front[row, col] == cloud.layers
    moves = moving[row, col] & is_front
    flows = torch.zeros(len(cloud.layers), dtype=torch.bool)
    for layer in torch.unique(cloud.layers[~is_front]).tolist():
        share = push_pull(moving[None].float(), (front == layer)[None].float())[0]
        flows |= (cloud.layers == layer) & (share[row, col] > 0.5)
    return torch.nonzero(moves).squeeze(1), torch.nonzero(flows & ~is_front).squeeze(1)
