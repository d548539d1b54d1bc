"""The loop of all trainings: steps, optimisers, averages, checkpoints, figures; it knows no loss and no network."""

import math
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ml_backend.atomic_file import replacing, require_writable_folder
from ml_backend.errors import BadInput, Diverged, WeightsMismatch
from ml_backend.structures import Progress, no_progress
from ml_backend.training.averaging import Average
from ml_backend.training.batches import Schedule, load_batches
from ml_backend.training.checkpoint import TrainingState, load_last_state, require_no_checkpoint, save_state
from ml_backend.training.configs import TrainingConfig, config_to_json, rate_at, without_folders
from ml_backend.training.log import Log, NoLog
from ml_backend.training.ranks import ALONE, Ranks
from ml_backend.training.stage import Batch, Losses, Stage
from ml_backend.weights.checkpoint import load_strictly

_SEEDS = 1 << 31


@dataclass(frozen=True, slots=True)
class Trained:
    """How a training ended: `step` of `steps` done, figures of the last validation, the files written."""

    step: int
    steps: int
    figures: Mapping[str, float]
    weights: Path | None
    checkpoint: Path | None


def train(
    stage: Stage,
    out: Path,
    *,
    resume: bool = False,
    device: torch.device | str = "cpu",
    ranks: Ranks = ALONE,
    time_limit_s: float | None = None,
    progress: Progress = no_progress,
) -> Trained:
    """Train until `stage.config.steps` or the time limit; checkpoints, curves, and weights go to the folder `out`.

    Args:
        resume: go on from the newest checkpoint in `out`; on the CPU, to the bit as if never stopped.

    Raises:
        BadInput: `out` holds a training and `resume` is False, or none and it is True. BadOutput: it cannot be written.
        WeightsMismatch: the checkpoint, or the file to start from, does not fit. MissingDependency: no TensorBoard.
        Diverged: a loss is no number; the last checkpoint is from before.
    """
    if stage.config.start_from and not resume:
        stage.start_from(Path(stage.config.start_from))
    run = _Run(stage.to(device), out, torch.device(device), ranks)
    if resume:
        run.load()
    elif ranks.is_first:
        require_no_checkpoint(out)
    ranks.wait()
    if ranks.is_first:
        require_writable_folder(out)
    return run.go(time_limit_s, progress)


class _Run:
    """A training under way."""

    def __init__(self, stage: Stage, out: Path, device: torch.device, ranks: Ranks) -> None:
        self._stage, self._out, self._device, self._ranks = stage, out, device, ranks
        self._config: TrainingConfig = stage.config
        self._precision = _precision(self._config, device)
        groups = {"networks": list(stage.networks.parameters()), "critics": list(stage.critics.parameters())}
        self._parameters = {name: parameters for name, parameters in groups.items() if parameters}
        self._optimizers = {name: _optimizer(self._config, name, p) for name, p in self._parameters.items()}
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._precision is torch.float16)
        self._average = Average(stage.networks, self._config.average)
        self._step = self._samples = 0
        self._figures: Mapping[str, float] = {}

    def load(self) -> None:
        """Take the state of the newest checkpoint."""
        state, path = load_last_state(self._out, self._stage.name, self._config)
        load_strictly(self._stage.networks, state.networks, str(path))
        load_strictly(self._stage.critics, state.critics, str(path))
        self._average.load(state.average, str(path))
        for name, optimizer in self._optimizers.items():
            try:
                optimizer.load_state_dict(state.optimizers[name])
            except (KeyError, ValueError, TypeError) as error:
                raise WeightsMismatch(
                    f"{path}: expected the optimizer of the {name}, found another ({error}).",
                    hint="The file belongs to another network.",
                ) from error
        if state.scaler:
            self._scaler.load_state_dict(dict(state.scaler))
        self._step, self._samples = state.step, state.samples

    def go(self, time_limit_s: float | None, progress: Progress) -> Trained:
        """All steps that are left."""
        config, first = self._config, self._step
        if first >= config.steps:
            raise BadInput(f"{self._out} has done its {first} steps.", hint="Give more --steps to go on.")
        module = self._wrapped()
        log = Log(self._out / "tensorboard", first) if self._ranks.is_first else NoLog()
        log.text("config", f"```\n{config_to_json(config)}\n```")
        log.text("notes", "\n\n".join(self._stage.notes))
        batches = load_batches(
            self._stage.dataset(),
            Schedule(self._samples, config.steps - first, config.batch),
            self._ranks,
            workers=config.workers,
            pin_memory=self._device.type == "cuda",
        )
        end = math.inf if time_limit_s is None else time.monotonic() + time_limit_s
        self._stage.train()
        saved: Path | None = None
        began = time.monotonic()
        try:
            for batch in batches:
                values, is_over = self._advance(module, batch, end)
                if self._ranks.is_first and (self._step % config.log_every == 0 or self._step == first + 1):
                    rate = (self._step - first) / (time.monotonic() - began)
                    log.scalars(self._step, {**{k: v.item() for k, v in values.items()}, "speed/steps_per_s": rate})
                loss = values["loss/total"].item()
                progress(f"step {self._step} of {config.steps}, loss {loss:.3f}", self._step / config.steps)
                is_over = is_over or self._step == config.steps
                if is_over or self._step % config.validate_every == 0:
                    self._validate(log)
                if is_over or self._step % config.save_every == 0:
                    saved = self._save()
                if is_over:
                    break
        finally:
            log.close()
        return Trained(self._step, config.steps, self._figures, self._export(), saved)

    def _wrapped(self) -> nn.Module:
        if self._ranks.world_size == 1:
            return self._stage
        ids = [self._device.index] if self._device.type == "cuda" else None
        return DistributedDataParallel(self._stage, device_ids=ids)

    def _advance(self, module: nn.Module, batch: Batch, end: float) -> tuple[dict[str, Tensor], bool]:
        """One step; its losses, norms, and rate by name, and whether the time is over."""
        config = self._config
        # Whatever is drawn in a step depends on the seed, the step, and the process, not on what was drawn before.
        torch.manual_seed((config.seed * 1_000_003 + self._step * 1009 + self._ranks.rank) % _SEEDS)
        batch = {name: value.to(self._device, non_blocking=True) for name, value in batch.items()}
        share = rate_at(config, self._step)
        for name, optimizer in self._optimizers.items():
            optimizer.param_groups[0]["lr"] = share * _full_rate(config, name)
            optimizer.zero_grad(set_to_none=True)
        with self._autocast():
            losses: Losses = module(batch)
        terms = {**losses.generator, **losses.critic}
        total = torch.stack([value.float() for value in terms.values()]).sum()
        self._scaler.scale(total).backward()
        norms = self._clip()
        is_over = self._require_finite(terms, total, norms, end)
        for optimizer in self._optimizers.values():
            self._scaler.step(optimizer)
        self._scaler.update()
        self._step += 1
        self._samples += config.batch * self._ranks.world_size
        self._average.update(self._step)
        values = {
            "loss/total": total.detach(),
            **{f"loss/{name}": value.detach() for name, value in terms.items()},
            **{f"gradient/{name}": value for name, value in norms.items()},
            "rate": torch.tensor(share),
        }
        return values, is_over

    def _autocast(self) -> AbstractContextManager[None]:
        if self._precision is torch.float32:
            return nullcontext()
        return torch.autocast(self._device.type, self._precision)

    def _clip(self) -> dict[str, Tensor]:
        """The norms of the gradients, which are cut to the largest allowed one."""
        norms = {}
        for name, optimizer in self._optimizers.items():
            self._scaler.unscale_(optimizer)
            largest = self._config.clip_norm or math.inf
            norms[name] = nn.utils.clip_grad_norm_(self._parameters[name], largest)
        return norms

    def _require_finite(
        self, terms: Mapping[str, Tensor], total: Tensor, norms: Mapping[str, Tensor], end: float
    ) -> bool:
        """Whether any process has run out of time; raises Diverged in all of them where one's numbers are none."""
        checked = [total] if self._scaler.is_enabled() else [total, *norms.values()]  # the scaler skips wild gradients
        finite = torch.stack([torch.isfinite(value) for value in checked]).all()
        has_time = torch.tensor(time.monotonic() < end, device=self._device)
        flags = self._ranks.all_agree(torch.stack([finite, has_time]).to(torch.float32)).tolist()
        if not flags[0]:
            wild = [name for name, value in {**terms, **norms}.items() if not math.isfinite(value.item())]
            what = ", ".join(wild) or "a value of another process"
            raise Diverged(
                f"Step {self._step + 1}: {what} is not finite any more.",
                hint="The last checkpoint is from before. Resume with a lower learning rate, or in float32.",
            )
        return not flags[1]

    def _validate(self, log: Log) -> None:
        if self._ranks.is_first:
            with self._average.swapped_in(), torch.no_grad():
                self._stage.eval()
                found = self._stage.validate()
            self._stage.train()
            self._figures = found.figures
            log.scalars(self._step, {f"validation/{name}": value for name, value in found.figures.items()})
            log.pictures(self._step, found.pictures)
        self._ranks.wait()

    def _save(self) -> Path | None:
        if not self._ranks.is_first:
            return None
        return save_state(
            self._out,
            TrainingState(
                stage=self._stage.name,
                config=config_to_json(self._config),
                step=self._step,
                samples=self._samples,
                networks=self._stage.networks.state_dict(),
                critics=self._stage.critics.state_dict(),
                average=self._average.values,
                optimizers={name: optimizer.state_dict() for name, optimizer in self._optimizers.items()},
                scaler=self._scaler.state_dict(),
            ),
        )

    def _export(self) -> Path | None:
        if not self._ranks.is_first:
            return None
        with self._average.swapped_in(), torch.no_grad():
            tensors, about = self._stage.export()
            tensors = {name: tensor.detach().contiguous().cpu().clone() for name, tensor in tensors.items()}
        about = {
            **about,
            "stage": self._stage.name,
            "step": str(self._step),
            "samples": str(self._samples),
            "config": config_to_json(without_folders(self._config)),
            "notes": "\n".join(self._stage.notes),
            **{f"figure/{name}": f"{value:.6g}" for name, value in self._figures.items()},
        }
        path = self._out / f"{self._stage.name}.safetensors"
        with replacing(path) as partial:
            save_file(tensors, partial, about)
        return path


def _optimizer(config: TrainingConfig, group: str, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    rate = _full_rate(config, group)
    return torch.optim.AdamW(parameters, lr=rate, betas=config.betas, weight_decay=config.weight_decay)


def _full_rate(config: TrainingConfig, group: str) -> float:
    return config.learning_rate if group == "networks" else config.critic_learning_rate


def _precision(config: TrainingConfig, device: torch.device) -> torch.dtype:
    if config.precision == "auto":
        has_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if has_bfloat16 else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[config.precision]
