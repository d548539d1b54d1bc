"""`sheet`: frames, depth, layers, flow, and mask of a scene in one picture."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome

_EXAMPLES = """\
examples:
  python -m ml_backend sheet demo/scene demo/frames -o demo/contact_sheet.png
"""


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What was written."""

    path: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, frames, and picture."""
    parser.add_argument("scene", type=Path, metavar="SCENE_DIR", help="folder that `build` made")
    parser.add_argument("frames", type=Path, metavar="FRAMES_DIR", help="folder with PNG frames of it")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png", help="the picture")


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Draw the sheet."""
    raise NotImplementedError


COMMAND = Command("sheet", "Show frames, depth, layers, flow and mask in one picture.", _EXAMPLES, add_arguments, run)
