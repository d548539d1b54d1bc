"""Progress bars with the time left, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from ml_backend.commands.command import ReportProgress

_FORMAT = "{desc:<34} {percentage:3.0f}% |{bar:24}| {elapsed}, {remaining} left"
_STEPS = 1000


@contextmanager
def open_bar(title: str) -> Iterator[ReportProgress]:
    """A bar that follows progress(stage, fraction)."""
    with tqdm(total=_STEPS, desc=title, bar_format=_FORMAT) as bar:

        def progress(stage: str, fraction: float) -> None:
            bar.set_description_str(f"{title}: {stage}", refresh=False)
            bar.update(round(fraction * _STEPS) - bar.n)

        yield progress
        bar.set_description_str(title, refresh=False)
        bar.update(_STEPS - bar.n)


@contextmanager
def open_no_bar(title: str) -> Iterator[ReportProgress]:
    """Progress that nobody watches, for machines."""
    yield lambda stage, fraction: None
