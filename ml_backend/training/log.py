"""Curves and pictures of a training for TensorBoard: `tensorboard --logdir OUT`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from ml_backend.errors import MissingDependency

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class Log:
    """Writes event files into a folder; a training that goes on from `step` hides what was logged after it."""

    def __init__(self, folder: Path, step: int) -> None:
        self._writer: SummaryWriter = _open_writer(folder, step)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One point of each curve."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def pictures(self, step: int, values: Mapping[str, Tensor]) -> None:
        """Pictures (3, H, W), cut to [0, 1]."""
        for name, value in values.items():
            self._writer.add_image(name, value.detach().float().clamp(0, 1).cpu(), step)

    def text(self, name: str, content: str) -> None:
        """A note, such as the configuration."""
        self._writer.add_text(name, content)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()


class NoLog(Log):
    """For processes that write nothing."""

    def __init__(self) -> None:
        """Open nothing."""

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Nothing."""

    def pictures(self, step: int, values: Mapping[str, Tensor]) -> None:
        """Nothing."""

    def text(self, name: str, content: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def _open_writer(folder: Path, step: int) -> "SummaryWriter":
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415  only training needs it, and it is slow
    except ImportError as error:
        raise MissingDependency(
            "Training needs tensorboard, which is not installed.",
            hint="Install the extra `train`: pip install 'cinemagraph-backend[train]'.",
        ) from error
    return SummaryWriter(str(folder), purge_step=step or None)
