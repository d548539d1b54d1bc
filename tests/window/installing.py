"""Steps: the extension installs from its zip, and its preferences and sidebar are there."""

from collections.abc import Generator

import addon_utils
import bpy
from stall_monitor import StallMonitor
from stepping import EXTENSION, MODULE, REPOSITORY, Tour, Wait


def the_extension_installs(tour: Tour) -> Generator[Wait, None, None]:
    bpy.ops.extensions.package_install_files(filepath=str(tour.extension), repo=REPOSITORY, enable_on_install=True)
    yield 0.2
    is_default, is_enabled = addon_utils.check(MODULE)
    assert (is_default, is_enabled) == (True, True), "the extension is not enabled"
    assert hasattr(bpy.types.Scene, "cinemagraph"), "the extension did not register"
    folder = f"{REPOSITORY}/{EXTENSION}/cinemagraph_addon"
    tour.monitor = StallMonitor(folder)
    tour.monitor.start()


def the_preferences_show(tour: Tour) -> Generator[Wait, None, None]:
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Cinemagraph"
    with bpy.context.temp_override(window=tour.window):
        bpy.ops.preferences.addon_show(module=MODULE)
    yield from tour.settled()
    windows = bpy.context.window_manager.windows
    assert len(windows) == 2, "no window with preferences opened"
    yield from tour.picture("preferences")
    with bpy.context.temp_override(window=windows[1]):
        bpy.ops.wm.window_close()
    yield 0.3


def the_sidebar_shows(tour: Tour) -> Generator[Wait, None, None]:
    area = tour.area()
    area.spaces.active.show_region_ui = True
    yield 0.5
    sidebar = next(region for region in area.regions if region.type == "UI")
    sidebar.active_panel_category = "Cinemagraph"
    yield 0.5
    assert sidebar.active_panel_category == "Cinemagraph"
    yield from tour.picture("sidebar")
