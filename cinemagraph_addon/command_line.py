"""`blender -b -c cinemagraph build | render | batch`: the add-on without a window.

In Blender as a Python module, which has no command line, call `main` with the same arguments.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy

from ..ml_backend.camera_paths import PATHS
from .frame_files import FORMATS
from .headless import EXIT_FAILED, EXIT_STOPPED, Loops, Settings, Stop, batch, build, render

_PROGRAM = "blender -b -c cinemagraph"
_FILES = ("mask", "hints", "depth", "flow")
_EXAMPLES = f"""\
examples:
  {_PROGRAM} build lake.jpg -o lake.blend --mask water.png --hints arrows.json --camera orbit
  {_PROGRAM} render lake.blend -o lake.mp4
  {_PROGRAM} render lake.blend -o frames --format exr --frames 1:30
  {_PROGRAM} batch photos -o loops --masks masks --format gif

exit codes: 0 done, 1 unexpected failure, 2 wrong input, 3 scene folder missing or damaged, 4 output cannot be
written, 5 backend not installed, 6 weights that do not fit, 7 backend of another version, 130 stopped
"""
_log = logging.getLogger(__name__)
_handle: object = None


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; the exit code. Progress goes to stdout, errors to stderr."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as wrong:  # argparse has said why; Blender itself must not end here
        return int(wrong.code or 0)
    try:
        with _progress_on_stdout():
            return options.run(options)
    except Stop as stop:
        print(f"Error: {stop}", file=sys.stderr, flush=True)
        return stop.exit_code
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept.", file=sys.stderr, flush=True)
        return EXIT_STOPPED
    except Exception as error:  # noqa: BLE001 (the one place; a traceback in the log, one line for the user)
        _log.exception("%s failed", _PROGRAM)
        print(f"Error: Unexpected {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return EXIT_FAILED


def _say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def _progress_on_stdout() -> Iterator[None]:
    """Show the lines that jobs log, such as "Build Scene: inpainting 40%"."""
    logger = logging.getLogger(__package__)
    before = logger.handlers, logger.level, logger.propagate
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.handlers, level, logger.propagate = before
        logger.setLevel(level)


def _build(options: argparse.Namespace) -> int:
    blend = (options.output or options.photo.with_suffix(".blend")).absolute()
    if blend.suffix != ".blend":
        blend = blend.with_name(f"{blend.name}.blend")
    scene_dir = options.scene.absolute() if options.scene else None
    build(options.photo.absolute(), blend, _settings(options), _say, scene_dir=scene_dir, overwrite=options.overwrite)
    return 0


def _render(options: argparse.Namespace) -> int:
    out = options.output.absolute() if options.output else None
    render(options.blend.absolute(), out, _say, frames=options.frames, format=options.format)
    return 0


def _batch(options: argparse.Namespace) -> int:
    loops = Loops(
        ending=f".{options.format}",
        loops=options.loops,
        ping_pong=options.ping_pong,
        masks=options.masks,
        hints=options.arrows,
        keep_scenes=options.keep_scenes,
        overwrite=options.overwrite,
    )
    photos = [photo.absolute() for photo in options.photos]
    return batch(photos, options.output.absolute(), _settings(options), loops, _say)


def _settings(options: argparse.Namespace) -> Settings:
    files = tuple((name, getattr(options, name).absolute()) for name in _FILES if getattr(options, name, None))
    names = ("size", "layers", "frames", "fps", "camera", "amplitude")
    return Settings(files=files, **{name: getattr(options, name) for name in names})


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog=_PROGRAM, description="3D cinemagraphs from a single photo.", epilog=_EXAMPLES, formatter_class=raw
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_build(commands.add_parser("build", help="photo -> .blend with scene and camera"))
    _add_render(commands.add_parser("render", help=".blend -> frames or MP4, by Blender's own renderer"))
    _add_batch(commands.add_parser("batch", help="many photos -> a loop of each"))
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_build)
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.blend", help="default: beside the photo")
    parser.add_argument("--scene", type=Path, metavar="DIR", help="scene folder (default: beside the .blend)")
    parser.add_argument("--mask", type=Path, metavar="FILE", help="grey image: white moves")
    parser.add_argument("--hints", type=Path, metavar="FILE", help="JSON with arrows")
    parser.add_argument("--depth", type=Path, metavar="FILE", help="depth map; estimated when left out")
    parser.add_argument("--flow", type=Path, metavar="FILE", help="ready-made motion")
    _add_settings(parser)


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_render)
    parser.add_argument("blend", type=Path, metavar="FILE.blend")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="folder for frames, or .mp4")
    parser.add_argument("--frames", type=_frame_range, metavar="A:B", help="a part of the frames, both included")
    parser.add_argument("--format", choices=FORMATS, help="default: as the .blend says, or by the output's ending")


def _add_batch(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_batch)
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO", help="photos, or folders of them")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the loops")
    parser.add_argument("--format", choices=("mp4", "webm", "gif"), default="mp4", help="default: mp4")
    parser.add_argument("--loops", type=_count, default=1, metavar="N", help="repetitions in a video (default: 1)")
    parser.add_argument("--ping-pong", action="store_true", help="forwards, then backwards")
    parser.add_argument("--masks", type=_folder, metavar="DIR", help="masks, each named as its photo")
    parser.add_argument("--arrows", type=_folder, metavar="DIR", help="JSON files with arrows, named alike")
    parser.add_argument("--keep-scenes", action="store_true", help="leave .blend and scene folder beside each loop")
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", type=_count, default=1280, metavar="PX", help="long side (default: 1280)")
    parser.add_argument("--layers", type=int, choices=(0, 2, 3, 4, 5, 6), default=0, help="default: 0, automatic")
    parser.add_argument("--frames", type=_count, default=60, metavar="N", help="length of the loop (default: 60)")
    parser.add_argument("--fps", type=float, default=25.0, metavar="F", help="frames per second (default: 25)")
    parser.add_argument("--camera", choices=PATHS, default="circle", help="path of the camera (default: circle)")
    parser.add_argument("--amplitude", type=float, default=1.0, metavar="A", help="size of its way (default: 1)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there already")


def _frame_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    try:
        start, end = int(first), int(last or first)
    except ValueError:
        start, end = 1, 0
    if not 0 <= start <= end:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of frames such as 1:30")
    return start, end


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text).absolute()


def register() -> None:
    """Offer the command to Blender's own command line."""
    global _handle  # noqa: PLW0603 (Blender's ticket for taking it away again)
    _handle = bpy.utils.register_cli_command("cinemagraph", main)


def unregister() -> None:
    """Take the command away."""
    bpy.utils.unregister_cli_command(_handle)
