"""Whole pictures, one pixel at a time, by compiled loops."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from ml_backend.training.worlds.pixels import CHANNELS, first_group, is_edge, ray_picture
from ml_backend.training.worlds.records import Eye, Land, Light, Scene, Sky, Water
from ml_backend.training.worlds.terrain import ground_height, water_height

NOTHING_SKIPPED = -2
_EDGE_RAYS = 3  # more rays through pixels on the edge of a surface, as a lens averages there


def _source_checksum() -> int:
    """A number that changes with the code of the kernels.

    The compiler's cache looks at one file alone; as a constant of the cached functions this makes it see all of them.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    return zlib.crc32(b"".join(file.read_bytes() for file in files))


def _compile_picture(checksum: int) -> Callable[..., None]:
    @njit(cache=True, nogil=True, fastmath=True)
    def fill(
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
        if checksum < 0:
            return
        scene = Scene(land, water, sky, light, relief, detail, objects, masks, texels)
        for row in range(picture.shape[0]):
            for column in range(picture.shape[1]):
                first_ray(picture, row, column, behind, eye, time, scene)
        more = np.empty(CHANNELS, np.float32)
        for row in range(picture.shape[0]):
            for column in range(picture.shape[1]):
                if is_edge(picture, row, column):
                    edge_rays(picture, row, column, behind, eye, time, scene, more)

    return fill


def _compile_heights(checksum: int) -> Callable[..., tuple[float, float]]:
    @njit(cache=True)
    def heights(x: float, z: float, land: Land, water: Water, relief: np.ndarray) -> tuple[float, float]:
        if checksum < 0:
            return 0.0, 0.0
        return ground_height(x, z, land, relief), water_height(x, z, land, water)

    return heights


@njit(fastmath=True)
def first_ray(picture: np.ndarray, row: int, column: int, behind: bool, eye: Eye, time: float, scene: Scene) -> None:
    """Fill a pixel by the ray through its centre; `behind` leaves out the object that is seen there."""
    u, v = column + 0.5, row + 0.5
    skipped = first_group(u, v, eye, scene) if behind else NOTHING_SKIPPED
    ray_picture(u, v, skipped, eye, time, scene, picture[row, column])


@njit(fastmath=True)
def edge_rays(
    picture: np.ndarray,
    row: int,
    column: int,
    behind: bool,
    eye: Eye,
    time: float,
    scene: Scene,
    more: np.ndarray,
) -> None:
    """Average a pixel's colour with more rays; depth and all else stay those of its centre."""
    red, green, blue = picture[row, column, 0], picture[row, column, 1], picture[row, column, 2]
    skipped = first_group(column + 0.5, row + 0.5, eye, scene) if behind else NOTHING_SKIPPED
    for k in range(_EDGE_RAYS):
        u = column + (0.18 if k == 0 else (0.82 if k == 1 else 0.5))
        v = row + (0.25 if k < 2 else 0.86)
        ray_picture(u, v, skipped, eye, time, scene, more)
        red, green, blue = red + more[0], green + more[1], blue + more[2]
    n = _EDGE_RAYS + 1
    picture[row, column, 0], picture[row, column, 1], picture[row, column, 2] = red / n, green / n, blue / n


_CHECKSUM = _source_checksum()
fill_picture = _compile_picture(_CHECKSUM)
heights_at = _compile_heights(_CHECKSUM)
