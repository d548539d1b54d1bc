"""`build`: a photo becomes a scene folder."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.commands.command import Command, OpenBar, Outcome, finite_number, whole_number

NETWORKS = ("own", "paper")
MOTION_METHODS = ("auto", "network", "solver")
DEPTH_KINDS = ("auto", "relative", "inverse", "metric")
_ONLY_RULE = Path("prior")

if TYPE_CHECKING:
    from ml_backend.scene.folder import BuildOptions

_EXAMPLES = """\
examples:
  python -m ml_backend build lake.jpg -o lake --mask water.png --hints arrows.json
  python -m ml_backend build portrait.png -o portrait --depth depth16.png --size 1920
  python -m ml_backend build sea.jpg -o sea --flow waves.flo
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Photo, scene folder, and how to build."""
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="JPEG, PNG, TIFF, WebP, EXR or HDR")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="SCENE_DIR", help="folder of the scene")
    add_build_arguments(parser)


def add_build_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of building, which `animate` has too."""
    parser.add_argument("--mask", type=Path, metavar="IMAGE", help="grey image: white moves, black stands still")
    parser.add_argument("--freeze", type=Path, metavar="IMAGE", help="grey image: white stands still whatever moves")
    parser.add_argument(
        "--guess-motion", action="store_true", help="without --mask: look for water and clouds, a rough first guess"
    )
    parser.add_argument("--hints", type=Path, metavar="JSON", help="arrows and speeds, ours or labelme's")
    parser.add_argument(
        "--motion-method",
        choices=MOTION_METHODS,
        help="what carries arrows over the photo (default: as the hints file says, else auto, the better one)",
    )
    parser.add_argument(
        "--depth",
        type=Path,
        metavar="FILE",
        help="depth map: 16-bit PNG, EXR or .npy; or the word prior for the rule for landscapes, no network",
    )
    parser.add_argument(
        "--horizon",
        type=finite_number,
        metavar="SHARE",
        help="corrects estimated depth: where the horizon is, from 0 at the upper edge to 1 at the lower",
    )
    parser.add_argument(
        "--depth-kind",
        choices=DEPTH_KINDS,
        default="auto",
        help="what the depth map holds (default: auto, integers are inverse, floats are relative)",
    )
    parser.add_argument(
        "--flow", "--motion", dest="flow", type=Path, metavar="FILE", help="ready-made motion: .npy, .flo or .exr"
    )
    parser.add_argument("--layers", type=whole_number, metavar="N", help="2 to 6 depth layers (default: as needed)")
    parser.add_argument(
        "--size", type=whole_number, default=1280, metavar="PX", help="longest side at most (default: 1280)"
    )
    parser.add_argument("--depth-model", type=Path, metavar="DIR", help="Hugging Face depth model on disk")
    parser.add_argument(
        "--inpainting-model",
        type=Path,
        metavar="FILE",
        help="TorchScript inpainter for hidden parts: big-lama.pt or migan_traced.pt",
    )
    parser.add_argument(
        "--trust-inpainting-model",
        choices=("lama", "mi-gan"),
        default="",
        help="run an inpainting model whose digest is not known, as the kind it is; it may hold any program",
    )
    parser.add_argument(
        "--networks",
        choices=NETWORKS,
        default="own",
        help="paper: motion, features and decoder of the paper's authors; `weights list` shows whether they are there",
    )


def build_options(options: argparse.Namespace) -> "BuildOptions":
    """The scene folder's options from the command line's."""
    from ml_backend.scene.folder import BuildOptions

    only_rule = options.depth == _ONLY_RULE
    return BuildOptions(
        mask=options.mask,
        freeze=options.freeze,
        guess_motion=options.guess_motion,
        hints=options.hints,
        depth=None if only_rule else options.depth,
        only_rule=only_rule,
        horizon=options.horizon,
        depth_kind=options.depth_kind,
        flow=options.flow,
        motion_method=options.motion_method,
        size=options.size,
        num_layers=options.layers,
        depth_model=options.depth_model,
        inpainting_model=options.inpainting_model,
        inpainting_trust=options.trust_inpainting_model,
        networks=options.networks,
    )


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Build the scene."""
    from ml_backend.export import build_report
    from ml_backend.scene.folder import build_scene

    with open_bar("Building the scene") as progress:
        built = build_scene(options.photo, options.output, build_options(options), progress=progress)
    report = build_report(built, options.output)
    size = f"{report.width}x{report.height}"
    text = f"{options.output}: {size}, {report.num_layers} layers, {report.num_points:,} points"
    return Outcome(report, text, built.warnings)


COMMAND = Command("build", "Build a scene folder from a photo.", _EXAMPLES, add_arguments, run)
