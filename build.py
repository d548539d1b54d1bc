"""Everything from a fresh clone: `python3.11 build.py demo | test | package | repository`. Standard library only.

demo        a photo becomes a looping video, through Blender; see `demo/` afterwards
test        all tests; further arguments go to pytest.
            --blender 4.2 | 4.5 | 5.0 | 5.2 | all | newest, or several with commas, chooses versions of Blender
package     the Blender extension as a zip in `dist/`, validated with Blender's own tool
repository  the same zip in `dist/repository/` with the index that Blender installs and updates from

The first run makes `.venv` and installs what pyproject.toml pins; later runs reuse it in seconds.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

_COMMANDS = ("demo", "test", "package", "repository")


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    _ensure_python(arguments)
    # Not before the right Python runs: older ones cannot read these.
    from tools.environment import make_main_environment
    from tools.project import BuildError

    command, options = _parse(arguments)
    try:
        make_main_environment()
        return _perform(command, options)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130


def _perform(command: str, options: argparse.Namespace) -> int:
    from tools.blender_versions import default_versions, run_tests
    from tools.demo import make_demo
    from tools.environment import MAIN
    from tools.extension import make_package, make_repository
    from tools.project import ROOT, shown

    if command == "repository":
        index = make_repository(MAIN.site_packages, ROOT / "dist" / "repository")
        print(f"{shown(index.parent)} is ready. In Blender, add it as a remote repository: {index.as_uri()}")
        return 0
    archive = make_package(MAIN.site_packages, ROOT / "dist")
    if command == "demo":
        return make_demo(archive, options)
    if command == "test":
        return run_tests(options.versions or default_versions(options.pytest), options.pytest)
    print(f"{shown(archive)} is ready, and Blender's own tool finds it valid.")
    return 0


def _parse(arguments: Sequence[str]) -> tuple[str, argparse.Namespace]:
    from tools.demo import parse_demo

    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False
    )
    parser.add_argument("command", choices=_COMMANDS)
    if not arguments or arguments[0] in ("-h", "--help"):
        parser.print_help()
        sys.exit(0 if arguments else 2)
    command = parser.parse_args(arguments[:1]).command
    rest = list(arguments[1:])
    # Wrong options are told before anything is installed.
    if command == "demo":
        return command, parse_demo(rest)
    if command == "test":
        return command, _parse_test(rest)
    if rest:
        parser.error(f"{command} takes no arguments: {' '.join(rest)}")
    return command, argparse.Namespace()


def _parse_test(arguments: Sequence[str]) -> argparse.Namespace:
    from tools.blender_versions import choose_versions

    parser = argparse.ArgumentParser(prog="build.py test", add_help=False, allow_abbrev=False)
    parser.add_argument("--blender", metavar="VERSIONS")
    options, options.pytest = parser.parse_known_args(arguments)
    try:
        options.versions = choose_versions(options.blender) if options.blender else None
    except ValueError as error:
        parser.error(str(error))
    return options


def _ensure_python(arguments: Sequence[str]) -> None:
    if sys.version_info[:2] == (3, 11):
        return
    python = shutil.which("python3.11")
    if python is None:
        sys.exit(
            "build.py: Python 3.11 is needed, as in Blender 4.5. On Debian 12: apt install python3.11 python3.11-venv"
        )
    os.execv(python, [python, str(Path(__file__).resolve()), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
