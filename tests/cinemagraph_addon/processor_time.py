"""How long something keeps a processor, measured against work of known length: machines differ, and are busy."""

import time
from collections.abc import Callable

import numpy as np

_TRIES = 5  # of which the quickest counts
_KNOWN_MS = 10.0  # what `_known_work` takes on an ordinary processor of 2020


def processor_ms(work: Callable[[], object]) -> float:
    """Milliseconds that `work` would take on an ordinary processor."""
    return _quickest(work) / _quickest(_known_work) * _KNOWN_MS


def _known_work() -> None:
    np.cumsum(np.ones((853, 1280), np.float32), axis=0)


def _quickest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_TRIES):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
