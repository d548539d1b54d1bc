"""The request EncodeVideo: numbered frames of a folder become one video."""

from pathlib import Path

import av
import numpy as np
from PIL import Image

from ml_backend import protocol
from ml_backend.service.jobs import Jobs


def test_frames_become_a_video_with_its_loops(tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(3):
        Image.fromarray(np.full((32, 48, 3), 80 * number, np.uint8)).save(frames / f"frame_{number:04}.png")
    out = tmp_path / "loop.mp4"
    request = protocol.EncodeVideo(1, str(frames), str(out), fps=10.0, loops=2)
    assert Jobs().perform(request, lambda stage, fraction: None) == {"path": str(out)}
    with av.open(str(out)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 6
