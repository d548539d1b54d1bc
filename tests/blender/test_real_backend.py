"""The whole line: photo -> real backend -> objects -> Blender's render pipeline -> the photo again at t = 0."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon import backend_process  # noqa: E402
from cinemagraph.cinemagraph_addon.backend_environment import PYTHON_VARIABLE  # noqa: E402


@pytest.fixture(scope="module")
def rendered(addon: None, backend_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with photo.png, and frame_0001.png, frame_0031.png, and frame_0061.png of the built scene.

    Frame 61 is frame 0 of the next loop; the camera goes around a circle.
    """
    folder = tmp_path_factory.mktemp("real")
    _write_photo(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PYTHON_VARIABLE, str(backend_python))
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.cinemagraph.photo = str(folder / "photo.png")
        scene.cinemagraph.depth = str(folder / "depth.npy")
        scene.cinemagraph.mask = str(folder / "mask.png")
        bpy.ops.cinemagraph.build_scene()
        bpy.ops.cinemagraph.add_camera(path="circle")
        for frame in (1, 31, 61):
            _render(scene, frame, folder / f"frame_{frame:04}")
        near = bpy.data.objects["Layer 0 (near)"]
        near.location.x = 0.125  # 12 px to the right at depth 1 and a focal length of 96 px
        _render(scene, 1, folder / "moved")
        near.location.x = 0.0
        scene.cinemagraph.render.quality = "DRAFT"
        _render(scene, 1, folder / "draft")
        scene.cinemagraph.render.quality = "FINAL"
        yield folder
        backend_process.stop()


def _write_photo(folder: Path) -> None:
    """96x64: a near square before a far plane, with a smooth texture and lower half water."""
    y, x = np.mgrid[0:64, 0:96].astype(np.float64)
    near = (abs(x - 48) < 16) & (abs(y - 28) < 14)
    texture = [127 + 90 * np.sin(x / 9 + k) * np.cos(y / 7 - k) for k in range(3)]
    pixels = np.stack(texture, axis=-1)
    pixels[near] = 255 - pixels[near]
    Image.fromarray(pixels.astype(np.uint8)).save(folder / "photo.png")
    Image.fromarray(np.where(y > 46, 255, 0).astype(np.uint8)).save(folder / "mask.png")
    np.save(folder / "depth.npy", np.where(near, 1.0, 3.0).astype(np.float32))


def _render(scene: bpy.types.Scene, frame: int, path: Path) -> None:
    scene.frame_set(frame)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def _image(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(np.float64)


def test_the_photos_own_view_is_the_photo(rendered: Path) -> None:
    error = np.abs(_image(rendered / "frame_0001.png") - _image(rendered / "photo.png")).mean()
    assert error <= 1.0  # of 255


def test_the_frame_after_the_loop_is_the_first_one(rendered: Path) -> None:
    # The pixels: Blender writes the frame number and the time into the files.
    assert np.array_equal(_image(rendered / "frame_0061.png"), _image(rendered / "frame_0001.png"))


def test_the_moved_camera_sees_something_else(rendered: Path) -> None:
    error = np.abs(_image(rendered / "frame_0031.png") - _image(rendered / "frame_0001.png")).mean()
    assert error > 1.0


@pytest.fixture(scope="module")
def exported(rendered: Path) -> list[np.ndarray]:
    """The frames of the same loop, exported as video without Blender's renderer."""
    av = pytest.importorskip("av", reason="PyAV is not installed here")
    bpy.ops.cinemagraph.export_loop(filepath=str(rendered / "loop.mp4"))
    with av.open(str(rendered / "loop.mp4")) as video:
        return [frame.to_ndarray(format="rgb24").astype(np.float64) for frame in video.decode(video=0)]


def test_the_exported_loop_has_its_length(exported: list[np.ndarray]) -> None:
    assert len(exported) == 60


@pytest.mark.parametrize("frame", [1, 31])
def test_the_exported_loop_shows_what_blender_renders(rendered: Path, exported: list[np.ndarray], frame: int) -> None:
    # Nearest, not equal: 4:2:0 video keeps half of the colours' resolution.
    picture = _image(rendered / f"frame_{frame:04d}.png")
    nearest = int(np.argmin([np.abs(other - picture).mean() for other in exported]))
    assert nearest == frame - 1


def test_the_real_cloud_lands_on_its_pixels(rendered: Path) -> None:
    from bpy_extras.object_utils import world_to_camera_view

    scene = bpy.context.scene
    worst = 0.0
    for obj in scene.cinemagraph.collection.objects:
        if "cinemagraph_layer" not in obj:
            continue
        pixels = np.empty(len(obj.data.vertices) * 2, np.float32)
        obj.data.attributes["source_pixel"].data.foreach_get("vector", pixels)
        for index in range(0, len(obj.data.vertices), 97):
            place = obj.matrix_world @ obj.data.vertices[index].co
            view = world_to_camera_view(scene, scene.cinemagraph.photo_camera, place)
            found = np.array([view.x * 96, (1 - view.y) * 64])
            worst = max(worst, np.abs(found - pixels.reshape(-1, 2)[index]).max())
    assert worst < 0.25


def test_a_moved_layer_is_rendered_where_it_is(rendered: Path) -> None:
    photo, moved = _image(rendered / "photo.png"), _image(rendered / "moved.png")
    square = np.abs(moved[16:40, 46:74] - photo[16:40, 34:62]).mean()  # the near square, 12 px to the right
    assert square < 3.0


def test_what_a_moved_layer_uncovers_is_filled(rendered: Path) -> None:
    photo, moved = _image(rendered / "photo.png"), _image(rendered / "moved.png")
    uncovered = np.abs(moved[16:40, 34:42] - photo[16:40, 34:42]).mean()
    assert uncovered > 10.0


def test_a_draft_looks_like_the_photo(rendered: Path) -> None:
    error = np.abs(_image(rendered / "draft.png") - _image(rendered / "photo.png")).mean()
    assert error < 10.0


def test_statistics_are_in_the_files_metadata(rendered: Path) -> None:
    with Image.open(rendered / "frame_0031.png") as image:
        found = {name for name in image.info if name.startswith("cinemagraph.")}
    assert found == {"cinemagraph.holes", "cinemagraph.unknown", "cinemagraph.cross_fade", "cinemagraph.points"}


def test_the_photo_knows_its_own_view(rendered: Path) -> None:
    scene = bpy.context.scene
    scene.frame_set(1)
    bpy.ops.cinemagraph.measure_view()
    assert scene.cinemagraph.camera.view_unknown < 0.5  # percent; at frame 1 the circle is at the photo


def test_a_limited_path_shows_no_more_unknown_than_allowed(rendered: Path) -> None:
    scene = bpy.context.scene
    scene.cinemagraph.camera.max_unknown = 5.0
    bpy.ops.cinemagraph.add_camera(path="side", amplitude=4.0)
    before = _unknown_at(scene, 16)
    bpy.ops.cinemagraph.limit_amplitude()
    assert _unknown_at(scene, 16) <= 5.0 < before  # the farthest to the right


def _unknown_at(scene: bpy.types.Scene, frame: int) -> float:
    scene.frame_set(frame)
    bpy.ops.cinemagraph.measure_view()
    return scene.cinemagraph.camera.view_unknown
