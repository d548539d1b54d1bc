import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ml_backend.training.worlds import Textures, first_camera, make_world, render_view

ROOT = Path(__file__).resolve().parents[4]


def test_kernels_of_the_gpu_draw_the_same_in_the_simulator() -> None:
    script = Path(__file__).with_name("simulated_gpu.py")

    ended = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_gpu_draws_what_the_cpu_draws(textures: Textures) -> None:
    world = make_world(3, textures)
    camera = first_camera(world, 96, 64)

    on_cpu, on_gpu = render_view(world, camera, 0.0), render_view(world, camera, 0.0, device="cuda")

    # Rays that graze an edge may fall to either side of it.
    assert ((on_cpu.depth - on_gpu.depth).abs() < 1e-3 * on_cpu.depth).float().mean() > 0.99
    assert (on_cpu.color - on_gpu.color).abs().mean() < 0.01
