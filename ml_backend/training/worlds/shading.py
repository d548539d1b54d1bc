"""Compiled colours: sky, lit surfaces, shadows on the ground, and fog."""

import math

import numpy as np
from numba import njit

from ml_backend.training.worlds.records import BOARD, GROUND, SHEET, SKY, Hit, Light, Ray, Scene, Sky
from ml_backend.training.worlds.sampling import larger, smaller, texture_color, tile_value

CLOUD_EDGE = 0.02  # below this upward component clouds are too far away to be seen


@njit(fastmath=True)
def sky_color(ray: Ray, time: float, sky: Sky, light: Light, detail: np.ndarray) -> tuple[float, float, float]:
    """Gradient, drifting clouds, glow of the sun."""
    up = smaller(larger(ray.dy, 0.0), 1.0)
    g = 1 - (1 - up) ** sky.fade
    red = sky.horizon_red * (1 - g) + sky.zenith_red * g
    green = sky.horizon_green * (1 - g) + sky.zenith_green * g
    blue = sky.horizon_blue * (1 - g) + sky.zenith_blue * g
    if sky.clouds > 0 and ray.dy > CLOUD_EDGE:
        # The texture of the sheet of clouds at height 1 drifts as a whole; far away it fades into the haze.
        x = (ray.dx / ray.dy - sky.drift_x * time) * sky.cloud_rate
        z = (ray.dz / ray.dy - sky.drift_z * time) * sky.cloud_rate
        n = tile_value(detail, x + sky.cloud_offset, z + 7) + 0.45 * tile_value(detail, x * 3.1, z * 3.1 + 3)
        n += 0.2 * tile_value(detail, x * 9.7 + 50.0, z * 9.7)
        a = smaller(larger((n - sky.cloud_begin) * sky.cloud_gain, 0.0), 1.0)
        a = a * a * (3 - 2 * a) * sky.clouds * smaller(1.0, (ray.dy - CLOUD_EDGE) * 7)
        tone = sky.cloud_shade * smaller(larger(0.5 * n, -1.0), 1.0)
        red = red * (1 - a) + a * (sky.cloud_red - tone)
        green = green * (1 - a) + a * (sky.cloud_green - tone)
        blue = blue * (1 - a) + a * (sky.cloud_blue - 0.9 * tone)
    s = ray.dx * light.sun_x + ray.dy * light.sun_y + ray.dz * light.sun_z
    if s > 0:
        s = s**sky.glow_sharpness * sky.glow
        red, green, blue = red + s, green + 0.85 * s, blue + 0.6 * s
    return red, green, blue


@njit(fastmath=True)
def lit(color: tuple[float, float, float], nx: float, ny: float, nz: float, light: Light) -> tuple[float, float, float]:
    """A surface's colour under sun, sky, and ambient light."""
    sun = larger(0.0, nx * light.sun_x + ny * light.sun_y + nz * light.sun_z)
    s = light.ambient + light.direct * sun + light.overhead * (0.5 + 0.5 * ny)
    return color[0] * s * light.red, color[1] * s * light.green, color[2] * s * light.blue


@njit(fastmath=True)
def fogged(color: tuple[float, float, float], distance: float, light: Light) -> tuple[float, float, float]:
    """A colour seen through this much air."""
    if light.fog <= 0:
        return color
    a = 1 - math.exp(-distance * light.fog)
    red = color[0] * (1 - a) + a * light.fog_red
    green = color[1] * (1 - a) + a * light.fog_green
    return red, green, color[2] * (1 - a) + a * light.fog_blue


@njit(fastmath=True)
def surface_color(ray: Ray, hit: Hit, pixel: float, time: float, scene: Scene) -> tuple[float, float, float]:
    """What a hit that is not water looks like, without fog; `pixel` is a pixel's angle."""
    if hit.kind == SKY:
        return sky_color(ray, time, scene.sky, scene.light, scene.detail)
    facing = abs(hit.nx * ray.dx + hit.ny * ray.dy + hit.nz * ray.dz) + 0.08
    footprint = hit.t * pixel / math.sqrt(facing)
    if hit.kind == GROUND:
        color = ground_color(ray, hit, footprint, scene)
    else:
        color = object_color(hit, footprint, time, scene)
    return lit(color, hit.nx, hit.ny, hit.nz, scene.light)


@njit(fastmath=True)
def object_color(hit: Hit, footprint: float, time: float, scene: Scene) -> tuple[float, float, float]:
    """The texture of an object; that of a sheet runs with its velocity."""
    o = scene.objects[hit.index]
    s = o.scale
    u = (hit.u - o.velocity_u * time) * s + o.u0
    v = (hit.v - o.velocity_v * time) * s + o.v0
    red, green, blue = texture_color(scene.texels, o.texture, u, v, footprint * s)
    if o.form == SHEET:
        # A second, larger copy: no repetition is seen in a fall.
        r, g, b = texture_color(scene.texels, o.texture, u * 0.37 + 0.3, v * 0.31, footprint * s * 0.37)
        red, green, blue = 0.55 * red + 0.45 * r, 0.55 * green + 0.45 * g, 0.55 * blue + 0.45 * b
    if o.form == BOARD:
        # Silhouettes are flat: clumps of light, darker towards the foot, make them round.
        rate = 14 / larger(o.sx, 0.5 * o.sy)
        clumps = tile_value(scene.detail, hit.u * rate + 40 * o.u0, hit.v * rate + 40 * o.v0)
        w = (0.75 + 0.3 * hit.v / o.sy) * smaller(larger(1 + 0.22 * clumps, 0.5), 1.4)
        red, green, blue = red * w, green * w, blue * w
    return red * o.red, green * o.green, blue * o.blue


@njit(fastmath=True)
def ground_color(ray: Ray, hit: Hit, footprint: float, scene: Scene) -> tuple[float, float, float]:
    """Two materials, the second where it is steep or high, and the shadows of the objects."""
    land = scene.land
    x, y, z = ray.x + hit.t * ray.dx, ray.y + hit.t * ray.dy, ray.z + hit.t * ray.dz
    s, index = land.texture_scale, int(land.texture)
    a = texture_color(scene.texels, index, x * s, (z + 0.8 * y) * s, footprint * s)
    # Seen at a larger scale too, so that the tiling does not show.
    b = texture_color(scene.texels, index, x * s * 0.11 + 0.3, (z + 0.8 * y) * s * 0.11, footprint * s * 0.11)
    s, index = land.slope_scale, int(land.slope_texture)
    c = texture_color(scene.texels, index, (x + 0.6 * z) * s, (1.5 * y + 0.3 * z - 0.2 * x) * s, footprint * s)
    mix = (1 - hit.ny - land.slope_begin) * land.slope_gain + (y - land.height_begin) * land.height_gain
    mix += 0.35 * tile_value(scene.relief, x * land.mix_rate, z * land.mix_rate)
    mix = smaller(larger(mix, 0.0), 1.0)
    w = ground_shadow(x, z, scene)
    red = w * ((0.6 * a[0] + 0.4 * b[0]) * land.red * (1 - mix) + mix * c[0] * land.slope_red)
    green = w * ((0.6 * a[1] + 0.4 * b[1]) * land.green * (1 - mix) + mix * c[1] * land.slope_green)
    blue = w * ((0.6 * a[2] + 0.4 * b[2]) * land.blue * (1 - mix) + mix * c[2] * land.slope_blue)
    return red, green, blue


@njit(fastmath=True)
def ground_shadow(x: float, z: float, scene: Scene) -> float:
    """How much light is left at a place on the ground: a blob under each object and one away from the sun."""
    light = scene.light
    left = 1.0
    for i in range(scene.objects.shape[0]):
        o = scene.objects[i]
        r = o.shadow
        if r <= 0:
            continue
        dx, dz = x - o.x, z - o.z
        d = (dx * dx + dz * dz) / (r * r)
        if d < 4:
            left *= 1 - 0.5 * math.exp(-1.3 * d)
        away = 0.5 * o.sy / larger(light.sun_y, 0.25)
        dx, dz = dx + light.sun_x * away, dz + light.sun_z * away
        d = (dx * dx + dz * dz) / (r * r)
        if d < 2:
            left *= 1 - light.shadow * math.exp(-1.3 * d * d)
    return left
