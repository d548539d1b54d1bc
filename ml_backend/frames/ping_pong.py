"""Frames forwards and then backwards, for a video whose motion should turn round instead of looping."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np

WriteRgb = Callable[[np.ndarray], None]


@contextmanager
def there_and_back(target: AbstractContextManager[WriteRgb], folder: Path) -> Iterator[WriteRgb]:
    """Give a function that takes frames (H, W, 3) uint8 and passes them on; at the end they follow in reverse.

    The last and the first frame are not shown twice: N frames become 2 N - 2. They wait on disk, in a nameless file in
    `folder`, since a minute of video does not fit into memory.
    """
    with target as write_on, tempfile.TemporaryFile(dir=folder) as waiting:
        sizes: list[tuple[int, ...]] = []

        def write(rgb: np.ndarray) -> None:
            write_on(rgb)
            waiting.write(rgb.tobytes())
            sizes.append(rgb.shape)

        yield write
        for number in range(len(sizes) - 2, 0, -1):
            shape = sizes[number]
            length = int(np.prod(shape))
            waiting.seek(number * length)  # all frames of a video have one size
            write_on(np.frombuffer(waiting.read(length), np.uint8).reshape(shape))
