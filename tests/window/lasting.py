"""Steps: the scene outlives undo, files, a second scene, and the add-on itself."""

import time
from collections.abc import Generator

import bpy
from building import start_build
from stepping import MODULE, Tour, Wait


def undo_and_redo_keep_the_scene(tour: Tour) -> Generator[Wait, None, None]:
    # What a script did is in no step yet: an undo would take new objects away and keep what points at them.
    with bpy.context.temp_override(**tour.context()):
        bpy.ops.ed.undo_push(message="Tour")
        tour.scene.cinemagraph.loop_frames += 1
        bpy.ops.ed.undo_push(message="Longer Loop")
    for key in ("ctrl+z", "ctrl+shift+z") * 3:
        before = tour.scene.cinemagraph.loop_frames
        yield from tour.press(key)
        yield from tour.settled()
        assert tour.scene.cinemagraph.loop_frames == before + (-1 if key == "ctrl+z" else 1), key
    yield from tour.press("ctrl+z")
    yield from tour.settled()
    assert tour.scene.cinemagraph.is_built
    assert tour.scene.cinemagraph.collection.objects


def a_saved_file_opens_again(tour: Tour) -> Generator[Wait, None, None]:
    before = sorted(obj.name for obj in tour.scene.cinemagraph.collection.objects)
    file = tour.out / "tour.blend"
    with bpy.context.temp_override(**tour.context()):
        started = time.monotonic()
        bpy.ops.wm.save_as_mainfile(filepath=str(file))
        saved = time.monotonic()
        bpy.ops.wm.open_mainfile(filepath=str(file))
    tour.note(save_s=round(saved - started, 1), open_s=round(time.monotonic() - saved, 1))
    yield 2.0
    settings = tour.scene.cinemagraph
    assert settings.is_built
    assert sorted(obj.name for obj in settings.collection.objects) == before
    assert settings.scene_dir.startswith("//"), "the folder's path is not relative"
    tour.area().spaces.active.show_region_ui = True
    yield from tour.picture("opened_again")


def two_scenes_live_in_one_file(tour: Tour) -> Generator[Wait, None, None]:
    first = tour.scene.name
    folder = tour.scene.cinemagraph.scene_dir
    other = bpy.data.scenes.new("Second")
    tour.window.scene = other
    yield 0.5
    start_build(tour, size=320)
    other.cinemagraph.scene_dir = str(tour.out / "second.cinemagraph")
    yield lambda: not tour.is_job_running()
    assert tour.scene.cinemagraph.is_built, tour.scene.cinemagraph.message
    assert bpy.data.scenes[first].cinemagraph.scene_dir == folder
    shared = set(bpy.data.scenes[first].cinemagraph.collection.objects) & set(other.cinemagraph.collection.objects)
    assert not shared, f"both scenes own {shared}"
    tour.window.scene = bpy.data.scenes[first]
    yield 0.5


def ten_times_off_and_on_leave_nothing(tour: Tour) -> Generator[Wait, None, None]:
    tour.area().spaces.active.shading.type = "SOLID"
    yield 1.0
    for _ in range(10):
        bpy.ops.preferences.addon_disable(module=MODULE)
        left = [name for name in dir(bpy.types) if name.startswith("CINEMAGRAPH_")]
        assert left == [], f"classes stay registered: {left}"
        bpy.ops.preferences.addon_enable(module=MODULE)
        yield 0.1
    assert tour.scene.cinemagraph.is_built
    bpy.ops.preferences.addon_disable(module=MODULE)  # ends the backend too
    yield 0.2
