"""Photos in: a file that is dropped or chosen, and images that are open in Blender."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)


def _photo(scene: bpy.types.Scene) -> Path:
    return Path(bpy.path.abspath(scene.cinemagraph.photo))


@pytest.fixture
def saved(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.Scene:
    """A fresh scene in a .blend that has a place."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    return scene


def _generated(name: str, pixels: np.ndarray, *, is_float: bool) -> bpy.types.Image:
    """An image (H, W, 4) of this .blend, row 0 on top."""
    height, width, _ = pixels.shape
    image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=is_float)
    image.pixels.foreach_set(np.ascontiguousarray(pixels[::-1], dtype=np.float32).ravel())
    image.update()
    return image


def _noise(*, high: float = 1.0) -> np.ndarray:
    pixels = np.random.default_rng(1).random((20, 24, 4)) * high
    pixels[..., 3] = 1
    return pixels


# A file


def test_a_dropped_photo_is_the_photo(scene: bpy.types.Scene, photo: Path) -> None:
    bpy.ops.cinemagraph.photo_from_file(filepath=str(photo))
    assert (_photo(scene), scene.cinemagraph.is_built) == (photo, False)


def test_a_dropped_photo_is_built_when_asked(
    scene: bpy.types.Scene, photo: Path, use_backend: Callable[[str], None]
) -> None:
    use_backend("good")
    bpy.ops.cinemagraph.photo_from_file(filepath=str(photo), build=True)
    assert scene.cinemagraph.is_built


def test_a_photo_can_get_a_scene_of_its_own(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "Größe 湖.png"
    other.write_bytes(photo.read_bytes())
    before = built.cinemagraph.scene_dir
    bpy.ops.cinemagraph.photo_from_file(filepath=str(other), new_scene=True, build=True)
    new = bpy.data.scenes["Größe 湖"]
    assert (new.cinemagraph.is_built, _photo(new), _photo(built)) == (True, other, photo)
    assert (built.cinemagraph.scene_dir, new.cinemagraph.scene_dir == before) == (before, False)


def test_a_file_that_is_not_there_is_said(scene: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.cinemagraph.photo_from_file(filepath="/nowhere/lake.jpg")


def test_the_viewport_offers_a_dropped_image(addon: None) -> None:
    handler = bpy.types.FileHandler.bl_rna_get_subclass_py("CINEMAGRAPH_FH_photo")
    assert handler.bl_import_operator == "cinemagraph.photo_from_file"
    assert {".jpg", ".png", ".exr"} <= set(handler.bl_file_extensions.split(";"))


# An image of Blender


def test_an_image_with_a_file_is_that_file(saved: bpy.types.Scene, photo: Path) -> None:
    image = bpy.data.images.load(str(photo))
    bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    assert _photo(saved) == photo


def test_a_packed_image_is_written_byte_for_byte(saved: bpy.types.Scene, photo: Path, tmp_path: Path) -> None:
    jpeg = tmp_path / "in" / "lake.jpg"
    jpeg.parent.mkdir()
    Image.open(photo).save(jpeg)
    image = bpy.data.images.load(str(jpeg))
    image.pack()
    before = jpeg.read_bytes()
    jpeg.unlink()
    bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    assert (_photo(saved), _photo(saved).read_bytes() == before) == (tmp_path / "lake.jpg", True)


def test_a_generated_image_keeps_every_value(saved: bpy.types.Scene) -> None:
    values = np.rint(_noise() * 255)
    image = _generated("Painted", values / 255, is_float=False)
    bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    assert np.array_equal(np.asarray(Image.open(_photo(saved))), values[..., :3])


def test_transparency_is_kept(saved: bpy.types.Scene) -> None:
    values = np.rint(_noise() * 255)
    values[3, 4, 3] = 100
    bpy.ops.cinemagraph.use_image_as_photo(image=_generated("Painted", values / 255, is_float=False).name)
    assert np.array_equal(np.asarray(Image.open(_photo(saved))), values)


def _read_png16(path: Path) -> np.ndarray:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed here")
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1]


def test_a_changed_16_bit_image_keeps_16_bits(saved: bpy.types.Scene, tmp_path: Path) -> None:
    from cinemagraph.cinemagraph_addon.bridge.color_png import write_color_png

    values = np.rint(_noise()[..., :3] * 65535).astype(np.uint16)
    write_color_png(tmp_path / "deep.png", values)
    image = bpy.data.images.load(str(tmp_path / "deep.png"))
    pixels = list(image.pixels)
    image.pixels.foreach_set(pixels)  # changed, as by painting
    image.update()
    bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    error = np.abs(_read_png16(_photo(saved)).astype(int) - values)
    assert (_photo(saved).name, error.max()) == ("deep-2.png", 1)  # of 65535: what Blender's own reading costs


def test_bright_float_images_become_exr(saved: bpy.types.Scene) -> None:
    openexr = pytest.importorskip("OpenEXR")
    values = _noise(high=9.0).astype(np.float32)
    bpy.ops.cinemagraph.use_image_as_photo(image=_generated("Sun", values, is_float=True).name)
    with openexr.File(str(_photo(saved)), separate_channels=True) as file:
        channels = file.channels()
        found = np.stack([channels[name].pixels for name in "RGB"], axis=-1)
    assert np.array_equal(found, values[..., :3])


def test_a_file_that_is_there_is_not_replaced(saved: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "Painted.png").write_text("mine")
    bpy.ops.cinemagraph.use_image_as_photo(image=_generated("Painted", _noise(), is_float=False).name)
    assert (_photo(saved).name, (tmp_path / "Painted.png").read_text()) == ("Painted-2.png", "mine")


def test_the_same_image_twice_is_one_file(saved: bpy.types.Scene, tmp_path: Path) -> None:
    image = _generated("Painted", _noise(), is_float=False)
    for _ in range(2):
        bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["Painted.png"]


def test_an_image_without_a_file_needs_a_place(scene: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match=r"Save the \.blend"):
        bpy.ops.cinemagraph.use_image_as_photo(image=_generated("Painted", _noise(), is_float=False).name)


def test_names_that_are_no_file_names_are_cleaned(saved: bpy.types.Scene) -> None:
    bpy.ops.cinemagraph.use_image_as_photo(image=_generated("See: 湖/1?", _noise(), is_float=False).name)
    assert _photo(saved).name == "See_ 湖_1_.png"


def test_saving_does_not_change_the_image(saved: bpy.types.Scene) -> None:
    image = _generated("Sun", _noise(high=9.0), is_float=True)
    before = (image.filepath, image.source, image.name, len(bpy.data.images))
    bpy.ops.cinemagraph.use_image_as_photo(image=image.name)
    assert (image.filepath, image.source, image.name, len(bpy.data.images)) == before


def test_without_an_image_it_is_said(saved: bpy.types.Scene) -> None:
    with pytest.raises(RuntimeError, match="Open one in the Image Editor"):
        bpy.ops.cinemagraph.use_image_as_photo()
