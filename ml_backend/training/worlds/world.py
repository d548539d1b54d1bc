"""Generated worlds: landscapes and rooms with things in them, each a function of its seed and the textures."""

import math
from dataclasses import dataclass, replace

import numpy as np

from ml_backend.training.worlds.builder import Builder
from ml_backend.training.worlds.exposure import Exposure, choose_exposure
from ml_backend.training.worlds.interiors import furnish_room, furnish_table
from ml_backend.training.worlds.landscapes import INDOORS, choose_kind, make_land, make_water
from ml_backend.training.worlds.pace import set_pace
from ml_backend.training.worlds.records import Scene
from ml_backend.training.worlds.rendering import Pose, render_raw
from ml_backend.training.worlds.scenery import furnish_outdoors
from ml_backend.training.worlds.textures import Textures, procedural_textures
from ml_backend.training.worlds.weather import make_weather

WORLDS_VERSION = 3  # goes up when a seed gives another world
_ATTEMPTS = 30
_PREVIEW = (48, 32)  # pixels of the picture by which a view is judged and exposed


@dataclass(frozen=True, slots=True)
class World:
    """A scene that can be rendered from anywhere at any time, where a photographer would stand, and the exposure.

    half_view: tangent of half the angle of view along the picture's long side.
    near: distance of the near things in the first view, the unit of camera movements.
    """

    seed: int
    kind: str
    scene: Scene
    pose: Pose
    half_view: float
    exposure: Exposure
    near: float


def make_world(seed: int, textures: Textures | None = None, *, kind: str | None = None) -> World:
    """The world of a seed: the first of its drafts whose view is worth a photo.

    Args:
        textures: what its surfaces are made of; those from noise if none are given.
        kind: one of `landscapes.KINDS`, else the seed chooses.
    """
    textures = textures or procedural_textures()
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng((seed, attempt))
        world = _draft(seed, rng, textures, kind or choose_kind(rng))
        raw = render_raw(world.scene, world.pose, *_PREVIEW, world.half_view, 0.0)
        if _is_worth_a_photo(raw, world.kind) or attempt == _ATTEMPTS - 1:
            break
    near = float(np.percentile(raw[..., 3], 2))
    exposure, scene = choose_exposure(rng, raw[..., :3]), set_pace(world.scene, raw, rng)
    return replace(world, exposure=exposure, scene=scene, near=near)


def _draft(seed: int, rng: np.random.Generator, textures: Textures, kind: str) -> World:
    land = make_land(kind, rng, textures)
    water = make_water(kind, land, rng, textures)
    outdoors = kind not in INDOORS
    drift = math.exp(rng.uniform(math.log(0.002), math.log(0.02))) if rng.random() < 0.4 and outdoors else 0.0
    weather = make_weather(rng, outdoors=outdoors, drift=drift)
    relief, detail = (textures.tiles[rng.integers(len(textures.tiles))] for _ in range(2))
    half_view = math.tan(rng.uniform(0.6, 1.4) / 2)
    b = Builder(rng, textures, land, water, relief, half_view)
    pose = _furnish(b, kind)
    light = weather.light
    if not outdoors:
        light = light._replace(sun_y=max(light.sun_y, 0.4))
    scene = Scene(b.land, b.water, weather.sky, light, relief, detail, b.objects(), textures.masks, textures.texels)
    return World(seed, kind, scene, pose, half_view, Exposure(), 1.0)


def _furnish(b: Builder, kind: str) -> Pose:
    """Build what stands there and say where the photographer does."""
    rng = b.rng
    roll = float(rng.normal(0, 0.015))
    if kind == "room":
        b.eye_height = b.uniform(0.8, 1.7)
        furnish_room(b)
        return Pose(0.0, b.eye_height, 0.0, float(np.clip(rng.normal(0.1, 0.13), -0.3, 0.5)), 0.0, roll)
    if kind == "table":
        distance = b.uniform(0.8, 2.4)
        b.eye_height = distance * b.uniform(0.12, 0.8)
        furnish_table(b, distance)
        pitch = math.atan2(b.eye_height, distance * b.uniform(0.9, 1.8)) + float(rng.normal(0, 0.05))
        return Pose(0.0, b.eye_height, 0.0, min(pitch, 0.8), 0.0, roll)
    height = b.log_uniform(0.5, 7) if kind != "sea" else b.log_uniform(0.8, 12)
    b.eye_height = b.ground(0.0, 0.0) + height
    furnish_outdoors(b, kind)
    pitch = rng.normal(0.06, 0.12) + 0.02 * height - (b.uniform(0, 0.2) if kind == "falls" else 0)
    return Pose(0.0, b.eye_height, 0.0, float(np.clip(pitch, -0.3, 0.6)), 0.0, roll)


def _is_worth_a_photo(raw: np.ndarray, kind: str) -> bool:
    """Not all sky, not a wall before the lens, and something of what the kind promises."""
    depth, sky, surface = raw[..., 3], raw[..., 7] > 0, raw[..., 8]
    near = float(np.percentile(depth, 2))
    if sky.mean() > 0.75 or near < 0.15 or not np.isfinite(raw).all():
        return False
    if kind not in INDOORS and np.percentile(depth, 98) < near * 1.8:
        return False
    if (depth < near * 1.35).mean() > 0.5:
        return False
    if kind in ("sea", "lake", "river", "rapids") and (surface == 2).mean() < 0.08:
        return False
    return kind != "falls" or (raw[..., 6] * (surface > 2)).mean() > 0.025
