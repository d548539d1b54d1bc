"""A photo becomes a rendered loop in Blender, by script: what an artist does with the buttons, without the window.

    python examples/render_in_blender.py build --extension dist/cinemagraph-0.1.0.zip --photo lake.jpg \\
        --mask mask.png --hints arrows.json --blend lake/lake.blend --scene lake/scene
    python examples/render_in_blender.py render --blend lake/lake.blend

Runs in a Python that has `bpy` and `tqdm`. In Blender itself, the second step is `blender -b lake/lake.blend -a`.
The backend is started with the Python named by the environment variable CINEMAGRAPH_BACKEND_PYTHON, or this one.
"""

import argparse
import logging
import os
import re
import sys
import traceback
from pathlib import Path

from tqdm import tqdm

# Before bpy: a Blender of its own, so that nobody's preferences are read or changed.
os.environ.setdefault("BLENDER_USER_RESOURCES", str(Path.cwd() / ".blender-user"))
import bpy

import addon_utils  # isort: skip  (bpy makes it importable)

REPOSITORY, EXTENSION = "user_default", "cinemagraph"
MODULE = f"bl_ext.{REPOSITORY}.{EXTENSION}"
FRAMES_FOLDER = "frames"
BAR = "{desc:<22} {percentage:3.0f}% |{bar:30}| {elapsed}, {remaining} left"
FRAMES_BAR = "{desc:<22} {n_fmt:>3}/{total_fmt} |{bar:30}| {elapsed}, {remaining} left"


def main() -> int:
    """Do what the command line asks; the exit code."""
    options = _parse()
    # Blender tells of every file and frame on stdout; the progress bar on stderr is enough.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        if options.command == "build":
            build(options)
        else:
            render(options.blend)
    except RuntimeError as error:  # what a failing operator raises; its text is the add-on's message
        print(f"Blender: {str(error).strip()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def build(options: argparse.Namespace) -> None:
    """Install the extension, build the scene, add the camera, and save the .blend."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1
    bpy.ops.extensions.package_install_files(
        filepath=str(options.extension.resolve()), repo=REPOSITORY, enable_on_install=True
    )
    options.blend.parent.mkdir(parents=True, exist_ok=True)
    # Saved first, so that the scene is kept with paths relative to the file.
    bpy.ops.wm.save_as_mainfile(filepath=str(options.blend.resolve()))
    scene = bpy.context.scene
    settings = scene.cinemagraph
    for name in ("photo", "mask", "hints", "depth"):
        path = getattr(options, name)
        setattr(settings, name, bpy.path.relpath(str(path.resolve())) if path else "")
    settings.scene_dir = bpy.path.relpath(str(options.scene.resolve()))
    settings.working_size = options.size
    settings.loop_frames = options.frames
    with _ShownProgress():
        bpy.ops.cinemagraph.build_scene()
    bpy.ops.cinemagraph.add_camera(path=options.camera)
    _write_png_frames(scene)
    bpy.ops.wm.save_mainfile()


def render(blend: Path) -> None:
    """Open the .blend and render its frames, as Render Animation does."""
    addon_utils.enable(MODULE, default_set=True)
    bpy.ops.wm.open_mainfile(filepath=str(blend.resolve()))
    scene = bpy.context.scene
    for old in Path(bpy.path.abspath(scene.render.filepath)).glob("[0-9][0-9][0-9][0-9].png"):
        old.unlink()
    with tqdm(total=scene.frame_end - scene.frame_start + 1, desc="Rendering frames", bar_format=FRAMES_BAR) as bar:

        def count(*_: object) -> None:
            bar.update()

        bpy.app.handlers.render_write.append(count)
        bpy.ops.render.render(animation=True)
        bpy.app.handlers.render_write.remove(count)


class _ShownProgress(logging.Handler):
    """Turns the lines that the add-on logs while it waits ("Build Scene: inpainting 40%") into a progress bar."""

    def __enter__(self) -> None:
        self._bar = tqdm(total=100, desc="Building the scene", bar_format=BAR)
        self._logger = logging.getLogger(f"{MODULE}.cinemagraph_addon")
        self._others, self._logger.handlers = self._logger.handlers, [self]
        self._logger.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        self._logger.handlers = self._others
        self._bar.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Move the bar to the percentage at the end of the line."""
        percentage = re.search(r"(\S.*): (.+) (\d+)%$", record.getMessage())
        if percentage:
            self._bar.set_description_str(f"Scene: {percentage[2]}", refresh=False)
            self._bar.update(int(percentage[3]) - self._bar.n)


def _write_png_frames(scene: bpy.types.Scene) -> None:
    image = scene.render.image_settings
    if hasattr(image, "media_type"):  # Blender 5.0 and later want it before the format
        image.media_type = "IMAGE"
    image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
    scene.render.filepath = f"//{FRAMES_FOLDER}/"
    scene.render.fps = 25


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    build_parser = commands.add_parser("build", help="photo -> .blend with scene and camera")
    build_parser.add_argument("--extension", type=Path, required=True, help="the extension's zip")
    build_parser.add_argument("--photo", type=Path, required=True)
    for name in ("mask", "hints", "depth"):
        build_parser.add_argument(f"--{name}", type=Path)
    build_parser.add_argument("--scene", type=Path, required=True, help="folder for the scene")
    build_parser.add_argument("--camera", default="circle", help="camera path")
    build_parser.add_argument("--frames", type=int, default=60, help="length of the loop")
    build_parser.add_argument("--size", type=int, default=1280, help="long side in pixels")
    render_parser = commands.add_parser("render", help=".blend -> PNG frames")
    for command in (build_parser, render_parser):
        command.add_argument("--blend", type=Path, required=True)
    return parser.parse_args()


def _leave_blender(code: int) -> None:
    """Leave without Blender's own clean-up: Blender 4.5 as a module can hang in it while an add-on is enabled."""
    addon_utils.disable(MODULE)  # ends the backend
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        code = main()
    except Exception:  # noqa: BLE001  a traceback, and then out as safely as otherwise
        traceback.print_exc()
        code = 1
    _leave_blender(code)
