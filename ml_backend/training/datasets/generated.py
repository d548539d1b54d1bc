"""Generated worlds as data: endless, with exact depth and flow, and any view at any time."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput
from ml_backend.training.datasets.takes import MotionPair, Rng, Take, Wanted, cut_pair, draw_window
from ml_backend.training.worlds.cameras import first_camera, nearby_camera, render_view
from ml_backend.training.worlds.pool import Pool
from ml_backend.training.worlds.samples import NUM_FRAMES
from ml_backend.training.worlds.textures import Textures, load_textures, photos_in, procedural_textures
from ml_backend.training.worlds.view import View
from ml_backend.training.worlds.world import World, make_world

_LEAST_FLUID = 0.03  # of the picture; of a world where less moves there is nothing to learn
_ATTEMPTS = 20  # worlds without fluid come again and again; after so many the last one is taken
_FARTHEST = 200.0  # in near depths, as everywhere in the pipeline
_LEAST_LOOP = 8  # frames between start and end


class WorldPlace:
    """Worlds whose seeds are drawn; `photos` give them textures, where there are any."""

    def __init__(self, photos: Path | None = None) -> None:
        self._photos = photos

    def motion_pair(self, rng: Rng, wanted: Wanted) -> MotionPair:
        """The photographer's view of a world where something flows."""
        for _ in range(_ATTEMPTS):
            world = self._draw(rng)
            view = render_view(world, first_camera(world, wanted.width, wanted.height), 0.0)
            if float(view.fluid.float().mean()) >= _LEAST_FLUID:
                break
        return MotionPair(view.color, view.flow, view.fluid.to(torch.float32))

    def take(self, rng: Rng, wanted: Wanted) -> Take:
        """A true novel view at time 0, or a triplet seen by a camera that moves in half of them."""
        world = self._draw(rng)
        camera = first_camera(world, wanted.width, wanted.height)
        start = render_view(world, camera, 0.0)
        if rng.random() < wanted.novel_views or not bool(start.fluid.any()):
            return _take(start, start, camera, (world, nearby_camera(world, camera, rng)), (0, 1))
        length = int(rng.integers(min(_LEAST_LOOP, wanted.num_frames), wanted.num_frames + 1))
        time = int(rng.integers(1, length)) if length > 1 else 0
        target = nearby_camera(world, camera, rng) if rng.random() < 0.5 else camera
        end = render_view(world, camera, float(length))
        return _take(start, end, camera, (world, target), (time, length))

    def _draw(self, rng: Rng) -> World:
        return make_world(int(rng.integers(2**31)), _textures(self._photos))


class PoolPlace:
    """Worlds that were rendered into a folder before (`worlds.pool.render_pool`), of kind depth, pair, or animation.

    Numbers from `first` to below `last` of the pool's samples; the picture's size is the pool's.
    """

    def __init__(self, pool: Pool, first: int, last: int) -> None:
        self._pool, self._first, self._last = pool, first, last

    def motion_pair(self, rng: Rng, wanted: Wanted) -> MotionPair:
        """The photographer's view of a rendered world, preferably where something flows."""
        for _ in range(_ATTEMPTS):
            sample = self._draw(rng)
            if float(sample["fluid"].float().mean()) >= _LEAST_FLUID:
                break
        pair = MotionPair(sample["color"], sample["flow"], sample["fluid"].to(torch.float32))
        return cut_pair(pair, draw_window(rng, pair.image.shape[2], pair.image.shape[1], wanted))

    def take(self, rng: Rng, wanted: Wanted) -> Take:
        """A novel view of kind pair, or a view at a time of kind animation. Raises BadInput for kind depth.

        The pool has no frame at the end of the loop, but what the loop shows: in its second half, which goes back to
        the photo, the world N frames earlier.
        """
        sample = self._draw(rng)
        height, width = sample["color"].shape[1:]
        camera = _stored_camera(sample, "world_to_camera", width, height)
        if "target_color" in sample and rng.random() >= wanted.novel_views:
            row = int(rng.integers(len(sample["target_frame"])))
            time = int(sample["target_frame"][row])
            target = sample["target_color" if time <= NUM_FRAMES // 2 else "target_before"][row]
            pose, times = sample["target_world_to_camera"][row], (time, NUM_FRAMES)
        elif "other_color" in sample:
            target, pose, times = sample["other_color"], sample["other_world_to_camera"], (0, 1)
        else:
            raise BadInput(
                "The pool has no other views.", hint="Render one of kind pair or animation, or use --data worlds."
            )
        seen_by = _stored_camera({**sample, "target": pose}, "target", width, height)
        return Take(
            start=sample["color"],
            end=sample["color"],
            depth=_relative(sample["depth"]),
            flow=sample["flow"],
            camera=_at_origin(camera, camera, sample["depth"]),
            target=target,
            target_camera=_at_origin(seen_by, camera, sample["depth"]),
            known=torch.ones(1, height, width),
            time=times[0],
            num_frames=times[1],
        )

    def _draw(self, rng: Rng) -> dict[str, Tensor]:
        return self._pool[int(rng.integers(self._first, self._last))]


def _stored_camera(sample: Mapping[str, Tensor], pose: str, width: int, height: int) -> PinholeCamera:
    fx, fy, cx, cy = sample["intrinsics"].double().tolist()
    intrinsics = torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=torch.float64)
    return PinholeCamera(intrinsics, sample[pose].double(), width, height)


def _take(
    start: View, end: View, camera: PinholeCamera, target: tuple[World, PinholeCamera], times: tuple[int, int]
) -> Take:
    world, target_camera = target
    seen = render_view(world, target_camera, float(times[0]))
    return Take(
        start=start.color,
        end=end.color,
        depth=_relative(start.depth),
        flow=start.flow,
        camera=_at_origin(camera, camera, start.depth),
        target=seen.color,
        target_camera=_at_origin(target_camera, camera, start.depth),
        known=torch.ones_like(seen.depth),
        time=times[0],
        num_frames=times[1],
    )


def _near(depth: Tensor) -> float:
    return float(np.quantile(depth.numpy(), 0.02))


def _relative(depth: Tensor) -> Tensor:
    """Metres to near depths, the sky as far as the pipeline has it."""
    return (depth / _near(depth)).clamp(max=_FARTHEST)


def _at_origin(camera: PinholeCamera, photo: PinholeCamera, depth: Tensor) -> PinholeCamera:
    """The same camera in a world that is the photo's camera and whose unit is the near depth."""
    pose = camera.world_to_camera @ torch.linalg.inv(photo.world_to_camera)
    pose[:3, 3] /= _near(depth)
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


@lru_cache(maxsize=1)
def _textures(photos: Path | None) -> Textures:
    return procedural_textures() if photos is None else load_textures(photos_in(photos))
