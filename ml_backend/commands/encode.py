"""`encode`: a folder of frames becomes a video."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome
from ml_backend.commands.render import add_video_arguments

_EXAMPLES = """\
examples:
  python -m ml_backend encode demo/frames -o loop.mp4
  python -m ml_backend encode demo/frames -o loop.webm --fps 30 --loops 4
"""


@dataclass(frozen=True, slots=True)
class EncodeReport:
    """What was encoded."""

    path: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Frames, video, and speed."""
    parser.add_argument("frames", type=Path, metavar="FRAMES_DIR", help="folder with the PNG frames, in order of name")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=".mp4, .webm or .gif")
    add_video_arguments(parser)


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Encode the video."""
    from ml_backend.frames.writers import VideoSettings, encode_frames  # noqa: PLC0415

    settings = VideoSettings(fps=options.fps, loops=options.loops, ping_pong=options.ping_pong)
    with open_bar("Encoding the video") as progress:
        encode_frames(options.frames, options.output, settings, progress)
    return Outcome(EncodeReport(str(options.output)), str(options.output))


COMMAND = Command("encode", "Encode a folder of frames as a video.", _EXAMPLES, add_arguments, run)
