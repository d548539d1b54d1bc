"""`render`: a scene folder becomes a video or a folder of frames."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.camera_paths import PATHS
from ml_backend.commands.command import Command, OpenBar, Outcome, finite_number, positive_number, whole_number

if TYPE_CHECKING:
    from ml_backend.export import ExportOptions, ExportReport

_EXAMPLES = """\
examples:
  python -m ml_backend render lake -o lake.mp4 --camera orbit --frames 90 --loops 3
  python -m ml_backend render lake -o lake.gif --size 640
  python -m ml_backend render lake -o frames --format exr --passes depth,alpha
  python -m ml_backend render lake -o flight.webm --camera cameras.json
"""
_FORMATS = ("png", "png16", "exr")
_PASSES = ("depth", "alpha")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene folder, output, and how to render."""
    parser.add_argument("scene", type=Path, metavar="SCENE_DIR", help="folder that `build` made")
    add_output_argument(parser)
    parser.add_argument(
        "--size", type=whole_number, metavar="PX", help="long side of the frames (default: the photo's)"
    )
    add_render_arguments(parser)


def add_output_argument(parser: argparse.ArgumentParser) -> None:
    """Where the loop goes."""
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help=".mp4, .webm, .gif, or a folder for frames"
    )


def add_render_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of rendering, which `animate` has too."""
    parser.add_argument(
        "--camera",
        default="circle",
        metavar="NAME|JSON",
        help=f"{', '.join(PATHS)}, or a cameras.json (default: circle)",
    )
    parser.add_argument(
        "--amplitude", type=finite_number, default=1.0, metavar="A", help="size of the camera's way (default: 1)"
    )
    parser.add_argument("--frames", type=whole_number, metavar="N", help="length of the loop (default: 60)")
    add_video_arguments(parser)
    parser.add_argument("--format", choices=_FORMATS, default="png", help="of frames in a folder (default: png)")
    parser.add_argument("--passes", type=_pass_names, default=(), metavar="LIST", help="depth,alpha beside the frames")
    parser.add_argument(
        "--fade", choices=("late", "linear"), default="late", help="linear: the blending as printed in the paper"
    )
    parser.add_argument(
        "--decoder", type=Path, metavar="FILE", help="what `train animation --preset small` wrote (default: colours)"
    )


def add_video_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a video, which `encode` has too."""
    parser.add_argument(
        "--fps", type=positive_number, default=25.0, metavar="F", help="frames per second (default: 25)"
    )
    parser.add_argument(
        "--loops", type=whole_number, default=1, metavar="N", help="repetitions in the file (default: 1)"
    )
    parser.add_argument("--ping-pong", action="store_true", help="forwards, then backwards")


def export_options(options: argparse.Namespace, size: int | None) -> "ExportOptions":
    """The export's options from the command line's; `size` is the long side of the frames, None is the photo's."""
    from ml_backend.export import ExportOptions  # noqa: PLC0415
    from ml_backend.frames.writers import VideoSettings  # noqa: PLC0415
    from ml_backend.loop import DEFAULTS, PAPER  # noqa: PLC0415
    from ml_backend.models import load_gated_decoder  # noqa: PLC0415

    render = PAPER if options.fade == "linear" else DEFAULTS
    if options.decoder:
        render = replace(render, decoder=load_gated_decoder(options.decoder))
    return ExportOptions(
        camera=options.camera,
        num_frames=options.frames,
        amplitude=options.amplitude,
        size=size,
        format=options.format,
        passes=frozenset(options.passes),
        video=VideoSettings(fps=options.fps, loops=options.loops, ping_pong=options.ping_pong),
        render=render,
    )


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Render the loop."""
    from ml_backend.export import check_export, export_loop  # noqa: PLC0415
    from ml_backend.scene.folder import load_scene  # noqa: PLC0415

    chosen = export_options(options, options.size)
    check_export(options.output, chosen)
    with open_bar("Rendering the loop") as progress:
        progress("loading the scene", 0.0)
        scene = load_scene(options.scene)
        report = export_loop(scene, options.output, chosen, progress=progress)
    return Outcome(report, describe(report), tuple(report.warnings))


def describe(report: "ExportReport") -> str:
    """One line about what was written."""
    frames = "1 frame" if report.num_frames == 1 else f"{report.num_frames} frames"
    size = f"{report.width}x{report.height}"
    return f"{report.path}: {frames} of {size}, at most {report.hole_fraction:.2%} of a frame was filled"


def _pass_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in _PASSES:
            raise argparse.ArgumentTypeError(f"there is no pass {name!r}; choose from {', '.join(_PASSES)}")
    return names


COMMAND = Command("render", "Render a scene folder to a video or frames.", _EXAMPLES, add_arguments, run)
