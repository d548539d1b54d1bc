"""`train`: the networks, from generated worlds or one's own clips and scenes."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.commands.bars import open_no_bar
from ml_backend.commands.command import Command, OpenBar, Outcome, positive_number, whole_number
from ml_backend.errors import BadInput

if TYPE_CHECKING:
    from ml_backend.training.configs import TrainingConfig
    from ml_backend.training.stage import Stage

STAGES = ("motion", "animation", "depth", "inpainting")
PRESETS = ("paper", "small")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")

_EXAMPLES = """\
examples:
  python -m ml_backend train motion --out runs/motion --preset small
  python -m ml_backend train motion --data clips/eulerian --out runs/motion --resume
  torchrun --nproc-per-node 4 -m ml_backend train animation --data clips scenes --out runs/animation
  tensorboard --logdir runs

docs/training.md tells what the data may be, and why each value is what it is.
"""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What was trained: steps done of all steps, figures of the last validation, the files."""

    stage: str
    step: int
    steps: int
    figures: dict[str, float]
    weights: str | None
    checkpoint: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which network, from what, and for how long."""
    parser.add_argument("stage", choices=STAGES, help="which network")
    parser.add_argument(
        "--data",
        nargs="+",
        default=("worlds",),
        metavar="DATA",
        help="worlds, worlds:FOLDER, or folders with clips or posed scenes (default: worlds)",
    )
    parser.add_argument("--photos", type=Path, metavar="DIR", help="photographs that give the worlds their textures")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for checkpoints, curves, and the weights"
    )
    parser.add_argument("--start-from", type=Path, metavar="FILE", help="weights to begin with, not drawn ones")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    parser.add_argument("--preset", choices=PRESETS, default="paper", help="network and values (default: paper)")
    parser.add_argument("--steps", type=whole_number, metavar="N", help="steps in all")
    parser.add_argument("--batch", type=whole_number, metavar="N", help="samples of each process at each step")
    parser.add_argument("--seed", type=int, metavar="N", help="of weights and samples (default: 0)")
    parser.add_argument("--size", type=_size, metavar="WxH", help="pixels of the samples, such as 256x256")
    parser.add_argument("--learning-rate", type=positive_number, metavar="X", help="at the start")
    parser.add_argument("--device", metavar="NAME", help="cpu, cuda, or cuda:1 (default: the GPU where there is one)")
    parser.add_argument("--precision", choices=PRECISIONS, help="of the arithmetic (default: auto)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes that make samples (default: none)")
    parser.add_argument("--time-limit", type=positive_number, metavar="SECONDS", help="stop then; --resume goes on")
    parser.add_argument("--log-every", type=whole_number, metavar="N", help="steps between points of the curves")
    parser.add_argument("--save-every", type=whole_number, metavar="N", help="steps between checkpoints")
    parser.add_argument("--validate-every", type=whole_number, metavar="N", help="steps between validations")


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Train, or go on training."""
    from ml_backend.training.loop import train  # noqa: PLC0415  torch takes a moment
    from ml_backend.training.ranks import join_ranks  # noqa: PLC0415

    config = configuration(options)
    with join_ranks(_device(options.device)) as (ranks, device):
        stage = builders()[options.stage](config)
        with (open_bar if ranks.is_first else open_no_bar)(f"Training {options.stage}") as progress:
            trained = train(
                stage,
                options.out,
                resume=options.resume,
                device=device,
                ranks=ranks,
                time_limit_s=options.time_limit,
                progress=progress,
            )
    report = TrainingReport(
        options.stage,
        trained.step,
        trained.steps,
        dict(trained.figures),
        _text(trained.weights),
        _text(trained.checkpoint),
    )
    if not ranks.is_first:
        return Outcome(report, "")
    return Outcome(report, describe(report), tuple(stage.notes))


def configuration(options: argparse.Namespace) -> "TrainingConfig":
    """The preset with what the options change."""
    from ml_backend.training import configs  # noqa: PLC0415

    presets: Mapping[tuple[str, str], Callable[[], TrainingConfig]] = {
        ("motion", "paper"): configs.MotionConfig,
        ("motion", "small"): configs.small_motion,
        ("animation", "paper"): configs.AnimationConfig,
        ("animation", "small"): configs.small_animation,
        ("depth", "paper"): configs.DepthConfig,
        ("depth", "small"): configs.small_depth,
        ("inpainting", "paper"): configs.InpaintingConfig,
        ("inpainting", "small"): configs.small_inpainting,
    }
    values = {
        "data": tuple(str(data) for data in options.data),
        "photos": _text(options.photos),
        "start_from": _text(options.start_from),
        "steps": options.steps,
        "batch": options.batch,
        "seed": options.seed,
        "width": options.size and options.size[0],
        "height": options.size and options.size[1],
        "learning_rate": options.learning_rate,
        "precision": options.precision,
        "workers": options.workers,
        "log_every": options.log_every,
        "save_every": options.save_every,
        "validate_every": options.validate_every,
    }
    return configs.with_values(presets[options.stage, options.preset](), values)


def builders() -> "Mapping[str, Callable[[TrainingConfig], Stage]]":
    """By the word of the command, what makes a stage of a configuration; each imports only what it needs."""
    return {"motion": _motion, "animation": _animation, "depth": _depth, "inpainting": _inpainting}


def describe(report: TrainingReport) -> str:
    """One line for people."""
    figures = ", ".join(f"{name} {value:.4g}" for name, value in report.figures.items())
    done = f"{report.weights}: {report.step} of {report.steps} steps"
    return f"{done}; {figures}" if figures else done


def _motion(config: "TrainingConfig") -> "Stage":
    if config.network == "small":
        from ml_backend.training.small_motion_stage import SmallMotionStage  # noqa: PLC0415

        return SmallMotionStage(config)
    from ml_backend.training.motion_stage import MotionStage  # noqa: PLC0415

    return MotionStage(config)


def _animation(config: "TrainingConfig") -> "Stage":
    if config.network == "small":
        from ml_backend.training.decoder_stage import DecoderStage  # noqa: PLC0415

        return DecoderStage(config)
    from ml_backend.training.animation_stage import AnimationStage  # noqa: PLC0415

    return AnimationStage(config)


def _depth(config: "TrainingConfig") -> "Stage":
    from ml_backend.training.depth_stage import DepthStage  # noqa: PLC0415

    return DepthStage(config)


def _inpainting(config: "TrainingConfig") -> "Stage":
    from ml_backend.training.inpainting_stage import InpaintingStage  # noqa: PLC0415

    return InpaintingStage(config)


def _device(name: str | None) -> str:
    """The device that was asked for, or the best there is; raises BadInput where there is no such one."""
    import torch  # noqa: PLC0415

    from ml_backend.device import device_name  # noqa: PLC0415

    if name is None:
        return "cpu" if device_name() == "cpu" else "cuda"
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as error:
        raise BadInput(f"There is no device {name} here.", hint="Use --device cpu, or see `doctor`.") from error
    return name


def _size(text: str) -> tuple[int, int]:
    """Width and height from "256x128"."""
    width, found, height = text.partition("x")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 256x128")
    return whole_number(width), whole_number(height)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


COMMAND = Command("train", "Train the networks.", _EXAMPLES, add_arguments, run)
