"""How fast the fluids of a world move in its first view: as fast as in videos of water, whatever their distance."""

import math

import numpy as np

from ml_backend.training.worlds.pixels import SURFACE_OBJECTS, SURFACE_SKY, SURFACE_WATER
from ml_backend.training.worlds.records import SHEET, SMOKE, Scene

# The fastest fifth of a fluid moves by this part of the long side per frame: 0.12 to 1.4 pixels of 192.
_SLOW, _FAST = 0.12 / 192, 1.4 / 192
_ENOUGH_PIXELS = 4


def set_pace(scene: Scene, raw: np.ndarray, rng: np.random.Generator) -> Scene:
    """The scene with the speed of its water, falls, smoke, and clouds set by a picture (H, W, CHANNELS) of it."""
    wanted = math.exp(rng.uniform(math.log(_SLOW), math.log(_FAST))) * max(raw.shape[:2])
    surface, moves = raw[..., 8], raw[..., 6] > 0
    speed = np.hypot(raw[..., 4], raw[..., 5])
    objects = scene.objects.copy()
    kinds = np.full(int(surface.max()) + SURFACE_OBJECTS + 1, -1)
    kinds[SURFACE_OBJECTS : SURFACE_OBJECTS + len(objects)] = objects["form"][: len(kinds) - SURFACE_OBJECTS]
    for shape, most in ((SHEET, 1.3), (SMOKE, 1.0)):
        factor = _factor(speed[moves & (kinds[surface.astype(int)] == shape)], most * wanted)
        for name in ("velocity_u", "velocity_v"):
            objects[name][objects["form"] == shape] *= factor
    water = _factor(speed[moves & (surface == SURFACE_WATER)], wanted)
    drift = _factor(speed[moves & (surface == SURFACE_SKY)], 0.5 * wanted)
    return scene._replace(
        objects=objects,
        water=scene.water._replace(speed=scene.water.speed * water),
        sky=scene.sky._replace(drift_x=scene.sky.drift_x * drift, drift_z=scene.sky.drift_z * drift),
    )


def _factor(speeds: np.ndarray, wanted: float) -> float:
    if len(speeds) < _ENOUGH_PIXELS:
        return 1.0
    return wanted / max(float(np.percentile(speeds, 80)), 1e-4)
