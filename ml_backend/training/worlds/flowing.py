"""Compiled water: its colour with waves, foam, and one reflection, and where moving things are one frame later."""

import math

from numba import njit

from ml_backend.training.worlds.records import SKY, WATER, Eye, Hit, Ray, Scene
from ml_backend.training.worlds.sampling import larger, smaller, texture_color, tile_value
from ml_backend.training.worlds.shading import fogged, ground_color, lit, surface_color
from ml_backend.training.worlds.terrain import course, from_course, ground_height, water_height
from ml_backend.training.worlds.tracing import trace

_REFLECTED_ROW = -1.0


@njit(fastmath=True)
def water_speed(across: float, scene: Scene) -> float:
    """Metres per frame along the course; constant along each line of the course."""
    water = scene.water
    return water.speed * (1 + water.shear * math.sin(across * water.shear_rate))


@njit(fastmath=True)
def water_motion(x: float, z: float, scene: Scene) -> tuple[float, float, float]:
    """Where (x, y, z) a piece of water is one frame later."""
    along, across = course(x, z, scene.land)
    nx, nz = from_course(along + water_speed(across, scene), across, scene.land)
    return nx, water_height(nx, nz, scene.land, scene.water), nz


@njit(fastmath=True)
def image_flow(x: float, y: float, z: float, nx: float, ny: float, nz: float, eye: Eye) -> tuple[float, float]:
    """Pixels between the pictures of two points; 0 where one is behind the eye."""
    u, v, depth = to_picture(x, y, z, eye)
    nu, nv, ndepth = to_picture(nx, ny, nz, eye)
    if depth < 1e-3 or ndepth < 1e-3:
        return 0.0, 0.0
    return nu - u, nv - v


@njit(fastmath=True)
def to_picture(x: float, y: float, z: float, eye: Eye) -> tuple[float, float, float]:
    """Image position and depth of a point."""
    x, y, z = x - eye.x, y - eye.y, z - eye.z
    depth = eye.forward_x * x + eye.forward_y * y + eye.forward_z * z
    w = larger(depth, 1e-6)
    u = eye.fx * (eye.right_x * x + eye.right_y * y + eye.right_z * z) / w + eye.cx
    return u, eye.fy * (eye.down_x * x + eye.down_y * y + eye.down_z * z) / w + eye.cy, depth


@njit(fastmath=True)
def _ripple(hit: Hit, s: float, d: float, footprint: float, scene: Scene) -> tuple[float, float, float]:
    """The normal of a wave at course coordinates that move with the water."""
    water, land = scene.water, scene.land
    rate, stretched = water.wave_rate, water.wave_rate * water.wave_stretch
    e = 0.05 + 2 * footprint
    # Waves smaller than a pixel level out.
    height = water.wave / (1 + footprint * rate) / e
    here = tile_value(scene.detail, s * stretched, d * rate)
    gs = (tile_value(scene.detail, (s + e) * stretched, d * rate) - here) * height
    gd = (tile_value(scene.detail, s * stretched, (d + e) * rate) - here) * height
    nx = hit.nx - gs * land.course_sin - gd * land.course_cos
    ny, nz = hit.ny, hit.nz - gs * land.course_cos + gd * land.course_sin
    n = 1 / math.sqrt(nx * nx + ny * ny + nz * nz)
    return nx * n, ny * n, nz * n


@njit(fastmath=True)
def _foam(x: float, z: float, depth: float, s: float, d: float, footprint: float, scene: Scene) -> float:
    """How white the water is: rapids, the shore, the foot of a fall."""
    water = scene.water
    amount = water.foam
    amount += water.shore_foam * math.exp(-depth * 4)
    if water.splash_radius > 0:
        dx, dz = x - water.splash_x, z - water.splash_z
        amount += 1.5 * math.exp(-(dx * dx + dz * dz) / (water.splash_radius * water.splash_radius))
    if amount <= 0.01:
        return 0.0
    scale = water.texture_scale * 1.7
    lace = texture_color(scene.texels, int(water.foam_texture), d * scale, s * scale * water.stretch, footprint * scale)
    return smaller(larger((lace[1] - 0.95 + amount) * 2.0, 0.0), 1.0)


@njit(fastmath=True)
def water_color(ray: Ray, hit: Hit, pixel: float, time: float, scene: Scene) -> tuple[float, float, float]:
    """The colour of the water's surface without fog."""
    water, light, land = scene.water, scene.light, scene.land
    x, y, z = ray.x + hit.t * ray.dx, ray.y + hit.t * ray.dy, ray.z + hit.t * ray.dz
    along, d = course(x, z, land)
    s = along - water_speed(d, scene) * time
    facing = abs(hit.nx * ray.dx + hit.ny * ray.dy + hit.nz * ray.dz)
    footprint = hit.t * pixel / math.sqrt(facing + 0.03)
    nx, ny, nz = _ripple(hit, s, d, footprint, scene)
    scale = water.texture_scale
    c = texture_color(scene.texels, int(water.texture), d * scale, s * scale * water.stretch, footprint * scale)
    body = lit((c[0] * water.red, c[1] * water.green, c[2] * water.blue), nx, ny, nz, light)
    depth = larger(0.0, water_height(x, z, land, water) - ground_height(x, z, land, scene.relief))
    if water.clarity > 0 and depth * 3 < water.clarity * 4:
        a = math.exp(-depth * 3 / water.clarity)
        bed = lit(ground_color(ray, hit, footprint, scene), 0.0, 1.0, 0.0, light)
        body = _mixed(body, (0.75 * bed[0], 0.8 * bed[1], 0.8 * bed[2]), a)
    down = ray.dx * nx + ray.dy * ny + ray.dz * nz
    shine = water.mirror + (1 - water.mirror) * (1 - smaller(abs(down), 1.0)) ** 5 * 0.85
    if water.mirror > 0:
        body = _mixed(body, _reflection(ray, (x, y, z), (nx, ny, nz), pixel, time, scene), shine)
    foam = _foam(x, z, depth, s, d, footprint, scene)
    if foam > 0:
        body = _mixed(body, lit((0.93, 0.95, 0.96), nx, ny, nz, light), foam)
    return body


@njit(fastmath=True)
def _reflection(
    ray: Ray,
    place: tuple[float, float, float],
    normal: tuple[float, float, float],
    pixel: float,
    time: float,
    scene: Scene,
) -> tuple[float, float, float]:
    nx, ny, nz = normal
    light = scene.light
    down = 2 * (ray.dx * nx + ray.dy * ny + ray.dz * nz)
    dx, dy, dz = ray.dx - down * nx, larger(ray.dy - down * ny, 0.01), ray.dz - down * nz
    mirrored = Ray(place[0], place[1] + 0.01, place[2], dx, dy, dz)
    hit = trace(mirrored, 0.0, _REFLECTED_ROW, -2, 2.5, scene)
    if hit.kind == WATER:
        hit = Hit(hit.t, SKY, 0.0, 1.0, 0.0, -1, 0.0, 0.0)
    color = surface_color(mirrored, hit, 3 * pixel, time, scene)
    if hit.kind != SKY:
        color = fogged(color, hit.t, light)
    sun = dx * light.sun_x + dy * light.sun_y + dz * light.sun_z
    if sun > 0:
        g = sun**60 * light.glitter
        color = (color[0] + g, color[1] + 0.9 * g, color[2] + 0.75 * g)
    return color


@njit(fastmath=True)
def _mixed(a: tuple[float, float, float], b: tuple[float, float, float], weight: float) -> tuple[float, float, float]:
    v = 1 - weight
    return a[0] * v + b[0] * weight, a[1] * v + b[1] * weight, a[2] * v + b[2] * weight
