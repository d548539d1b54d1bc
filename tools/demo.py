"""The demo: a photo becomes a looping video, through Blender."""

import argparse
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_backend.camera_paths import PATHS
from tools.environment import PYTHON
from tools.project import ROOT, BuildError, check_call, shown

CHINA = ROOT / "examples" / "china"

CHINA_CREDIT = (
    '"china.jpg", a photograph by danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035/, '
    "licensed under CC BY 2.0, https://creativecommons.org/licenses/by/2.0/. It comes with scikit-learn. "
    "Changed here: animated, and seen from a moving camera."
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one step of the demo took. peak_mib is that of its largest process."""

    name: str
    wall_s: float
    peak_mib: float


def make_demo(archive: Path, options: argparse.Namespace) -> int:
    """Photo -> scene -> Blender's frames -> video and contact sheet in the output folder; the exit code."""
    out = options.output.resolve()
    out.mkdir(parents=True, exist_ok=True)
    is_china = options.photo is None
    if is_china:
        _use_china(out, options)
    blender = [PYTHON, ROOT / "examples" / "render_in_blender.py"]
    blend, scene, frames = out / "demo.blend", out / "scene", out / "frames"
    video, sheet = out / "cinemagraph.mp4", out / "contact_sheet.png"
    build = [*blender, "build", "--extension", archive, "--photo", options.photo, "--blend", blend, "--scene", scene]
    for name in ("mask", "hints", "depth"):
        build += [f"--{name}", getattr(options, name).resolve()] if getattr(options, name) else []
    build += ["--camera", options.camera, "--frames", options.frames, "--size", options.size]
    backend = [PYTHON, "-m", "ml_backend"]
    stages = [
        _run_stage("scene", build),
        _run_stage("frames", [*blender, "render", "--blend", blend]),
        _run_stage("video", [*backend, "encode", frames, "-o", video]),
        _run_stage("contact sheet", [*backend, "sheet", scene, frames, "-o", sheet]),
    ]
    _print_summary(stages, (video, frames, blend, sheet))
    if is_china:
        print(f"Photo: {CHINA_CREDIT}")
    return 0


def _use_china(out: Path, options: argparse.Namespace) -> None:
    options.photo = out / "china.png"
    options.mask = options.mask or CHINA / "mask.png"
    options.hints = options.hints or CHINA / "hints.json"
    code = (
        "import sys; from PIL import Image; from sklearn.datasets import load_sample_image; "
        "Image.fromarray(load_sample_image('china.jpg')).save(sys.argv[1])"
    )
    check_call([str(PYTHON), "-c", code, str(options.photo)], "The demo's photograph could not be read.")
    (out / "ATTRIBUTION.txt").write_text(f"{CHINA_CREDIT}\n", encoding="utf-8")


def _run_stage(name: str, command: Sequence[object]) -> Stage:
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(ROOT / ".blender-user"),
        "CINEMAGRAPH_BACKEND_PYTHON": str(PYTHON),
    }
    print(f"== {name}", flush=True)
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=environment)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except KeyboardInterrupt:
        process.wait()  # the terminal told the child too; it finishes what it must
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode == 130:
        raise KeyboardInterrupt
    if process.returncode:
        raise BuildError(f"The step '{name}' failed; its message is above.")
    return Stage(name, time.monotonic() - start, usage.ru_maxrss / 1024)


def _print_summary(stages: Sequence[Stage], results: Sequence[Path]) -> None:
    print(f"\n{'stage':<16}{'time':>9}{'largest process':>18}")
    for stage in stages:
        print(f"{stage.name:<16}{stage.wall_s:>7.1f} s{stage.peak_mib:>14.0f} MiB")
    print(f"{'total':<16}{sum(s.wall_s for s in stages):>7.1f} s{max(s.peak_mib for s in stages):>14.0f} MiB\n")
    for path in results:
        print(shown(path))


def parse_demo(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the demo; exits with a message where they are wrong."""
    parser = argparse.ArgumentParser(prog="build.py demo", description="Photo -> Blender -> looping video.")
    parser.add_argument("--photo", type=_existing_file, help="default: china.jpg, which scikit-learn carries")
    parser.add_argument("--mask", type=_existing_file, help="grey image: white moves, black stands")
    parser.add_argument("--hints", type=_existing_file, help="JSON with arrows")
    parser.add_argument("--depth", type=_existing_file, help="depth map; estimated when left out")
    parser.add_argument("--camera", choices=PATHS, default="circle", help="camera path (default: circle)")
    parser.add_argument("--frames", type=_loop_length, default=60, metavar="N", help="length of the loop (default: 60)")
    parser.add_argument("--size", type=int, default=1280, metavar="PX", help="longest side at most (default: 1280)")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "demo", metavar="DIR", help="default: demo")
    return parser.parse_args(arguments)


def _existing_file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path.resolve()


def _loop_length(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"a loop has 2 frames or more, not {text}")
    return int(text)
