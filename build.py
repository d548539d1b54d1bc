"""Everything from a fresh clone: `python3.11 build.py demo | test | package`. Standard library only.

demo      a photo becomes a looping video, through Blender; see `demo/` afterwards
test      all tests; further arguments go to pytest
package   the Blender extension as a zip in `dist/`, validated with Blender's own tool

The first run makes `.venv` and installs what pyproject.toml pins; later runs reuse it in seconds.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_backend.camera_paths import PATHS

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"
CHINA = ROOT / "examples" / "china"

_EXTRAS = ("depth", "demo", "blender", "evaluate", "test")
_PYTHON_VERSION = (3, 11)  # the only one that Blender 4.5's Python module is built for
_TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_INDEX_TIMEOUT_S = 5

# Which apt package holds a library that Blender's Python module needs and that a bare system lacks.
_APT_PACKAGES = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgomp.so.1": "libgomp1",
}

CHINA_CREDIT = (
    '"china.jpg", a photograph by danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035/, '
    "licensed under CC BY 2.0, https://creativecommons.org/licenses/by/2.0/. It comes with scikit-learn. "
    "Changed here: animated, and seen from a moving camera."
)


class BuildError(Exception):
    """Something that the reader of the message can mend."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one step of the demo took. peak_mib is that of its largest process."""

    name: str
    wall_s: float
    peak_mib: float


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    _ensure_python(arguments)
    command, rest = _parse(arguments)
    try:
        make_environment()
        archive = make_package(_site_packages(), ROOT / "dist")
        if command == "package":
            print(f"{_shown(archive)} is ready, and Blender's own tool finds it valid.")
            return 0
        if command == "test":
            return subprocess.run([PYTHON, "-m", "pytest", *rest], cwd=ROOT, check=False).returncode
        return make_demo(archive, _parse_demo(rest))
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130


# The environment.


def make_environment() -> None:
    """Make `.venv` with everything that pyproject.toml pins; does nothing when that was done before."""
    requirements = pinned_requirements(ROOT / "pyproject.toml")
    wanted = hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists():
        return
    print(f"Setting up {_shown(VENV)}; this happens once.", flush=True)
    _make_venv()
    STAMP.unlink(missing_ok=True)
    torch = next(r for r in requirements if r.startswith("torch=="))
    print(f"[1/2] {torch}", flush=True)
    _pip_install([torch], index=_torch_index())
    print(f"[2/2] {len(requirements) - 1} more packages, Blender among them", flush=True)
    _pip_install(requirements)
    _check_system_libraries()
    STAMP.write_text(wanted)


def pinned_requirements(pyproject: Path) -> list[str]:
    """The project's requirements with the extras that demo, package, and test need."""
    project = _read_toml(pyproject)["project"]
    extras = [r for extra in _EXTRAS for r in project["optional-dependencies"][extra]]
    return list(dict.fromkeys([*project["dependencies"], *extras]))


def missing_apt_packages(ldd_output: str) -> list[str]:
    """The apt packages (or, where unknown, the file names) of the libraries that `ldd` did not find."""
    missing = re.findall(r"^\s*(\S+) => not found", ldd_output, flags=re.MULTILINE)
    return sorted({_APT_PACKAGES.get(library, library) for library in missing})


def _ensure_python(arguments: Sequence[str]) -> None:
    if sys.version_info[:2] == _PYTHON_VERSION:
        return
    python = shutil.which("python3.11")
    if python is None:
        sys.exit(
            "build.py: Python 3.11 is needed, as in Blender 4.5. On Debian 12: apt install python3.11 python3.11-venv"
        )
    os.execv(python, [python, str(ROOT / "build.py"), *arguments])


def _make_venv() -> None:
    # Without the check, venv leaves a folder that has a Python but no pip.
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        raise BuildError("Python's venv module is missing. Install it: apt install python3.11-venv")
    has_pip = PYTHON.exists() and not subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode  # noqa: PLW1510
    if not has_pip:
        _check_call([sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment could not be made.")


def _torch_index() -> str | None:
    """The index of CPU-only PyTorch where it helps and answers: without it Linux gets gigabytes of CUDA libraries."""
    if shutil.which("nvidia-smi") or Path("/proc/driver/nvidia/version").exists():
        return None
    try:
        with urllib.request.urlopen(f"{_TORCH_CPU_INDEX}/torch/", timeout=_INDEX_TIMEOUT_S):
            return _TORCH_CPU_INDEX
    except (OSError, urllib.error.URLError):
        return None


def _pip_install(requirements: Sequence[str], index: str | None = None) -> None:
    options = ["--index-url", index] if index else []
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *options, *requirements]
    _check_call(command, "Installing failed; pip's message is above. Check the network, and run the command again.")


def _check_system_libraries() -> None:
    if sys.platform != "linux":
        return
    module = _site_packages() / "bpy" / "__init__.so"
    output = subprocess.run(["ldd", str(module)], capture_output=True, text=True, check=False).stdout
    missing = missing_apt_packages(output)
    if missing:
        raise BuildError(
            f"Blender needs system libraries that are missing. Install them: apt install {' '.join(missing)}"
        )


def _site_packages() -> Path:
    return VENV / "lib" / "python{}.{}".format(*_PYTHON_VERSION) / "site-packages"


# The package.


def make_package(site_packages: Path, destination: Path) -> Path:
    """Build the extension's zip and validate it, both with the tool inside bpy; the zip's path."""
    tool = find_extension_tool(site_packages)
    manifest = _read_toml(ROOT / "blender_manifest.toml")
    destination.mkdir(parents=True, exist_ok=True)
    archive = destination / f"{manifest['id']}-{manifest['version']}.zip"
    clean = destination / ".source"
    shutil.rmtree(clean, ignore_errors=True)
    try:
        _copy_sources(clean)
        unchecked = archive.with_name(f".{archive.stem}.partial.zip")
        for what, arguments in (
            ("build", ["build", "--source-dir", str(clean), "--output-filepath", str(unchecked)]),
            ("validation", ["validate", str(unchecked)]),
        ):
            done = subprocess.run([sys.executable, tool, *arguments], capture_output=True, text=True, check=False)
            if done.returncode:
                raise BuildError(f"The {what} of the extension failed:\n{done.stdout}{done.stderr}".rstrip())
        os.replace(unchecked, archive)
    finally:
        shutil.rmtree(clean, ignore_errors=True)
    return archive


def find_extension_tool(site_packages: Path) -> Path:
    """Blender's `blender_ext.py`, which builds and validates extensions with any Python."""
    tools = sorted(site_packages.glob("bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if not tools:
        raise BuildError(f"There is no Blender in {site_packages}. Delete {_shown(VENV)} and run the command again.")
    return tools[-1]


def _copy_sources(clean: Path) -> None:
    """Copy what git knows or would take, else everything but the folders that we make ourselves."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        made = shutil.ignore_patterns(".*", "__pycache__", "dist", "demo", "*.egg-info")
        shutil.copytree(ROOT, clean, ignore=made)
        return
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (clean / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clean / name)


# The demo.


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
    _check_call([str(PYTHON), "-c", code, str(options.photo)], "The demo's photograph could not be read.")
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
        print(_shown(path))


# Small things.


def _parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False
    )
    parser.add_argument("command", choices=("demo", "test", "package"))
    if not arguments or arguments[0] in ("-h", "--help"):
        parser.print_help()
        sys.exit(0 if arguments else 2)
    command = parser.parse_args(arguments[:1]).command
    rest = list(arguments[1:])
    if command == "demo":
        _parse_demo(rest)  # wrong options are told before anything is installed
    elif command == "package" and rest:
        parser.error(f"package takes no arguments: {' '.join(rest)}")
    return command, rest


def _parse_demo(arguments: Sequence[str]) -> argparse.Namespace:
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


def _check_call(command: Sequence[str], complaint: str) -> None:
    if subprocess.run(command, check=False).returncode:
        raise BuildError(complaint)


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib  # older Pythons, which lack it, get as far as the message that asks for 3.11

    return tomllib.loads(path.read_text(encoding="utf-8"))


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
