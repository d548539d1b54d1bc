"""The whole state of a training on disk: written whole or not at all, read without running anything in it."""

import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ml_backend.atomic_file import replacing
from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.training.configs import TrainingConfig, changed_fields

FORMAT = 1
_KEPT = 2  # the last, and the one before it in case the disk lost the last
_FOLDER = "checkpoints"


@dataclass(frozen=True, slots=True)
class TrainingState:
    """`step` and `samples` are done; networks, critics, and average by name of weight; optimizers as torch's dicts."""

    stage: str
    config: str
    step: int
    samples: int
    networks: Mapping[str, Tensor]
    critics: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    optimizers: Mapping[str, Any]
    scaler: Mapping[str, Any]


def save_state(out: Path, state: TrainingState) -> Path:
    """Write a checkpoint and remove all but the last two; its path. Raises BadOutput."""
    path = out / _FOLDER / f"step-{state.step:08d}.pt"
    with replacing(path) as partial:
        torch.save({"format": FORMAT, **{f.name: _plain(getattr(state, f.name)) for f in fields(state)}}, partial)
    for old in checkpoints(out)[:-_KEPT]:
        old.unlink(missing_ok=True)
    return path


def checkpoints(out: Path) -> list[Path]:
    """The checkpoints of a training's folder, oldest first."""
    return sorted((out / _FOLDER).glob("step-*.pt"))


def require_no_checkpoint(out: Path) -> None:
    """Raise BadInput where a folder holds a training already, which a new one would mix with."""
    found = checkpoints(out)
    if found:
        raise BadInput(
            f"{out} holds a training already, at {found[-1].stem.replace('-0', ' ').replace('-', ' ')}.",
            hint="Add --resume to go on with it, or choose another --out.",
        )


def load_last_state(out: Path, stage: str, config: TrainingConfig) -> tuple[TrainingState, Path]:
    """The newest checkpoint of a folder and its path.

    Raises:
        BadInput: there is none. WeightsMismatch: it is damaged, or of another stage or configuration.
    """
    found = checkpoints(out)
    if not found:
        raise BadInput(f"There is no checkpoint in {out}.", hint="Leave out --resume to begin.")
    path = found[-1]
    state = read_state(path)
    if state.stage != stage:
        raise WeightsMismatch(
            f"{path}: expected a checkpoint of the stage {stage}, found one of {state.stage}.",
            hint="Choose the --out that this training began with.",
        )
    changed = changed_fields(config, state.config)
    if changed:
        name, before, now = changed[0]
        raise WeightsMismatch(
            f"{path}: expected {name} {now}, found {before}.",
            hint="Go on with the options that the training began with, or begin anew in another --out.",
        )
    return state, path


def read_state(path: Path) -> TrainingState:
    """A checkpoint, its tensors on the CPU. Raises WeightsMismatch."""
    try:
        with warnings.catch_warnings():  # of other pickle protocols; what cannot be read is refused below
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _unreadable(path, "something that is not a checkpoint, which may be code") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise _unreadable(path, f"a file that cannot be read ({reason})") from error
    if not isinstance(content, dict):
        raise _unreadable(path, f"a {type(content).__name__}")
    version = content.pop("format", None)
    if version != FORMAT:
        raise _unreadable(path, f"format {version}")
    expected = {f.name for f in fields(TrainingState)}
    if set(content) != expected:
        different = sorted(expected.symmetric_difference(content))
        raise _unreadable(path, f"one where {', '.join(different)} {'is' if len(different) == 1 else 'are'} amiss")
    return TrainingState(**content)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def _unreadable(path: Path, found: str) -> WeightsMismatch:
    return WeightsMismatch(
        f"{path}: expected a checkpoint of format {FORMAT}, found {found}.",
        hint="Delete this file, and --resume goes on from the one before it.",
    )
