"""What an artist would feel or lose: long slices of a job on Blender's main thread, and things that pile up."""

import gc
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

import cinemagraph  # noqa: E402
from cinemagraph.cinemagraph_addon import backend_process  # noqa: E402
from cinemagraph.cinemagraph_addon.backend_environment import PYTHON_VARIABLE  # noqa: E402
from cinemagraph.cinemagraph_addon.built_scene import show_built_scene  # noqa: E402

_SIDE_PX = 1000  # one point per pixel: a million
_LONGEST_S = 0.05
_TRIES = 3  # of which the quickest counts: other work on the machine must not fail this


@pytest.fixture(scope="module")
def million(
    addon: None, tmp_path_factory: pytest.TempPathFactory, fake_python: Callable[[str], Path]
) -> Iterator[Path]:
    """The scene folder of a million points, half of them moving."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("million")
    Image.linear_gradient("L").resize((_SIDE_PX, _SIDE_PX)).convert("RGB").save(folder / "photo.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PYTHON_VARIABLE, str(fake_python("good")))
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.context.scene.cinemagraph.photo = str(folder / "photo.png")
        bpy.ops.cinemagraph.build_scene()
        yield folder / "photo.cinemagraph"
        backend_process.stop()


def _slices(folder: Path) -> list[tuple[str, float]]:
    """Where each slice of showing the folder in a fresh scene ended, and how long it kept the main thread."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene_name, slices = bpy.context.scene.name, []
    work = show_built_scene(lambda: bpy.data.scenes[scene_name], folder)
    while True:
        started = time.perf_counter()
        step = next(work, None)
        took = time.perf_counter() - started
        if step is None:
            return [*slices, ("end", took)]
        if step.waits_for is None:
            slices.append((f"{step.stage} {step.fraction:.4f}", took))
        else:
            step.waits_for.wait(_LONGEST_S)


def test_no_slice_of_showing_a_million_points_is_felt(million: Path) -> None:
    tries = [_slices(million) for _ in range(_TRIES)]
    quickest = [(slices[0][0], min(took for _, took in slices)) for slices in zip(*tries, strict=True)]
    assert [(where, took) for where, took in quickest if took > _LONGEST_S] == []


@pytest.mark.skipif(os.getloadavg()[0] > os.cpu_count(), reason="the machine is busy with other work")
def test_a_million_points_play_at_24_frames_a_second(million: Path) -> None:
    _slices(million)  # leaves the scene open
    scene, times = bpy.context.scene, []
    for frame in range(2, 60):  # both clouds, before and during the fade
        started = time.perf_counter()
        scene.frame_set(frame)
        times.append(time.perf_counter() - started)
    assert min(times) < 1 / 24  # the quickest, since other work slows down the rest; bench_playback.py tells more


def _cycle(scene_file: Path) -> None:
    """Build, render, undo, redo, save, and open again, as in a long evening."""
    scene = bpy.context.scene
    bpy.ops.cinemagraph.build_scene()
    bpy.ops.ed.undo_push(message="Built")
    scene = bpy.context.scene
    scene.cinemagraph.loop_frames += 1
    bpy.ops.ed.undo_push(message="Longer")
    bpy.ops.render.render()
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    bpy.ops.wm.save_as_mainfile(filepath=str(scene_file))
    bpy.ops.wm.open_mainfile(filepath=str(scene_file))


def _holdings() -> dict[str, object]:
    """All that must not grow: datablocks by kind, threads, open files, child processes, temporary files."""
    gc.collect()
    blocks = {
        name: len(getattr(bpy.data, name))
        for name in ("objects", "meshes", "cameras", "collections", "materials", "node_groups", "images", "actions")
    }
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    return {
        **blocks,
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "files": len(os.listdir("/proc/self/fd")),
        "children": len(children.read_text().split()),
        "temporary files": sorted(str(path) for path in Path(tempfile.gettempdir()).rglob("*")),
    }


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="counts files and memory in /proc")


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A backend that starts anew and keeps its files where no other process does."""
    backend_process.stop()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    yield
    backend_process.stop()


@needs_proc
def test_twenty_cycles_leave_nothing_behind(own_temporary_folder: None, built: bpy.types.Scene, tmp_path: Path) -> None:
    for _ in range(2):  # what is made once and kept
        _cycle(tmp_path / "shot.blend")
    before = _holdings()
    for _ in range(18):
        _cycle(tmp_path / "shot.blend")
    assert _holdings() == before


@needs_proc
def test_twenty_cycles_with_much_data_keep_the_memory(million: Path, tmp_path: Path) -> None:
    # 56 bytes of attributes a point: a scene that stayed would be 56 MB each time.
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.cinemagraph.photo = str(million.parent / "photo.png")
    bpy.context.scene.cinemagraph.scene_dir = str(million)
    _cycle(tmp_path / "shot.blend")
    _cycle(tmp_path / "shot.blend")
    sizes = [_resident_mb()]
    for _ in range(5):
        _cycle(tmp_path / "shot.blend")
        sizes.append(_resident_mb())
    # The allocator may keep much once; what is left behind is left behind each time.
    assert statistics.median(later - earlier for earlier, later in pairwise(sizes)) < 28


def _registered() -> dict[str, object]:
    """All places where an add-on may leave something."""
    handlers = [name for name in dir(bpy.app.handlers) if isinstance(getattr(bpy.app.handlers, name), list)]
    keys = bpy.context.window_manager.keyconfigs.addon
    return {
        "classes": [name for name in dir(bpy.types) if "cinemagraph" in name.lower()],
        "properties": [
            f"{kind.__name__}.{name}"
            for kind in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager, bpy.types.Image, bpy.types.Camera)
            for name in dir(kind)
            if "cinemagraph" in name
        ],
        "handlers": {name: len(getattr(bpy.app.handlers, name)) for name in handlers},
        "keys": {keymap.name: len(keymap.keymap_items) for keymap in keys.keymaps} if keys else {},
        "menus": [
            name
            for name in dir(bpy.types)
            for drawn in getattr(getattr(getattr(bpy.types, name, None), "draw", None), "_draw_funcs", ())
            if "cinemagraph" in drawn.__module__
        ],
        "panels of the engine": [
            panel.__name__
            for panel in bpy.types.Panel.__subclasses__()
            if "CINEMAGRAPH" in getattr(panel, "COMPAT_ENGINES", ())
        ],
        "threads": sorted(thread.name for thread in threading.enumerate()),
    }


def test_ten_times_off_and_on_leave_nothing_registered(addon: None) -> None:
    cinemagraph.unregister()
    before = _registered()
    for _ in range(10):
        cinemagraph.register()
        cinemagraph.unregister()
    after = _registered()
    cinemagraph.register()
    assert after == before


def test_off_leaves_no_class_property_menu_or_panel(addon: None) -> None:
    cinemagraph.unregister()
    left = _registered()
    cinemagraph.register()
    assert [left[place] for place in ("classes", "properties", "menus", "panels of the engine")] == [[]] * 4
