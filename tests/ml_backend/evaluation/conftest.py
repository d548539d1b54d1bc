"""A tiny scene in the bench format: a wall with a window of water that runs to the right."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

HEIGHT, WIDTH, NUM_FRAMES = 32, 48, 8
MakeScene = Callable[..., Path]


def write_picture(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), (picture[..., ::-1] * 255).round().astype(np.uint8))


@pytest.fixture
def make_scene(tmp_path: Path) -> MakeScene:
    """Writes a scene into tmp_path / name and gives its folder; keyword arguments replace entries of scene.json."""

    def make(name: str = "pool", **changes: object) -> Path:
        folder = tmp_path / name
        image = np.random.default_rng(1).random((HEIGHT // 4, WIDTH // 4, 3)).astype(np.float32)
        image = cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        depth = np.full((HEIGHT, WIDTH), 4.0, np.float32)
        depth[4:28, 6:12] = 2.0
        flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
        flow[18:30, 16:44, 0] = 0.5
        write_picture(folder / "source.png", image)
        cv2.imwrite(str(folder / "mask.png"), ((flow != 0).any(axis=-1) * 255).astype(np.uint8))
        np.save(folder / "depth.npy", depth)
        np.save(folder / "flow.npy", flow)
        frames = []
        for trajectory, shift in (("circle", 0.0), ("side", 0.1)):
            for t in (0, 4, 7):
                pose = np.eye(4)
                pose[0, 3] = shift
                file = f"frames/{trajectory}_{t:03d}.png"
                write_picture(folder / file, image)
                frames.append({"file": file, "t": t, "trajectory": trajectory, "camera_to_world": pose.tolist()})
        header = {
            "format": "cinemagraph-bench/1",
            "width": WIDTH,
            "height": HEIGHT,
            "intrinsics": [48.0, 48.0, 24.0, 16.0],
            "n_frames": NUM_FRAMES,
            "near_depth": 2.0,
            "frames": frames,
        }
        (folder / "scene.json").write_text(json.dumps(header | changes), encoding="utf-8")
        return folder

    return make
