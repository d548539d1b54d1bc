"""`animate`: a photo becomes a video or a folder of frames, `build` and `render` at once."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_backend.commands import build, render
from ml_backend.commands.command import Command, OpenBar, Outcome

_EXAMPLES = """\
examples:
  python -m ml_backend animate lake.jpg -o lake.mp4 --mask water.png --hints arrows.json
  python -m ml_backend animate lake.jpg -o lake.mp4 --mask water.png --camera zoom-in --scene lake
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photo, output, and how to build and render."""
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="JPEG, PNG, TIFF, WebP, EXR or HDR")
    render.add_output_argument(parser)
    parser.add_argument("--scene", type=Path, metavar="DIR", help="keep the scene folder here, for more renders")
    build.add_build_arguments(parser)
    render.add_render_arguments(parser)


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Build the scene, render it, and keep it where that was asked."""
    from ml_backend.export import check_export, export_loop  # noqa: PLC0415
    from ml_backend.scene.folder import build_scene  # noqa: PLC0415

    export_options = render.export_options(options, size=None)
    check_export(options.output, export_options)  # before the minutes that building takes
    with _scene_folder(options.scene) as scene_dir:
        with open_bar("Building the scene") as progress:
            built = build_scene(options.photo, scene_dir, build.build_options(options), progress=progress)
        with open_bar("Rendering the loop") as progress:
            report = export_loop(built.scene, options.output, export_options, progress=progress)
    return Outcome(report, render.describe(report), (*built.warnings, *report.warnings))


@contextmanager
def _scene_folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="cinemagraph-") as folder:
        yield Path(folder) / "scene"


COMMAND = Command("animate", "Turn a photo into a video or frames at once.", _EXAMPLES, add_arguments, run)
