"""Whether a loop closes: how far the picture jumps, and how much its speed does, where the rendered frames start again.

The camera is looked at as Blender evaluates it, parents, constraints, drivers, lens, and shift included, at ten moments
next to the seam; nothing is rendered.
"""

from dataclasses import dataclass

import bpy
import numpy as np

from .bridge.problem import Problem
from .bridge.scene_folder import DepthRange
from .camera import PinholeView, RenderSize, pinhole_view, render_size
from .frame_request import root_matrix

CLOSED_PX = 0.25  # a smaller seam cannot be seen
SMOOTH_PX = 0.5  # per frame; a smaller change of speed cannot be seen
_GRID = 9  # points along each side of the frame
_SUBFRAME = 0.125  # exact in Blender's float32 time


@dataclass(frozen=True, slots=True)
class Seam:
    """state: CLOSED, KINKED (closed, with a jump in speed), OPEN, or CUT (ends with another camera than it starts
    with). seam_px: largest motion in pixels of the frame; kick_px: largest change of speed, in pixels per frame.
    """

    state: str
    message: str
    seam_px: float = 0.0
    kick_px: float = 0.0


def seen_frames(scene: bpy.types.Scene) -> range:
    """The frames that a viewer sees again and again: the frame range if whole loops fill it, else one loop."""
    if range_fits(scene):
        return range(scene.frame_start, scene.frame_end + 1)
    settings = scene.cinemagraph
    return range(settings.loop_start, settings.loop_start + settings.loop_frames)


def range_fits(scene: bpy.types.Scene) -> bool:
    """Whether whole loops fill the frame range."""
    return (scene.frame_end - scene.frame_start + 1) % scene.cinemagraph.loop_frames == 0


def camera_at(scene: bpy.types.Scene, frame: int) -> bpy.types.Object | None:
    """The camera that renders a frame: that of the last marker so far, of the first marker, or the scene's."""
    bound = [m for m in scene.timeline_markers if m.camera is not None and not m.camera.hide_render]
    bound.sort(key=lambda marker: marker.frame)
    if not bound:
        return scene.camera
    return next((m.camera for m in reversed(bound) if m.frame <= frame), bound[0].camera)


def measure_seam(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, depths: DepthRange) -> Seam:
    """Look at the camera on both sides of the seam; the current frame and camera are the same again afterwards.

    Raises:
        Problem: there is no camera, or it is not a perspective one.
    """
    frames = seen_frames(scene)
    camera, last = camera_at(scene, frames[0]), camera_at(scene, frames[-1])
    if camera is None:
        raise Problem("The scene has no camera.", hint="Press Add Camera in the sidebar.")
    if camera != last:
        return Seam("CUT", f"The loop ends with a cut from '{last.name}' to '{camera.name}'")
    before = scene.frame_current, scene.frame_subframe, scene.camera
    try:
        look = _Look(scene, depsgraph, camera)
        look.fill_frame(frames.start, depths)
        return _measure(look, frames.start, frames.stop, camera.name)
    finally:
        scene.frame_set(before[0], subframe=before[1])
        scene.camera = before[2]


class _Look:
    """Where things of the first frame's view are at any time: `look(time)` gives (n, 2) pixels."""

    def __init__(self, scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, camera: bpy.types.Object) -> None:
        self._scene, self._depsgraph, self._camera = scene, depsgraph, camera
        self._size = render_size(scene.render)
        self._points = np.empty((0, 3))

    def fill_frame(self, time: float, depths: DepthRange) -> None:
        """Look at things that fill the frame at this time."""
        self._points = _frame_points(self._view(time), self._size, depths)

    def __call__(self, time: float) -> np.ndarray:
        view = self._view(time)
        in_camera = self._points @ view.world_to_camera[:3, :3].T + view.world_to_camera[:3, 3]
        fx, fy, cx, cy = view.intrinsics
        z = np.maximum(in_camera[:, 2:], 1e-6)
        return in_camera[:, :2] / z * (fx, fy) + (cx, cy)

    def _view(self, time: float) -> PinholeView:
        whole = int(np.floor(time))
        self._scene.frame_set(whole, subframe=time - whole)
        return pinhole_view(self._camera.evaluated_get(self._depsgraph), self._size, root_matrix(self._depsgraph))


def _frame_points(view: PinholeView, size: RenderSize, depths: DepthRange) -> np.ndarray:
    """World points (n, 3) that fill the frame, at the near and at the middle depth."""
    x, y = np.meshgrid(np.linspace(0, size.width, _GRID), np.linspace(0, size.height, _GRID))
    fx, fy, cx, cy = view.intrinsics
    rays = np.stack([(x - cx) / fx, (y - cy) / fy, np.ones_like(x)], axis=-1).reshape(-1, 3)
    in_camera = np.concatenate([rays * depths.near, rays * depths.middle])
    to_world = np.linalg.inv(view.world_to_camera)
    return in_camera @ to_world[:3, :3].T + to_world[:3, 3]


def _measure(look: _Look, start: int, end: int, name: str) -> Seam:
    first, repeated = look(start), look(end)
    seam_px = _largest(repeated - first)
    if seam_px > CLOSED_PX:
        return Seam("OPEN", f"'{name}' does not return: the picture jumps by {seam_px:.1f} px", seam_px)
    kick_px = min(_kick(look, start, end, step) for step in (1, _SUBFRAME))
    if kick_px > SMOOTH_PX:
        return Seam("KINKED", f"'{name}' returns, but its speed jumps by {kick_px:.1f} px per frame", seam_px, kick_px)
    return Seam("CLOSED", f"'{name}' returns: the seam is {seam_px:.2f} px", seam_px, kick_px)


def _kick(look: _Look, start: int, end: int, step: float) -> float:
    """Change of speed at the seam by one-sided differences of second order.

    Whole frames are what is seen, but a quick path turns a lot from one to the next; parts of a frame show its true
    speed, unless handles rest at the first and last key. Only a jump that both show is one.
    """
    after = -3 * look(start) + 4 * look(start + step) - look(start + 2 * step)
    before = 3 * look(end) - 4 * look(end - step) + look(end - 2 * step)
    return _largest(after - before) / (2 * step)


def _largest(motion: np.ndarray) -> float:
    return float(np.linalg.norm(motion, axis=1).max())
