"""The tour of README.md as one test, where a Blender is named."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tools.extension import make_package

_LONGEST_S = 1200  # without a GPU, on two busy cores
_SCREEN = ("1600", "900")


@pytest.mark.slow
def test_the_tour_passes_in_a_real_blender(repository: Path, backend_python: Path, tmp_path: Path) -> None:
    blender = os.environ.get("BLENDER")
    if not blender:
        pytest.skip("the variable BLENDER names no Blender with a window")
    command = [blender, "-p", "0", "0", *_SCREEN, "--python", str(repository / "tests" / "window" / "tour.py")]
    if not os.environ.get("DISPLAY"):
        if shutil.which("xvfb-run") is None:
            pytest.skip("there is no display and no xvfb-run")
        command = ["xvfb-run", "-a", "-s", f"-screen 0 {'x'.join(_SCREEN)}x24", *command]
    extension = make_package(Path(sysconfig.get_path("purelib")), tmp_path)
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(tmp_path / "user"),
        "CINEMAGRAPH_BACKEND_PYTHON": str(backend_python),
    }
    done = subprocess.run(
        [*command, "--", str(tmp_path / "tour"), "--extension", str(extension)],
        env=environment,
        timeout=_LONGEST_S,
        check=False,
    )
    steps = json.loads((tmp_path / "tour" / "result.json").read_text(encoding="utf-8"))["steps"]
    assert {step["name"]: step["error"] for step in steps if not step["passed"]} == {}
    assert done.returncode == 0
