import os
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
import torch
from PIL import Image, ImageCms, ImageOps

from ml_backend.errors import BadInput, BadOutput
from ml_backend.photos import formats
from ml_backend.photos.media import (
    read_photo,
    write_photo,
)

_SHARED_PHOTOS = Path(__file__).parents[4] / "shared" / "data"


def ramp(height: int = 20, width: int = 30) -> np.ndarray:
    """RGB uint8 in which every pixel differs."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 8, y * 12, (x + y) * 5], axis=-1).astype(np.uint8)


def as_bytes(image: torch.Tensor) -> np.ndarray:
    return (image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def save_exr(path: Path, **channels: np.ndarray) -> Path:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {name: values.astype(np.float32) for name, values in channels.items()}) as file:
        file.write(str(path))
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "ünï 相.png", "wrong_suffix.jpg.png"])
def test_a_lossless_photo_keeps_every_value(tmp_path: Path, name: str) -> None:
    photo = read_photo(save(tmp_path / name, ramp()), 100)
    assert (as_bytes(photo.image) == ramp()).all()


def test_the_format_is_told_by_content_not_by_suffix(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp()).rename(tmp_path / "a.jpg")
    assert (as_bytes(read_photo(tmp_path / "a.jpg", 100).image) == ramp()).all()


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_a_lossy_photo_is_close(tmp_path: Path, name: str) -> None:
    photo = read_photo(save(tmp_path / name, np.full((20, 30, 3), 100, np.uint8), quality=95), 100)
    assert np.abs(as_bytes(photo.image).astype(int) - 100).max() <= 2


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    image = read_photo(save(tmp_path / "a.png", ramp()[..., 0]), 100).image
    assert image.shape == (3, 20, 30)
    assert (image[0] == image[2]).all()


def test_a_palette_photo_gives_its_colors(tmp_path: Path) -> None:
    image = Image.fromarray(np.full((20, 30, 3), (10, 200, 30), np.uint8)).quantize(4)
    image.save(tmp_path / "a.png")
    assert as_bytes(read_photo(tmp_path / "a.png", 100).image)[0, 0].tolist() == [10, 200, 30]


def test_transparency_is_laid_over_white(tmp_path: Path) -> None:
    pixels = np.zeros((20, 30, 4), np.uint8)  # black under every alpha
    pixels[:, 10:20, 3] = 255
    pixels[:, 20:, 3] = 51
    row = as_bytes(read_photo(save(tmp_path / "a.png", pixels), 100).image)[0, :, 1]
    assert [row[0], row[10], row[20]] == [255, 0, 204]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (30, 20), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=100)
    red = as_bytes(read_photo(tmp_path / "a.jpg", 100).image)[5, 5].astype(int)
    assert red[0] > 240
    assert red[1:].max() < 15


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_color_keeps_sixteen_bits(tmp_path: Path, suffix: str) -> None:
    pixels = (np.arange(20 * 30 * 3).reshape(20, 30, 3) * 36 + 1).astype(np.uint16)
    cv2.imwrite(str(tmp_path / f"a{suffix}"), pixels[..., ::-1])  # OpenCV compresses TIFF by LZW
    photo = read_photo(tmp_path / f"a{suffix}", 100)
    assert photo.bits == 16
    assert ((photo.image.permute(1, 2, 0).double() * 65535).round().numpy() == pixels).all()


@pytest.mark.parametrize("bits", [8, 16])
def test_a_photo_that_was_read_is_written_and_read_the_same(tmp_path: Path, bits: int) -> None:
    scale = 1 if bits == 8 else 257
    cv2.imwrite(str(tmp_path / "a.png"), ramp(40, 60).astype(np.uint8 if bits == 8 else np.uint16) * scale)
    photo = read_photo(tmp_path / "a.png", 33)
    write_photo(photo.image, tmp_path / "b.png", photo.bits)
    again = read_photo(tmp_path / "b.png", 33)
    assert again.bits == bits
    assert torch.equal(again.image, photo.image)


def test_a_large_photo_is_reduced_by_area(tmp_path: Path) -> None:
    pixels = np.zeros((40, 64, 3), np.uint8)
    pixels[::2, ::2] = 200  # one of four pixels
    photo = read_photo(save(tmp_path / "a.png", pixels), 32)
    assert tuple(photo.image.shape) == (3, 20, 32)
    assert set(as_bytes(photo.image).ravel().tolist()) == {50}
    assert (photo.original_width, photo.original_height) == (64, 40)


def test_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    assert tuple(read_photo(save(tmp_path / "a.png", ramp(17, 19)), 4096).image.shape) == (3, 17, 19)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    path = save(tmp_path / "a.png", ramp(), exif=exif)
    photo = read_photo(path, 100)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert (as_bytes(photo.image) == expected).all()
    assert (photo.original_width, photo.original_height) == expected.shape[1::-1]


def test_a_turned_sixteen_bit_tiff_is_upright(tmp_path: Path) -> None:
    pixels = ramp().astype(np.uint16) * 257
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    assert (as_bytes(read_photo(tmp_path / "a.tif", 100).image) == np.rot90(ramp(), -1)).all()


def test_focal_length_comes_from_exif_at_working_size(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[41989] = 36
    photo = read_photo(save(tmp_path / "a.jpg", ramp(40, 60), exif=exif), 30)
    # 3:2 as the film has: 36 mm on a 36 mm wide frame is one picture width.
    assert photo.focal_px == pytest.approx(30.0)


def test_focal_length_is_none_without_exif(tmp_path: Path) -> None:
    assert read_photo(save(tmp_path / "a.png", ramp()), 100).focal_px is None


def red_green_swapped_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def test_an_embedded_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    pixels = np.full((20, 30, 3), (200, 40, 90), np.uint8)
    path = save(tmp_path / "a.png", pixels, icc_profile=red_green_swapped_profile())
    assert np.abs(as_bytes(read_photo(path, 100).image)[0, 0].astype(int) - (40, 200, 90)).max() <= 1


def test_an_embedded_profile_of_sixteen_bits_is_converted_smoothly(tmp_path: Path) -> None:
    pixels = np.zeros((20, 500, 3), np.uint16)
    pixels[..., 0] = np.linspace(20000, 20500, 500)  # two levels of 8 bits
    tag = (34675, 7, len(red_green_swapped_profile()), red_green_swapped_profile(), True)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", extratags=[tag])
    green = read_photo(tmp_path / "a.tif", 500).image[1, 0]
    assert len(green.unique()) > 200
    assert green.mean().item() == pytest.approx(20250 / 65535, abs=1.5 / 255)


def test_an_srgb_profile_leaves_pixels_exact(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (as_bytes(read_photo(save(tmp_path / "a.png", ramp(), icc_profile=profile), 100).image) == ramp()).all()


def test_a_damaged_profile_is_ignored(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", ramp(), icc_profile=b"no profile at all")
    assert (as_bytes(read_photo(path, 100).image) == ramp()).all()


def test_scene_light_is_exposed_to_mid_grey(tmp_path: Path) -> None:
    light = np.full((20, 30), 37.0)
    image = read_photo(save_exr(tmp_path / "a.exr", R=light, G=light, B=light), 100).image
    assert image.mean().item() == pytest.approx(0.4614, abs=1e-3)  # 18 % grey in sRGB


def test_scene_light_with_nan_inf_and_negative_gives_a_picture(tmp_path: Path) -> None:
    light = np.ones((20, 30))
    light[0, :4] = [np.nan, np.inf, -np.inf, -3.0]
    photo = read_photo(save_exr(tmp_path / "a.exr", R=light, G=light, B=light), 100)
    assert photo.image[0, 0, :4].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert photo.bits == 16


def test_highlights_keep_their_order(tmp_path: Path) -> None:
    light = np.ones((20, 30))
    light[0] = np.geomspace(0.01, 30.0, 30)
    row = read_photo(save_exr(tmp_path / "a.exr", R=light, G=light, B=light), 100).image[0, 0]
    assert (row.diff() >= 0).all()
    assert (row[:25].diff() > 0).all()


def test_radiance_hdr_is_read(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.hdr"), np.full((20, 30, 3), (0.1, 0.2, 4.0), np.float32))
    red, green, blue = read_photo(tmp_path / "a.hdr", 100).image[:, 5, 5].tolist()
    assert red > green > blue > 0


def test_float_tiff_is_scene_light(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.full((20, 30, 3), 5.0, np.float32), photometric="rgb")
    assert read_photo(tmp_path / "a.tif", 100).image.mean().item() == pytest.approx(0.4614, abs=1e-3)


def test_transparent_exr_is_white_where_empty(tmp_path: Path) -> None:
    alpha = np.ones((20, 30))
    alpha[0] = 0.0
    image = read_photo(save_exr(tmp_path / "a.exr", R=alpha, G=alpha, B=alpha, A=alpha), 100).image
    assert image[:, 0, 0].tolist() == [1.0, 1.0, 1.0]
    assert image[0, 5, 5].item() < 0.6


@pytest.mark.parametrize("size", [(1, 1), (200, 15), (2000, 100)])
def test_a_photo_that_is_too_small_or_narrow_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match="too small, or too narrow"):
        read_photo(tmp_path / "a.png", 200)


def test_a_photo_beyond_memory_is_refused_with_a_size_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "_MAX_BYTES", 1200)
    path = save(tmp_path / "a.png", np.zeros((40, 40, 3), np.uint8))
    with pytest.raises(BadInput, match=r"40 x 40 pixels, too large .* at most 20 pixels"):
        read_photo(path, 20)


def test_a_jpeg_beyond_memory_is_read_reduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.jpg", np.zeros((160, 160, 3), np.uint8))
    monkeypatch.setattr(formats, "_MAX_BYTES", 1200)
    assert tuple(read_photo(path, 20).image.shape) == (3, 20, 20)


def test_a_missing_photo_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*nowhere\.jpg"):
        read_photo(tmp_path / "nowhere.jpg", 100)


def test_a_folder_is_no_photo(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_photo(tmp_path, 100)


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(BadInput, match="is empty"):
        read_photo(tmp_path / "a.jpg", 100)


@pytest.mark.parametrize("content", [b"hello, I am text", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0abcdefgh"])
@pytest.mark.parametrize("name", ["a.jpg", "a.exr", "a.hdr"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput):
        read_photo(tmp_path / name, 100)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "deep.png", "deep.tif", "a.hdr", "a.exr"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
def test_a_truncated_photo_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, kept: float
) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    path = tmp_path / name
    if name == "a.exr":
        save_exr(path, R=noise[..., 0], G=noise[..., 1], B=noise[..., 2])
    elif name == "a.hdr":
        cv2.imwrite(str(path), noise.astype(np.float32))
    elif name.startswith("deep"):
        cv2.imwrite(str(path), noise.astype(np.uint16) * 257)
    else:
        save(path, noise)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(BadInput):
        read_photo(path, 100)
    if name != "a.exr":  # the EXR library has its own say on stderr
        assert capfd.readouterr().err == ""


def test_a_camera_raw_file_is_refused_with_advice(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", ramp()).rename(tmp_path / "a.NEF")
    with pytest.raises(BadInput, match="Develop it"):
        read_photo(tmp_path / "a.NEF", 100)


def test_an_unwritable_place_is_a_bad_output(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadOutput, match="cannot be written"):
        write_photo(torch.zeros(3, 4, 4), tmp_path / "file" / "a.png", 8)


def test_nothing_but_the_final_name_remains(tmp_path: Path) -> None:
    write_photo(torch.zeros(3, 4, 4), tmp_path / "new" / "a.png", 8)
    assert os.listdir(tmp_path / "new") == ["a.png"]


def test_a_turned_phone_photo_equals_its_upright_twin() -> None:
    folder = _SHARED_PHOTOS / "photos_hard"
    if not folder.is_dir():
        pytest.skip("the shared photos are not here")
    turned = read_photo(folder / "exif_landscape_6_waterfall.jpg", 300).image
    upright = read_photo(folder / "exif_landscape_1_waterfall.jpg", 300).image
    assert (turned - upright).abs().mean() < 0.02  # all but the painted digit


def test_a_280_megapixel_jpeg_is_reduced() -> None:
    path = _SHARED_PHOTOS / "photos_hard" / "giant_20000x14000.jpg"
    if not path.is_file():
        pytest.skip("the shared photos are not here")
    assert tuple(read_photo(path, 1280).image.shape) == (3, 896, 1280)
