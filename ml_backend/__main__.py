"""`python -m ml_backend ...` and the command `cinemagraph` are the command line of `cli.py`."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

_STOPPED = 130

# Before torch loads OpenMP: threads that spin while they wait make a frame 4 to 8 times slower as soon as anything
# else, such as Blender's own render threads, wants the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def run() -> None:
    """Run the command line, and end the process with its exit code."""
    _give_streams()
    _find_place_for_compiled_code(Path(__file__).parent, Path.home())
    try:
        if sys.argv[1:] != ["serve"]:  # which the add-on may end at once
            # A job that is ended from outside cleans up as on Ctrl-C.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        from ml_backend.cli import main  # noqa: PLC0415  importing takes a moment, in which Ctrl-C may come

        code = main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        code = _STOPPED
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = None  # told in `cli.run`; Python would tell it once more at its end
    if code == _STOPPED:
        # Where Ctrl-C came while a compiled module ran Python code, Python would forget the code and die of the signal.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _give_streams() -> None:
    """Somewhere to write to where the parent gave none: `2>&-`, or a program without a console."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for the whole process
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _find_place_for_compiled_code(package: Path, home: Path) -> None:
    """Numba keeps what it compiled beside the code, or in the home folder; without either it would refuse to start."""
    if os.access(package, os.W_OK) or os.access(home, os.W_OK) or "NUMBA_CACHE_DIR" in os.environ:
        return
    # Not to be shared: whoever may write there runs code as this user.
    os.environ["NUMBA_CACHE_DIR"] = place = tempfile.mkdtemp(prefix="cinemagraph-compiled-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)


if __name__ == "__main__":
    run()
