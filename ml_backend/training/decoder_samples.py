"""What the decoder learns from: clues of the free chain in generated worlds, and what is really seen there.

A cinemagraph ends where it began: a pixel in which the forward cloud counts shows the world at time t, one in which the
backward cloud counts shows it N frames earlier. That is the truth here, pixel by pixel, and never a mixture of both
unless the blend is at its middle, where it goes over from one to the other.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.loop import DEFAULTS, Loop
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.decoder import decode_mixed_colors
from ml_backend.rendering.gated_decoder import PICTURES, SHARES, gather_clues, open_gate
from ml_backend.structures import BlendedMap, DepthMap, MotionField
from ml_backend.training.datasets.takes import Rng
from ml_backend.training.stage import Batch
from ml_backend.training.worlds import Textures, World, first_camera, make_world, nearby_camera, render_view
from ml_backend.training.worlds.samples import NUM_FRAMES, Sample

KIND = "decoder"
FRAMES = 8  # of a world: it takes a second to prepare, a picture of it a tenth of one
SIDE = 96  # of a crop, one of each picture
_STREAM = 11  # apart from the random numbers that make the world
_LEAST_FLUID = 0.03  # of the picture
_ATTEMPTS = 3  # to find a world that flows; then one that stands is as good, for what it hides
_NEXT_WORLD = 500_000_000  # from a seed to the one tried after it
_FARTHEST = 200.0  # in near depths, as everywhere in the pipeline
_RESTING_CAMERAS = 0.25
_CANDIDATES = 6  # places for a crop, of which the one with most to correct is taken
_FADE_START = 0.65  # of the loop, as the blend's schedule has it
_CHOICE = (0.35, 0.65)  # weights of the forward cloud between which the truth goes over
_BYTE = 255.0


def make_decoder_sample(seed: int, kind: str, width: int, height: int, textures: Textures) -> Sample:
    """A crop of each of several frames of one world, as a pool stores it: see `clues_and_truth`.

    pictures_color (F, 3 PICTURES, s, s) and shares (F, SHARES, s, s) uint8, fine (F, C, s, s) float16: the clues.
    truth_color (F, 3, s, s) uint8.

    Raises:
        ValueError: the kind is another.
    """
    if kind != KIND:
        raise ValueError(f"{kind}: samples of the decoder are of kind {KIND}")
    rng = np.random.default_rng((seed, _STREAM))
    world = _draw_world(seed, textures, width, height)
    photo = first_camera(world, width, height)
    view = render_view(world, photo, 0.0)
    near = float(np.quantile(view.depth.numpy(), 0.02))
    depth = DepthMap((view.depth / near).clamp(max=_FARTHEST))
    scene = prepare_scene(view.color, depth=depth, motion=MotionField(view.flow), camera=_relative(photo, photo, near))
    blends: list[BlendedMap] = []
    loop = Loop(scene, NUM_FRAMES, replace(DEFAULTS, decoder=lambda b: blends.append(b) or decode_mixed_colors(b)))
    rows = []
    for _ in range(FRAMES):
        target = photo if rng.random() < _RESTING_CAMERAS else nearby_camera(world, photo, rng)
        time = _draw_time(rng)
        colors = loop.render(_relative(target, photo, near), time).rgb
        blended = blends.pop()
        clues = gather_clues(blended, colors)
        row, col, side = _choose_place(clues, rng)
        place = np.s_[:, row : row + side, col : col + side]
        truth = _truth(world, _part(target, row, col, side), time, blended.weight[place])
        rows.append(_stored(clues[place], truth))
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def clues_and_truth(sample: Batch) -> tuple[Tensor, Tensor]:
    """The clues (F, CLUES, s, s) and what is seen (F, 3, s, s) of a sample that was read from a pool."""
    parts = (sample["pictures_color"], sample["shares"].float() / _BYTE, sample["fine"].float())
    return torch.cat(parts, dim=1), sample["truth_color"]


def _stored(clues: Tensor, truth: Tensor) -> Sample:
    pictures, shares = 3 * PICTURES, SHARES
    return {
        "pictures_color": _bytes(clues[:pictures]),
        "shares": _bytes(clues[pictures : pictures + shares]),
        "fine": clues[pictures + shares :].numpy().astype(np.float16),
        "truth_color": _bytes(truth),
    }


def _bytes(values: Tensor) -> np.ndarray:
    return (values.clamp(0, 1).numpy() * _BYTE + 0.5).astype(np.uint8)


def _draw_world(seed: int, textures: Textures, width: int, height: int) -> World:
    for attempt in range(_ATTEMPTS):
        world = make_world(seed + attempt * _NEXT_WORLD, textures)
        view = render_view(world, first_camera(world, width // 8, height // 8), 0.0)
        if float(view.fluid.float().mean()) >= _LEAST_FLUID:
            break
    return world


def _relative(camera: PinholeCamera, photo: PinholeCamera, near: float) -> PinholeCamera:
    """The same camera in a world that is the photo's camera and whose unit is the near depth."""
    pose = camera.world_to_camera @ torch.linalg.inv(photo.world_to_camera)
    pose[:3, 3] /= near
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


def _part(camera: PinholeCamera, row: int, col: int, side: int) -> PinholeCamera:
    """A camera that sees a square of what another one sees: rays are slow."""
    intrinsics = camera.intrinsics.clone()
    intrinsics[0, 2] -= col
    intrinsics[1, 2] -= row
    return PinholeCamera(intrinsics, camera.world_to_camera, side, side)


def _draw_time(rng: Rng) -> int:
    """Any frame, half of them while one cloud fades into the other."""
    first = 0 if rng.random() < 0.5 else round(_FADE_START * NUM_FRAMES)
    return int(rng.integers(first, NUM_FRAMES))


def _choose_place(clues: Tensor, rng: Rng) -> tuple[int, int, int]:
    """Row, column, and side of a crop."""
    gate = open_gate(clues)[0]
    height, width = gate.shape
    side = min(SIDE, height, width)
    rows = rng.integers(0, height - side + 1, _CANDIDATES)
    cols = rng.integers(0, width - side + 1, _CANDIDATES)
    open_parts = [float(gate[r : r + side, c : c + side].mean()) for r, c in zip(rows, cols, strict=True)]
    best = int(np.argmax(open_parts))
    return int(rows[best]), int(cols[best]), side


def _truth(world: World, camera: PinholeCamera, time: int, weight: Tensor) -> Tensor:
    x = ((weight - _CHOICE[0]) / (_CHOICE[1] - _CHOICE[0])).clamp(0, 1)
    if time == 0 or bool((x == 1).all()):
        return render_view(world, camera, float(time)).color
    before = render_view(world, camera, float(time - NUM_FRAMES)).color
    if bool((x == 0).all()):
        return before
    return torch.lerp(before, render_view(world, camera, float(time)).color, x * x * (3 - 2 * x))
