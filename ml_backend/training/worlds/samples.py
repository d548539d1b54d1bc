"""Training samples made of views of one world: dictionaries of arrays as a pool stores them.

color uint8, depth and flow float16, masks and surface uint8, cameras float32.
"""

import numpy as np
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.training.worlds.cameras import first_camera, nearby_camera, render_view
from ml_backend.training.worlds.textures import Textures
from ml_backend.training.worlds.view import View
from ml_backend.training.worlds.world import World, make_world

NUM_FRAMES = 60  # N of a loop
TARGETS = 2  # K views per sample of an animation
Sample = dict[str, np.ndarray]
_CAMERA_STREAM = 7  # apart from the random numbers that make the world


def make_sample(seed: int, kind: str, width: int, height: int, textures: Textures) -> Sample:
    """The sample of a seed: of kind "depth" (also for motion), "pair", or "animation".

    depth: color (3, H, W), depth (1, H, W), flow (2, H, W), fluid, sky, surface (1, H, W), intrinsics (4,) = fx, fy,
    cx, cy, world_to_camera (4, 4), near () = the near distance that camera movements are measured by.
    pair: the same; hidden_color, hidden_depth, hidden_sky, what stands behind the nearest object of each pixel; and
    other_color, other_depth, other_sky, other_world_to_camera, a second camera at the same time.
    animation: as depth at frame 0; for K cameras target_color (K, 3, H, W), target_depth, target_fluid (K, 1, H, W)
    at target_frame (K,) = n in 1 .. N - 1, target_world_to_camera (K, 4, 4), and target_before (K, 3, H, W), the same
    cameras N frames earlier: what a loop has faded to, as it ends where it began.
    """
    world = make_world(seed, textures)
    rng = np.random.default_rng((seed, _CAMERA_STREAM))
    camera = first_camera(world, width, height)
    sample = _view_arrays(render_view(world, camera, 0.0)) | _camera_arrays(world, camera)
    if kind == "depth":
        return sample
    if kind == "pair":
        return sample | _pair(world, camera, rng)
    if kind == "animation":
        return sample | _targets(world, camera, rng)
    raise ValueError(f"{kind}: samples are of kind depth, pair, or animation")


def _bytes(image: Tensor) -> np.ndarray:
    return (image.numpy() * 255 + 0.5).astype(np.uint8)


def _view_arrays(view: View) -> Sample:
    return {
        "color": _bytes(view.color),
        "depth": view.depth.numpy().astype(np.float16),
        "flow": view.flow.numpy().clip(-1000, 1000).astype(np.float16),
        "fluid": view.fluid.numpy().astype(np.uint8),
        "sky": view.sky.numpy().astype(np.uint8),
        "surface": view.surface.numpy().astype(np.uint8),
    }


def _camera_arrays(world: World, camera: PinholeCamera) -> Sample:
    k = camera.intrinsics
    lens = [k[0, 0].item(), k[1, 1].item(), k[0, 2].item(), k[1, 2].item()]
    return {
        "intrinsics": np.array(lens, np.float32),
        "world_to_camera": camera.world_to_camera.numpy().astype(np.float32),
        "near": np.float32(world.near).reshape(()),
    }


def _pair(world: World, camera: PinholeCamera, rng: np.random.Generator) -> Sample:
    other = nearby_camera(world, camera, rng)
    view, hidden = render_view(world, other, 0.0), render_view(world, camera, 0.0, without_first_surface=True)
    seen, behind = _view_arrays(view), _view_arrays(hidden)
    names = ("color", "depth", "sky")
    return (
        {f"other_{name}": seen[name] for name in names}
        | {f"hidden_{name}": behind[name] for name in names}
        | {"other_world_to_camera": other.world_to_camera.numpy().astype(np.float32)}
    )


def _targets(world: World, camera: PinholeCamera, rng: np.random.Generator) -> Sample:
    rows = []
    for _ in range(TARGETS):
        other, frame = nearby_camera(world, camera, rng), int(rng.integers(1, NUM_FRAMES))
        view = _view_arrays(render_view(world, other, float(frame)))
        before = render_view(world, other, float(frame - NUM_FRAMES))
        rows.append(
            {f"target_{name}": view[name] for name in ("color", "depth", "fluid")}
            | {"target_before": _bytes(before.color), "target_frame": np.int32(frame)}
            | {"target_world_to_camera": other.world_to_camera.numpy().astype(np.float32)}
        )
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}
