"""Painted pixels -> real backend -> the layers' flow: it moves where it was painted, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon import backend_process  # noqa: E402
from cinemagraph.cinemagraph_addon.backend_environment import PYTHON_VARIABLE  # noqa: E402
from cinemagraph.cinemagraph_addon.mask_image import FREEZE, MASK, new_mask  # noqa: E402

_POOL = (slice(30, 60), slice(10, 50))
_ROCK = (slice(40, 50), slice(20, 30))


@pytest.fixture(scope="module")
def moved(addon: None, backend_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bpy.types.Scene]:
    """A photo of 96x64 before a flat depth, built without motion; then a pool with a rock in it, and an arrow."""
    folder = tmp_path_factory.mktemp("real_motion")
    noise = np.random.default_rng(0).integers(60, 190, (64, 96, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "photo.png")
    depth = np.full((64, 96), 4.0, np.float32)
    depth[:, 70:] = 2.0
    np.save(folder / "depth.npy", depth)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PYTHON_VARIABLE, str(backend_python))
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        settings = scene.cinemagraph
        settings.photo, settings.depth = str(folder / "photo.png"), str(folder / "depth.npy")
        settings.motion.guess_motion = False
        bpy.ops.cinemagraph.build_scene()
        for which, place in ((MASK, _POOL), (FREEZE, _ROCK)):
            values = np.zeros((64, 96), np.uint8)
            values[place] = 255
            new_mask(scene, which, values)
        arrow = settings.motion.arrows.add()
        arrow.start, arrow.end = (35.5 / 96, 1 - 35.5 / 64), (35.5 / 96 + 50 / 96, 1 - 35.5 / 64)  # 1 px per frame
        settings.motion.speed = 0.5
        bpy.ops.cinemagraph.estimate_motion()
        yield scene
        backend_process.stop()


def _points(scene: bpy.types.Scene) -> tuple[np.ndarray, np.ndarray]:
    """Source pixels (n, 2) and flow (n, 3) of all points inside the photo."""
    pixels, flows = [], []
    for obj in scene.cinemagraph.collection.all_objects:
        if "cinemagraph_layer" in obj:
            for name, width, found in (("source_pixel", 2, pixels), ("flow", 3, flows)):
                values = np.empty(len(obj.data.vertices) * width, np.float32)
                obj.data.attributes[name].data.foreach_get("vector", values)
                found.append(values.reshape(-1, width))
    pixels, flows = np.concatenate(pixels), np.concatenate(flows)
    inside = ((pixels > 0) & (pixels < (96, 64))).all(axis=1)
    return pixels[inside], flows[inside]


def _are_in(pixels: np.ndarray, place: tuple[slice, slice], margin: int) -> np.ndarray:
    rows, columns = place
    x, y = pixels.T
    in_columns = (x > columns.start - margin) & (x < columns.stop + margin)
    return in_columns & (y > rows.start - margin) & (y < rows.stop + margin)


def test_nothing_flows_outside_the_painted_pool(moved: bpy.types.Scene) -> None:
    pixels, flow = _points(moved)
    assert not flow[~_are_in(pixels, _POOL, margin=2)].any()


def test_the_painted_pool_flows_to_the_right(moved: bpy.types.Scene) -> None:
    pixels, flow = _points(moved)
    pool = _are_in(pixels, _POOL, margin=-2) & ~_are_in(pixels, _ROCK, margin=2)
    assert float((flow[pool][:, 0] > 0).mean()) > 0.9


def test_the_frozen_rock_stands_still(moved: bpy.types.Scene) -> None:
    pixels, flow = _points(moved)
    assert not flow[_are_in(pixels, _ROCK, margin=-1)].any()


def test_the_arrow_and_the_speed_say_how_fast(moved: bpy.types.Scene) -> None:
    motion = np.load(Path(bpy.path.abspath(moved.cinemagraph.scene_dir)) / "motion.npy")
    assert motion[35, 35] == pytest.approx([0.5, 0.0], abs=0.03)


def test_the_drawing_lies_in_the_scene_folder_as_plain_files(moved: bpy.types.Scene) -> None:
    folder = Path(bpy.path.abspath(moved.cinemagraph.scene_dir))
    assert [n for n in ("mask.png", "freeze.png", "hints.json", "flow.png") if not (folder / n).exists()] == []


def test_the_region_is_listed(moved: bpy.types.Scene) -> None:
    regions = moved.cinemagraph.motion.regions
    assert [(r.name, round(r.share, 2)) for r in regions] == [("Water", round(1100 / (96 * 64), 2))]
