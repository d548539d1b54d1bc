"""Sky, sun, and air of a world."""

import math
from dataclasses import dataclass

import numpy as np

from ml_backend.training.worlds.records import Light, Sky


@dataclass(frozen=True, slots=True)
class _Mood:
    probability: float
    horizon: tuple[float, float, float]
    zenith: tuple[float, float, float]
    cloud: tuple[float, float, float]
    sun_height: tuple[float, float]
    sunshine: float


_MOODS = (
    _Mood(0.40, (0.75, 0.85, 0.95), (0.22, 0.42, 0.76), (0.97, 0.97, 0.98), (0.4, 1.3), 1.0),
    _Mood(0.14, (0.98, 0.66, 0.42), (0.3, 0.34, 0.55), (0.95, 0.68, 0.55), (0.06, 0.35), 0.9),
    _Mood(0.27, (0.80, 0.82, 0.85), (0.62, 0.66, 0.72), (0.9, 0.91, 0.93), (0.5, 1.2), 0.15),
    _Mood(0.05, (0.16, 0.19, 0.28), (0.03, 0.04, 0.11), (0.2, 0.22, 0.28), (0.5, 1.2), 0.3),
    _Mood(0.14, (0.95, 0.86, 0.68), (0.4, 0.55, 0.75), (0.98, 0.93, 0.86), (0.15, 0.6), 1.0),
)


@dataclass(frozen=True, slots=True)
class Weather:
    """Sky and light that belong together."""

    sky: Sky
    light: Light


def make_weather(rng: np.random.Generator, *, outdoors: bool, drift: float) -> Weather:
    """A time of day, clouds, and fog; clouds drift by up to `drift` cloud heights per frame, 0 for still ones."""
    mood = _MOODS[rng.choice(len(_MOODS), p=[m.probability for m in _MOODS])]
    horizon = np.clip(np.array(mood.horizon) * rng.uniform(0.85, 1.08) + rng.uniform(-0.05, 0.05, 3), 0, 1.1)
    zenith = np.clip(np.array(mood.zenith) * rng.uniform(0.8, 1.2) + rng.uniform(-0.06, 0.06, 3), 0, 1)
    if rng.random() < 0.25:  # haze: white down to the trees
        horizon = horizon * 0.3 + 0.7 * np.clip(horizon.mean() * 1.2, 0, 1)
    return Weather(_sky(rng, mood, horizon, zenith, drift), _light(rng, mood, horizon, outdoors=outdoors))


def _sky(rng: np.random.Generator, mood: _Mood, horizon: np.ndarray, zenith: np.ndarray, drift: float) -> Sky:
    clouds = 0.0 if rng.random() < 0.15 and drift == 0 else rng.uniform(0.4, 1.0)
    cloud = np.array(mood.cloud) * rng.uniform(0.75, 1.02)
    angle = rng.uniform(0, 2 * math.pi)
    # The wind mostly drives clouds across the picture or towards us; all directions occur.
    return Sky(
        *map(float, horizon),
        *map(float, zenith),
        float(rng.uniform(1, 5)),
        float(clouds),
        float(rng.uniform(4, 22)),
        float(rng.uniform(0, 500)),
        float(rng.uniform(-0.9, 0.9)),
        float(rng.uniform(0.5, 1.6)),
        *map(float, cloud),
        float(rng.uniform(0.05, 0.3)),
        float(drift * math.cos(angle)),
        float(drift * math.sin(angle)),
        float(mood.sunshine * rng.uniform(0, 0.8)),
        float(rng.uniform(8, 200)),
    )


def _light(rng: np.random.Generator, mood: _Mood, horizon: np.ndarray, *, outdoors: bool) -> Light:
    azimuth, height = rng.uniform(0, 2 * math.pi), rng.uniform(*mood.sun_height)
    fog = 0.0
    if outdoors and rng.random() < 0.8:
        fog = 1 / math.exp(rng.uniform(math.log(30), math.log(1500)))
        if rng.random() < 0.06:
            fog = 1 / rng.uniform(8, 30)
    indoors = 0.0 if outdoors else 0.15
    return Light(
        math.cos(height) * math.cos(azimuth),
        math.sin(height),
        math.cos(height) * math.sin(azimuth),
        float(rng.uniform(0.15, 0.35) + indoors),
        float(mood.sunshine * rng.uniform(0.4, 1.1) * (1 if outdoors else 0.5)),
        float(rng.uniform(0.15, 0.45)),
        *map(float, 1 + rng.uniform(-0.08, 0.08, 3)),
        float(0.15 + 0.4 * mood.sunshine),
        float(mood.sunshine * rng.uniform(0, 0.8)),
        fog,
        *map(float, horizon * rng.uniform(0.8, 1.0)),
    )
