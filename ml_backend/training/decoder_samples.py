"""What the decoder learns from: clues of the free chain in generated worlds, and what is really seen there.

A cinemagraph ends where it began: a pixel in which the forward cloud counts shows the world at time t, one in which the
backward cloud counts shows it N frames earlier. That is the truth here, pixel by pixel, and never a mixture of both
unless the blend is at its middle, where it goes over from one to the other.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.loop import DEFAULTS, Loop
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.decoder import decode_mixed_colors
from ml_backend.rendering.gated_decoder import gather_clues
from ml_backend.structures import BlendedMap, DepthMap, MotionField
from ml_backend.training.datasets.takes import Rng
from ml_backend.training.stage import Batch
from ml_backend.training.worlds import Textures, World, first_camera, make_world, nearby_camera, render_view

_LEAST_FLUID = 0.03  # of the picture
_ATTEMPTS = 3  # to find a world that flows; then one that stands is as good, for what it hides
_FARTHEST = 200.0  # in near depths, as everywhere in the pipeline
_RESTING_CAMERAS = 0.15
_CANDIDATES = 6  # places for a crop, of which the one with most to correct is taken
_FADE_START = 0.65  # of the loop, as the blend's schedule has it
_CHOICE = (0.35, 0.65)  # weights of the forward cloud between which the truth goes over


@dataclass(frozen=True, slots=True)
class Cut:
    """Size of the pictures, side of the crops, pictures per world, crops per picture, and length of the loop."""

    width: int
    height: int
    side: int
    frames: int
    crops: int
    num_frames: int


def make_sample(rng: Rng, cut: Cut, textures: Textures) -> Batch:
    """Crops of several frames of one world: clues (F, CLUES, s, s) and truth (F, 3, s, s), with F = frames * crops."""
    world = _draw_world(rng, cut, textures)
    photo = first_camera(world, cut.width, cut.height)
    view = render_view(world, photo, 0.0)
    near = float(np.quantile(view.depth.numpy(), 0.02))
    camera = _relative(photo, photo, near)
    depth = DepthMap((view.depth / near).clamp(max=_FARTHEST))
    scene = prepare_scene(view.color, depth=depth, motion=MotionField(view.flow), camera=camera)
    blends: list[BlendedMap] = []
    loop = Loop(scene, cut.num_frames, replace(DEFAULTS, decoder=lambda b: blends.append(b) or decode_mixed_colors(b)))
    found: list[tuple[Tensor, Tensor]] = []
    for _ in range(cut.frames):
        target = photo if rng.random() < _RESTING_CAMERAS else nearby_camera(world, photo, rng)
        time = _draw_time(rng, cut.num_frames)
        colors = loop.render(_relative(target, photo, near), time).rgb
        blended = blends.pop()
        clues = gather_clues(blended, colors)
        found += _crops(clues, _truth(world, target, (time, time - cut.num_frames), blended.weight), cut, rng)
    clues, truths = zip(*found, strict=True)
    return {"clues": torch.stack(clues).clone(), "truth": torch.stack(truths).clone()}  # out of inference mode


def _draw_world(rng: Rng, cut: Cut, textures: Textures) -> World:
    for _ in range(_ATTEMPTS):
        world = make_world(int(rng.integers(2**31)), textures)
        view = render_view(world, first_camera(world, cut.width // 4, cut.height // 4), 0.0)
        if float(view.fluid.float().mean()) >= _LEAST_FLUID:
            break
    return world


def _relative(camera: PinholeCamera, photo: PinholeCamera, near: float) -> PinholeCamera:
    """The same camera in a world that is the photo's camera and whose unit is the near depth."""
    pose = camera.world_to_camera @ torch.linalg.inv(photo.world_to_camera)
    pose[:3, 3] /= near
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


def _draw_time(rng: Rng, num_frames: int) -> int:
    """Any frame, half of them while one cloud fades into the other."""
    first = 0 if rng.random() < 0.5 else round(_FADE_START * num_frames)
    return int(rng.integers(first, num_frames))


def _truth(world: World, camera: PinholeCamera, times: tuple[int, int], weight: Tensor) -> Tensor:
    now = render_view(world, camera, float(times[0]))
    if not bool(now.fluid.any()) or times[0] == 0:
        return now.color
    before = render_view(world, camera, float(times[1]))
    x = ((weight - _CHOICE[0]) / (_CHOICE[1] - _CHOICE[0])).clamp(0, 1)
    return torch.lerp(before.color, now.color, x * x * (3 - 2 * x))


def _crops(clues: Tensor, truth: Tensor, cut: Cut, rng: Rng) -> list[tuple[Tensor, Tensor]]:
    height, width = truth.shape[-2:]
    chosen = []
    for _ in range(cut.crops):
        rows = rng.integers(0, height - cut.side + 1, _CANDIDATES)
        cols = rng.integers(0, width - cut.side + 1, _CANDIDATES)
        places = [np.s_[:, r : r + cut.side, c : c + cut.side] for r, c in zip(rows, cols, strict=True)]
        best = max(places, key=lambda place: float(clues[-1:][place].mean()))
        chosen.append((clues[best], truth[best]))
    return chosen
