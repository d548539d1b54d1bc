"""What a training is: frozen values whose defaults are the paper's (Sec. 4.1); docs/training.md gives the reasons.

`small_...()` are the presets of the networks that are shipped. All sizes are pixels, all rates are per step.
"""

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

Precision = Literal["auto", "float32", "bfloat16", "float16"]
Schedule = Literal["constant", "exponential", "cosine"]
Network = Literal["paper", "small"]

WORLDS = "worlds"

# A training may go on with other values of these: they change neither what is learned from nor what learns.
FREE_FIELDS = frozenset(
    {"steps", "batch", "data", "photos", "precision", "workers", "log_every", "save_every", "validate_every"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """What all stages have.

    Args:
        data: "worlds", "worlds:FOLDER" (a pool of rendered ones), or folders; found by content.
        photos: folder of photographs that give the worlds their textures; "" for procedural textures alone.
        start_from: file of weights to begin with, as a training writes it; "" for weights drawn from the seed.
        batch: samples of one process at one step.
        betas: Adam's. weight_decay: AdamW's; 0 is plain Adam.
        final_rate: share of the learning rate that is left at the last step, by `schedule`.
        warmup: first steps, in which the rate grows to its full value.
        clip_norm: largest norm of the gradient of each optimiser; 0 for none.
        average: share of the old value in the running mean of the weights, which is validated and exported.
        precision: "auto" is bfloat16 on CUDA devices that have it, float32 elsewhere.
        workers: processes that make samples; 0 is the training's own.
    """

    seed: int = 0
    data: tuple[str, ...] = (WORLDS,)
    photos: str = ""
    start_from: str = ""
    network: Network = "paper"
    width: int = 256
    height: int = 256
    steps: int = 100_000
    batch: int = 16
    learning_rate: float = 1e-4
    critic_learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    final_rate: float = 1.0
    warmup: int = 0
    clip_norm: float = 1.0
    average: float = 0.999
    precision: Precision = "auto"
    workers: int = 0
    log_every: int = 20
    save_every: int = 500
    validate_every: int = 1000
    validation_samples: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionConfig(TrainingConfig):
    """Stage 1, Eq. (7): adversarial, feature matching, and end-point error.

    Args:
        most_arrows: hints of a sample, drawn from 0 to this; 5 as in the authors' configuration.
        arrow_noise: share of its length by which an arrow is off, as drawn by hand.
        squash: the whole picture in the size above, whatever its shape, as the authors do; else a part of that shape.
        critic_width: channels of the discriminator's first layer.
    """

    width: int = 768
    height: int = 768
    steps: int = 120_000
    learning_rate: float = 5e-4
    critic_learning_rate: float = 2e-3
    betas: tuple[float, float] = (0.0, 0.9)
    most_arrows: int = 5
    arrow_noise: float = 0.0
    squash: bool = True
    critic_width: int = 64
    adversarial_weight: float = 1.0
    matching_weight: float = 10.0
    endpoint_weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationConfig(TrainingConfig):
    """Stage 2, Eq. (8): adversarial, feature matching, l1, and perceptual.

    Args:
        num_frames: of a loop. novel_views: share of samples that are novel views at time 0, not triplets (Sec. 3.5).
        max_layers: of the layered depth image. critic_width: channels of the discriminator's first layer.
    """

    width: int = 384
    height: int = 256
    steps: int = 250_000
    batch: int = 1
    learning_rate: float = 1e-4
    critic_learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.0, 0.9)
    schedule: Schedule = "exponential"
    final_rate: float = 1 / 32  # halved every 50,000 steps
    num_frames: int = 60
    max_layers: int = 4
    critic_width: int = 64
    novel_views: float = 0.5
    adversarial_weight: float = 1.0
    matching_weight: float = 10.0
    l1_weight: float = 1.0
    perceptual_weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthConfig(TrainingConfig):
    """Depth from one picture: error of disparity and of its gradients, up to scale and shift.

    Args:
        spread_weight, gradient_weight: of the errors of normalised disparity. direct_weight: of plain disparity, which
            fixes scale and shift. relative_weight: of the relative error of what is near.
        sky_weight: of the disparity that is found in skies.
        portrait: share of batches whose pictures stand upright, where the data has such.
        other_skies: share of pictures whose sky is painted anew (`painted_skies.py`).
        things: share of pictures into which more things are set (`pasted_things.py`).
    """

    network: Network = "small"
    width: int = 192
    height: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    schedule: Schedule = "cosine"
    final_rate: float = 0.01
    warmup: int = 100
    clip_norm: float = 3.0
    average: float = 0.998
    validation_samples: int = 64
    spread_weight: float = 1.0
    gradient_weight: float = 1.0
    direct_weight: float = 0.6
    relative_weight: float = 0.5
    sky_weight: float = 0.4
    portrait: float = 0.2
    other_skies: float = 0.3
    things: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class InpaintingConfig(TrainingConfig):
    """Colour and depth of what a layer hides.

    Args:
        color_weight, gradient_weight: of the errors of colour and of its gradients. texture_weight: of the local
            contrast, which errors alone would blur away. disparity_weight: of the disparity, in spreads of the layer.
    """

    network: Network = "small"
    width: int = 192
    height: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    schedule: Schedule = "cosine"
    final_rate: float = 0.01
    warmup: int = 100
    average: float = 0.998
    validation_samples: int = 64
    color_weight: float = 4.0
    gradient_weight: float = 2.0
    texture_weight: float = 1.0
    disparity_weight: float = 0.5


Config = TypeVar("Config", bound=TrainingConfig)


def small_motion() -> MotionConfig:
    """The shipped motion network: `training/small_motion_stage.py`, without a critic."""
    return MotionConfig(
        network="small",
        width=192,
        height=128,
        steps=4500,
        batch=8,
        learning_rate=2e-3,
        betas=(0.9, 0.99),
        weight_decay=1e-3,
        schedule="cosine",
        final_rate=0.01,
        warmup=100,
        average=0.995,
        precision="float32",
        adversarial_weight=0.0,
        matching_weight=0.0,
        save_every=250,
        validate_every=500,
        validation_samples=64,
    )


def small_animation() -> AnimationConfig:
    """Our gated decoder; a sample is 8 crops of one world."""
    return AnimationConfig(
        network="small",
        width=256,
        height=176,
        steps=30_000,
        batch=2,
        learning_rate=2e-3,
        betas=(0.9, 0.99),
        schedule="cosine",
        final_rate=0.01,
        warmup=50,
        average=0.995,
        critic_width=32,
        adversarial_weight=0.03,
        matching_weight=0.3,
        perceptual_weight=0.0,
    )


def small_depth() -> DepthConfig:
    """The shipped depth network."""
    return DepthConfig(steps=20_000, batch=16, learning_rate=1.5e-3)


def small_inpainting() -> InpaintingConfig:
    """The shipped inpainting network."""
    return InpaintingConfig(steps=20_000, batch=8)


def rate_at(config: TrainingConfig, step: int) -> float:
    """Share of the learning rate at a step, in (0, 1]."""
    done = min(1.0, step / max(1, config.steps))
    match config.schedule:
        case "exponential":
            share = config.final_rate**done
        case "cosine":
            share = config.final_rate + (1 - config.final_rate) * (1 + math.cos(math.pi * done)) / 2
        case _:
            share = 1.0
    return share * min(1.0, (step + 1) / config.warmup) if config.warmup else share


def config_to_json(config: TrainingConfig) -> str:
    """The values by name, for files beside the weights."""
    return json.dumps(asdict(config), indent=1)


def without_folders(config: TrainingConfig) -> TrainingConfig:
    """The same with the names of files alone: weights that are given away tell nobody where they were trained."""

    def name(place: str) -> str:
        kind, colon, path = place.rpartition(":") if place.startswith(f"{WORLDS}:") else ("", "", place)
        return f"{kind}{colon}{Path(path).name}"

    data = tuple(name(place) for place in config.data)
    return replace(config, data=data, photos=name(config.photos), start_from=name(config.start_from))


def changed_fields(config: TrainingConfig, stored: str) -> list[tuple[str, Any, Any]]:
    """Name, stored and present value of what differs from `config_to_json`'s text and must not."""
    before = json.loads(stored)
    now = json.loads(config_to_json(config))
    # What is newer than the text had its default then.
    kept = {f.name: before.get(f.name, f.default) for f in fields(config) if f.name not in FREE_FIELDS}
    return [(name, value, now[name]) for name, value in kept.items() if value != now[name]]


def with_values(config: Config, values: dict[str, Any]) -> Config:
    """The configuration with those values that are not None."""
    return replace(config, **{name: value for name, value in values.items() if value is not None})
