"""The same pictures on a GPU: one thread per pixel around the functions that the CPU's loop calls."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import cuda, float32

from ml_backend.training.worlds.kernels import edge_rays, first_ray
from ml_backend.training.worlds.pixels import CHANNELS, is_edge
from ml_backend.training.worlds.records import Eye, Land, Light, Scene, Sky, Water

_BLOCK = (8, 8)  # threads; rays of a small square meet the same things


def _first_rays(
    picture: np.ndarray,
    behind: bool,
    eye: Eye,
    time: float,
    land: Land,
    water: Water,
    sky: Sky,
    light: Light,
    relief: np.ndarray,
    detail: np.ndarray,
    objects: np.ndarray,
    masks: np.ndarray,
    texels: np.ndarray,
) -> None:
    column, row = cuda.grid(2)
    if row < picture.shape[0] and column < picture.shape[1]:
        scene = Scene(land, water, sky, light, relief, detail, objects, masks, texels)
        first_ray(picture, row, column, behind, eye, time, scene)


def _edges(
    picture: np.ndarray,
    behind: bool,
    eye: Eye,
    time: float,
    land: Land,
    water: Water,
    sky: Sky,
    light: Light,
    relief: np.ndarray,
    detail: np.ndarray,
    objects: np.ndarray,
    masks: np.ndarray,
    texels: np.ndarray,
) -> None:
    column, row = cuda.grid(2)
    if row < picture.shape[0] and column < picture.shape[1] and is_edge(picture, row, column):
        scene = Scene(land, water, sky, light, relief, detail, objects, masks, texels)
        more = cuda.local.array(CHANNELS, float32)
        edge_rays(picture, row, column, behind, eye, time, scene, more)


# Two launches, since an edge is known once its neighbours are done.
KERNELS = (_first_rays, _edges)


@lru_cache(maxsize=1)
def _compiled() -> list[Callable[..., None]]:
    return [cuda.jit(fastmath=True)(kernel) for kernel in KERNELS]


def fill_picture_on_gpu(picture: np.ndarray, *arguments: object) -> None:
    """As `kernels.fill_picture`; the arrays go to the GPU and the picture comes back."""
    on_device = cuda.to_device(picture)
    there = [cuda.to_device(a) if isinstance(a, np.ndarray) else a for a in arguments]
    blocks = tuple(-(-n // b) for n, b in zip((picture.shape[1], picture.shape[0]), _BLOCK, strict=True))
    for kernel in _compiled():
        kernel[blocks, _BLOCK](on_device, *there)
    on_device.copy_to_host(picture)
