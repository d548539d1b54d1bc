"""Only one process at a time works on a folder; the system lets go of the lock even where a process is killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .problem import Problem


@contextmanager
def only_here(lock_file: Path) -> Iterator[None]:
    """Hold the lock; raises Problem at once where another process holds it."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise Problem(
                "Another Blender is changing the backend right now.", hint="Wait until it has ended, then try again."
            ) from error
        yield


def _lock(file: BinaryIO) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
