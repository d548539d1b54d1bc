"""The lie of the land and its water, kind by kind."""

import math

import numpy as np

from ml_backend.training.worlds.records import Land, Water
from ml_backend.training.worlds.textures import Textures

OUTDOORS = ("land", "lake", "river", "rapids", "sea", "falls", "street", "forest")
INDOORS = ("room", "table")
KINDS = (*OUTDOORS, *INDOORS)
_PROBABILITIES = (0.09, 0.07, 0.12, 0.07, 0.15, 0.16, 0.11, 0.07, 0.09, 0.07)
_NO_LAND = Land(*[0.0] * len(Land._fields))
_NO_WATER = Water(*[0.0] * len(Water._fields))


def choose_kind(rng: np.random.Generator) -> str:
    """A kind of world."""
    return str(rng.choice(KINDS, p=_PROBABILITIES))


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _pick(rng: np.random.Generator, textures: Textures, *families: str) -> float:
    names = [name for name in families if textures.families[name]]
    span = textures.families[names[rng.integers(len(names))]]
    return float(rng.integers(span.start, span.stop))


def make_land(kind: str, rng: np.random.Generator, textures: Textures) -> Land:
    """The ground of a kind of world."""
    if kind in INDOORS:
        return _NO_LAND
    values = _plain(rng, textures)
    if kind in ("land", "falls", "rapids") or rng.random() < 0.65:
        near = rng.uniform(6, 60)
        far = near + rng.uniform(20, 200)
        values |= {
            "hill_near": near, "hill_far": far, "hill_height": far * rng.uniform(0.04, 0.28),
            "hill_rate": rng.uniform(0.6, 3) * 25 / far, "ridged": float(rng.random() < 0.5),
            "hill_lift": rng.uniform(-0.6, 0.9),
        }  # fmt: skip
        if kind in ("sea", "lake"):
            values["hill_lift"] = rng.uniform(-1.2, 0.2)
    if kind in ("river", "rapids", "falls"):
        values |= _bed(kind, rng)
    if kind == "falls":
        values |= _cliff(rng)
    if kind == "street":
        values |= {"bump_height": rng.uniform(0, 0.04), "hill_height": 0.0}
    if kind == "sea":
        values["bump_height"] = rng.uniform(0.02, 0.4)
        angle = rng.normal(0, 0.8)  # waves roll towards the shore that they are seen from, roughly
        values |= {"course_cos": math.cos(angle), "course_sin": math.sin(angle)}
    values["top"] = 3 + 4 * values["bump_height"] + 4.5 * values.get("hill_height", 0.0) + _rise(values)
    return _NO_LAND._replace(**{name: float(value) for name, value in values.items()})


def _rise(values: dict[str, float]) -> float:
    steps = values.get("cliff_height", 0.0) * values.get("cliff_steps", 1.0)
    slope = abs(values.get("grade", 0.0)) * (values.get("grade_end", 0.0) - values.get("grade_begin", 0.0))
    return steps + slope


def _plain(rng: np.random.Generator, textures: Textures) -> dict[str, float]:
    ground = _pick(rng, textures, "grass", "sand", "grass", "rock", "photo")
    tint, slope = (1 + rng.uniform(-0.1, 0.1, 3)) * rng.uniform(0.75, 1.2), rng.uniform(0.8, 1.15, 3)
    return {
        "exists": 1, "reach": 600, "step": 0.07, "cliff_steps": 1, "course_cos": 1,
        "bump_height": _log_uniform(rng, 0.02, 0.7), "bump_rate": _log_uniform(rng, 0.8, 8),
        "texture": ground, "texture_scale": _log_uniform(rng, 0.06, 0.7),
        "red": tint[0], "green": tint[1], "blue": tint[2],
        "slope_texture": _pick(rng, textures, "rock", "rock", "sand", "leaves", "photo", "white"),
        "slope_scale": _log_uniform(rng, 0.02, 0.4),
        "slope_red": slope[0], "slope_green": slope[1], "slope_blue": slope[2],
        "slope_begin": rng.uniform(0.05, 0.3), "slope_gain": rng.uniform(2, 8),
        "height_begin": rng.uniform(2, 40), "height_gain": rng.uniform(0, 0.1), "mix_rate": rng.uniform(0.5, 4),
    }  # fmt: skip


def _bed(kind: str, rng: np.random.Generator) -> dict[str, float]:
    """A river that comes out of the picture or crosses it."""
    angle = rng.normal(0, 0.5) if rng.random() < 0.7 else rng.uniform(-1.5, 1.5)
    rate = rng.uniform(0.03, 0.2)
    values = {
        "bed_depth": rng.uniform(1.2, 4), "bed_offset": rng.normal(0, 2), "bed_width": rng.uniform(2.5, 11),
        # A bend's slope stays below one, so that water does not run backwards.
        "meander": min(rng.uniform(0, 3.5), 0.7 / rate), "meander_rate": rate,
        "course_cos": math.cos(angle), "course_sin": math.sin(angle),
    }  # fmt: skip
    if kind == "rapids":
        values |= {"grade": rng.uniform(0.05, 0.25), "grade_begin": rng.uniform(0, 4), "grade_end": rng.uniform(12, 60)}
    if kind == "falls":
        values |= {"course_cos": 1.0, "course_sin": 0.0, "meander": 0.0, "bed_width": rng.uniform(2.5, 14)}
    return values


def _cliff(rng: np.random.Generator) -> dict[str, float]:
    steps = int(rng.choice([1, 1, 1, 2, 3]))
    turn = rng.uniform(-0.35, 0.35)
    width = rng.uniform(0.06, 0.22)
    return {
        "cliff_height": rng.uniform(3, 22) / steps, "cliff_z": math.cos(turn), "cliff_x": math.sin(turn),
        "cliff_distance": rng.uniform(8, 28), "cliff_width": width, "cliff_steps": steps,
        "cliff_spacing": rng.uniform(1.5, 5) + 8 * width, "cliff_wobble": rng.uniform(0, 0.45),
        "cliff_wobble_rate": rng.uniform(0.8, 4), "slope_gain": rng.uniform(4, 10),
    }  # fmt: skip


def make_water(kind: str, land: Land, rng: np.random.Generator, textures: Textures) -> Water:
    """The water of a kind of world, at rest or running."""
    if kind in INDOORS or kind in ("street", "forest") or (kind == "land" and rng.random() < 0.75):
        return _NO_WATER
    level = {"sea": rng.uniform(-0.1, 1.2), "lake": rng.uniform(-0.3, 0.6)}.get(kind, -rng.uniform(0.2, 0.8))
    fast = kind in ("rapids", "falls")
    speed = rng.uniform(0.02, 0.12) * (-1 if rng.random() < 0.8 else 1)  # towards the eye, as most who take pictures
    values = {
        "exists": 1, "level": level, "speed": 0.0 if kind == "lake" and rng.random() < 0.4 else speed,
        "wave": _log_uniform(rng, 0.02, 0.22), "wave_rate": rng.uniform(2, 12), "wave_stretch": rng.uniform(0.3, 1.2),
        "texture": _pick(rng, textures, "water"), "texture_scale": _log_uniform(rng, 0.05, 0.5),
        "stretch": rng.uniform(0.4, 1.2), "mirror": rng.uniform(0.03, 0.4), "clarity": 0.0,
        "foam_texture": _pick(rng, textures, "foam"), "shore_foam": 0.0, "foam": 0.0,
    }  # fmt: skip
    values |= dict(
        zip(("red", "green", "blue"), (1 + rng.uniform(-0.15, 0.15, 3)) * rng.uniform(0.7, 1.2), strict=True)
    )
    if kind == "sea":
        # Shear grows with time; over a loop of 60 frames it stays below a third of a metre per metre.
        values |= {
            "shear": rng.uniform(0, 0.2),
            "shear_rate": rng.uniform(0.05, 0.3),
            "wave": _log_uniform(rng, 0.05, 0.5),
        }
        values |= {"wave_rate": rng.uniform(1, 6), "shore_foam": rng.uniform(0, 0.9), "foam": rng.uniform(-0.2, 0.45)}
    if fast:  # water runs down and towards the eye
        values |= {"speed": -rng.uniform(0.04, 0.15), "foam": rng.uniform(0.1, 0.75), "shore_foam": rng.uniform(0, 0.5)}
    if kind == "river" and rng.random() < 0.3:
        values["foam"] = rng.uniform(0.0, 0.4)
    if rng.random() < 0.35:
        values["clarity"] = rng.uniform(0.1, 1.0)
    return _NO_WATER._replace(**{name: float(value) for name, value in values.items()})
