"""A tour through the add-on in a Blender with a window: installs it, builds, plays, renders, and takes pictures.

    blender --python tests/window/tour.py -- OUT_DIR --extension dist/cinemagraph-0.1.0.zip

README.md in this folder says what it needs. The exit code is 0 when every step passed.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))

import building
import installing
import lasting
import moving
import rendering
import scenery
import viewing
from stepping import Tour, leave, run

STEPS = (
    installing.the_extension_installs,
    installing.the_preferences_show,
    installing.the_sidebar_shows,
    building.the_cancel_button_stops_a_build,
    building.escape_stops_a_build,
    building.a_build_leaves_blender_responsive,
    moving.a_mask_is_painted_with_the_mouse,
    moving.an_arrow_is_drawn_with_the_mouse,
    moving.the_motion_is_estimated,
    viewing.the_points_show_the_photo,
    viewing.the_relief_shows_in_solid_shading,
    viewing.space_plays_the_loop,
    viewing.the_frame_after_the_loop_looks_like_the_first,
    viewing.a_camera_follows_a_path,
    viewing.the_safe_view_shows_what_is_unknown,
    viewing.the_rendered_viewport_shows_the_final_frame,
    rendering.escape_stops_a_render,
    rendering.a_frame_renders,
    rendering.renders_beside_drawing_leave_blender_writable,
    lasting.undo_and_redo_keep_the_scene,
    lasting.a_saved_file_opens_again,
    lasting.two_scenes_live_in_one_file,
    lasting.ten_times_off_and_on_leave_nothing,
)


def main() -> None:
    """Parse what stands after `--` and start."""
    parser = argparse.ArgumentParser(prog="tour.py")
    parser.add_argument("out", type=Path)
    parser.add_argument("--extension", type=Path, required=True, help="the extension's zip")
    parser.add_argument("--photo", type=Path, help="default: a painted lake")
    parser.add_argument("--mask", type=Path, help="where --photo moves; needed with it")
    parser.add_argument("--hints", type=Path, help="arrows for --photo")
    parser.add_argument("--steps", help="names of steps, with commas, instead of all")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    _check_tools()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    photo, mask = (options.photo, options.mask) if options.photo else scenery.paint_lake(out)
    tour = Tour(out, photo.resolve(), mask.resolve(), options.hints and options.hints.resolve(), options.extension)
    chosen = options.steps.split(",") if options.steps else None
    bpy.context.preferences.view.show_splash = False
    run(tour, [step for step in STEPS if chosen is None or step.__name__ in chosen], leave)


def _check_tools() -> None:
    missing = [tool for tool in ("import", "compare", "xdotool") if shutil.which(tool) is None]
    if missing:
        sys.stderr.write(f"tour: {', '.join(missing)} not found: apt install imagemagick xdotool\n")
        leave(2)
    if "BLENDER_USER_RESOURCES" not in os.environ:
        sys.stderr.write("tour: set BLENDER_USER_RESOURCES to an empty folder: your own Blender must not be changed\n")
        leave(2)


try:
    main()
except SystemExit as stop:  # Blender would go on with an open window
    leave(int(stop.code or 0))
