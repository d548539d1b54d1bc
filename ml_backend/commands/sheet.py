"""`sheet`: frames, depth, layers, flow, and mask of a scene in one picture."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome
from ml_backend.errors import BadInput, BadOutput

_EXAMPLES = """\
examples:
  python -m ml_backend sheet demo/scene demo/frames -o demo/contact_sheet.png
"""


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What was written."""

    path: str
    num_frames: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, frames, and picture."""
    parser.add_argument("scene", type=Path, metavar="SCENE_DIR", help="folder that `build` made")
    parser.add_argument("frames", type=Path, metavar="FRAMES_DIR", help="folder with PNG frames of it")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png", help="the picture")


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Draw the sheet."""
    from ml_backend.photos.media import write_photo  # noqa: PLC0415
    from ml_backend.scene.contact_sheet import make_contact_sheet  # noqa: PLC0415
    from ml_backend.scene.folder import load_scene, read_scene_mask  # noqa: PLC0415

    if options.output.suffix.lower() != ".png":
        raise BadOutput(f"{options.output.name}: the sheet is a PNG picture.", hint="Give it a name that ends in .png.")
    frames = frame_paths(options.frames)
    with open_bar("Drawing the contact sheet") as progress:
        progress("loading the scene", 0.0)
        scene = load_scene(options.scene)
        progress("drawing", 0.3)
        sheet = make_contact_sheet(scene, frames, read_scene_mask(options.scene))
        progress("writing", 0.8)
        write_photo(sheet, options.output, bits=8)
    return Outcome(SheetReport(str(options.output), len(frames)), str(options.output))


def frame_paths(folder: Path) -> list[Path]:
    """The PNG frames of a folder in order, without their passes; raises BadInput where there is none."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", hint="Check the path and its spelling.")
    paths = sorted(p for p in folder.glob("*.png") if not p.name.startswith(("depth_", "alpha_")))
    if not paths:
        raise BadInput(f"There are no PNG frames in {folder}.", hint="Render the scene to this folder first.")
    return paths


COMMAND = Command("sheet", "Show frames, depth, layers, flow and mask in one picture.", _EXAMPLES, add_arguments, run)
