"""Tiny data on disk for trainings."""

from pathlib import Path

import cv2
import numpy as np
import pytest

WIDTH, HEIGHT, NUM_FRAMES = 64, 48, 12
SPEED_PX = 1.0


@pytest.fixture
def river(tmp_path: Path) -> Path:
    """A clip as a folder of pictures: the lower half runs to the right, one pixel per frame."""
    folder = tmp_path / "river"
    folder.mkdir()
    noise = np.random.default_rng(0).random((HEIGHT // 4, WIDTH // 4 + NUM_FRAMES, 3)).astype(np.float32)
    water = cv2.resize(noise, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    for frame in range(NUM_FRAMES):
        picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        picture[: HEIGHT // 2] = water[: HEIGHT // 2, :WIDTH] * 0.5
        start = round(SPEED_PX * (NUM_FRAMES - frame))
        picture[HEIGHT // 2 :] = water[HEIGHT // 2 :, start : start + WIDTH]
        assert cv2.imwrite(str(folder / f"{frame:03d}.png"), (picture * 255).round().astype(np.uint8))
    return folder
