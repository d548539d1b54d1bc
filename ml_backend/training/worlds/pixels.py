"""Compiled picture of one pixel: colour, depth, flow, and what is seen there."""

import math

import numpy as np
from numba import njit

from ml_backend.training.worlds.flat_shapes import smoke_alpha
from ml_backend.training.worlds.flowing import image_flow, to_picture, water_color, water_motion
from ml_backend.training.worlds.records import OBJECT, SHEET, SKY, SKY_DEPTH, SMOKE, WATER, Eye, Hit, Ray, Scene
from ml_backend.training.worlds.sampling import larger, smaller
from ml_backend.training.worlds.shading import CLOUD_EDGE, fogged, lit, surface_color
from ml_backend.training.worlds.tracing import to_local, trace

# Channels of a picture: colour, depth, flow, fluid, sky, surface.
CHANNELS = 9
SURFACE_SKY, SURFACE_GROUND, SURFACE_WATER, SURFACE_OBJECTS = 0, 1, 2, 3
_SMOKE_IS_SEEN = 0.5  # from this opacity on a pixel shows the smoke, not what is behind


@njit(fastmath=True)
def primary_ray(column: float, row: float, eye: Eye) -> Ray:
    """The ray through an image position."""
    a, b = (column - eye.cx) / eye.fx, (row - eye.cy) / eye.fy
    dx = eye.right_x * a + eye.down_x * b + eye.forward_x
    dy = eye.right_y * a + eye.down_y * b + eye.forward_y
    dz = eye.right_z * a + eye.down_z * b + eye.forward_z
    n = 1 / math.sqrt(dx * dx + dy * dy + dz * dz)
    return Ray(eye.x, eye.y, eye.z, dx * n, dy * n, dz * n)


@njit(fastmath=True)
def first_group(column: float, row: float, eye: Eye, scene: Scene) -> int:
    """The group of the object seen at an image position; -2 where there is none."""
    hit = trace(primary_ray(column, row, eye), column, row, -2, 1.0, scene)
    return scene.objects[hit.index].group if hit.kind == OBJECT else -2


@njit(fastmath=True)
def ray_picture(column: float, row: float, skipped: int, eye: Eye, time: float, scene: Scene, out: np.ndarray) -> None:
    """Fill out (CHANNELS,) with what is seen at an image position, leaving out the objects of one group."""
    ray = primary_ray(column, row, eye)
    angle = 1 / eye.fx
    hit = trace(ray, column, row, skipped, 1.0, scene)
    color = hit_color(ray, hit, angle, time, scene)
    depth = SKY_DEPTH
    if hit.kind != SKY:
        depth = hit.t * (eye.forward_x * ray.dx + eye.forward_y * ray.dy + eye.forward_z * ray.dz)
    dx, dy, moves = hit_flow(ray, hit, eye, scene)
    out[3], out[4], out[5], out[6] = depth, dx, dy, moves
    out[7] = 1.0 if hit.kind == SKY else 0.0
    out[8] = hit.kind if hit.kind < OBJECT else SURFACE_OBJECTS + hit.index
    color = _with_smoke(color, ray, hit.t, column, row, skipped, eye, time, scene, out)
    out[0], out[1], out[2] = color


@njit(fastmath=True)
def is_edge(picture: np.ndarray, row: int, column: int) -> bool:
    """Whether a neighbour of a pixel shows another surface."""
    here = picture[row, column, 8]
    rows, columns = picture.shape[0] - 1, picture.shape[1] - 1
    return (
        picture[larger(row - 1, 0), column, 8] != here
        or picture[smaller(row + 1, rows), column, 8] != here
        or picture[row, larger(column - 1, 0), 8] != here
        or picture[row, smaller(column + 1, columns), 8] != here
    )


@njit(fastmath=True)
def hit_color(ray: Ray, hit: Hit, angle: float, time: float, scene: Scene) -> tuple[float, float, float]:
    """The colour of a hit through fog."""
    if hit.kind == WATER:
        return fogged(water_color(ray, hit, angle, time, scene), hit.t, scene.light)
    color = surface_color(ray, hit, angle, time, scene)
    return color if hit.kind == SKY else fogged(color, hit.t, scene.light)


@njit(fastmath=True)
def hit_flow(ray: Ray, hit: Hit, eye: Eye, scene: Scene) -> tuple[float, float, float]:
    """Image flow of one frame, and 1 where the surface is a fluid that moves."""
    if hit.kind == SKY:
        sky = scene.sky
        if sky.clouds <= 0 or ray.dy <= CLOUD_EDGE or (sky.drift_x == 0 and sky.drift_z == 0):
            return 0.0, 0.0, 0.0
        # Clouds are as far as stars: only their direction counts.
        x, z = eye.x + ray.dx / ray.dy, eye.z + ray.dz / ray.dy
        dx, dy = image_flow(x, eye.y + 1, z, x + sky.drift_x, eye.y + 1, z + sky.drift_z, eye)
        return dx, dy, 1.0
    x, y, z = ray.x + hit.t * ray.dx, ray.y + hit.t * ray.dy, ray.z + hit.t * ray.dz
    if hit.kind == WATER and scene.water.speed != 0:
        nx, ny, nz = water_motion(x, z, scene)
        dx, dy = image_flow(x, y, z, nx, ny, nz, eye)
        return dx, dy, 1.0
    if hit.kind == OBJECT and scene.objects[hit.index].form == SHEET:
        dx, dy = sheet_flow(x, y, z, hit.index, eye, scene)
        return dx, dy, 1.0
    return 0.0, 0.0, 0.0


@njit(fastmath=True)
def sheet_flow(x: float, y: float, z: float, index: int, eye: Eye, scene: Scene) -> tuple[float, float]:
    """Image flow of a sheet or of smoke: its velocity lies in its plane."""
    o = scene.objects[index]
    nx = x + o.velocity_u * o.r00 + o.velocity_v * o.r10
    ny = y + o.velocity_u * o.r01 + o.velocity_v * o.r11
    nz = z + o.velocity_u * o.r02 + o.velocity_v * o.r12
    return image_flow(x, y, z, nx, ny, nz, eye)


@njit(fastmath=True)
def _with_smoke(
    color: tuple[float, float, float],
    ray: Ray,
    nearest: float,
    column: float,
    row: float,
    skipped: int,
    eye: Eye,
    time: float,
    scene: Scene,
    out: np.ndarray,
) -> tuple[float, float, float]:
    """Blend the smoke in front of a hit, listed from far to near; where it is dense, it is what is seen."""
    for i in range(scene.objects.shape[0]):
        o = scene.objects[i]
        if o.form != SMOKE or o.group == skipped:
            continue
        if column < o.left or column > o.right or row < o.top or row > o.bottom:
            continue
        r = to_local(ray, o)
        t = -r.z / r.dz if abs(r.dz) > 1e-6 else -1.0
        if t < 0.05 or t > nearest:
            continue
        x, y = r.x + t * r.dx, r.y + t * r.dy
        a = o.opacity * smoke_alpha(
            x, y, o.sx, o.sy, x - o.velocity_u * time + o.u0, y - o.velocity_v * time, scene.detail
        )
        if a <= 0:
            continue
        puff = fogged(lit((o.red, o.green, o.blue), 0.0, 0.5, 0.0, scene.light), t, scene.light)
        b = 1 - a
        color = (color[0] * b + puff[0] * a, color[1] * b + puff[1] * a, color[2] * b + puff[2] * a)
        if a > _SMOKE_IS_SEEN:
            wx, wy, wz = ray.x + t * ray.dx, ray.y + t * ray.dy, ray.z + t * ray.dz
            out[4], out[5] = sheet_flow(wx, wy, wz, i, eye, scene)
            out[3] = to_picture(wx, wy, wz, eye)[2]
            out[6], out[7], out[8] = 1.0, 0.0, SURFACE_OBJECTS + i
    return color
