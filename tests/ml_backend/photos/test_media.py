import json
import math
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
import torch
from PIL import Image

from ml_backend.errors import BadInput, BadOutput
from ml_backend.photos.media import (
    load_cameras,
    read_depth,
    read_flow,
    read_mask,
    write_flow,
    write_mask,
)
from ml_backend.structures import MotionField


def ramp(height: int = 20, width: int = 30) -> np.ndarray:
    """RGB uint8 in which every pixel differs."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 8, y * 12, (x + y) * 5], axis=-1).astype(np.uint8)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def save_exr(path: Path, **channels: np.ndarray) -> Path:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {name: values.astype(np.float32) for name, values in channels.items()}) as file:
        file.write(str(path))
    return path


# Masks


def test_a_mask_is_read_as_grey(tmp_path: Path) -> None:
    grey = np.array([[0, 255], [51, 102]], np.uint8).repeat(8, 0).repeat(8, 1)
    mask = read_mask(save(tmp_path / "m.png", grey), 16, 16)
    assert mask.shape == (1, 16, 16)
    assert mask[0, ::8, ::8].flatten().tolist() == pytest.approx([0.0, 1.0, 0.2, 0.4])


def test_a_mask_counts_luminance_times_alpha(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[..., 3] = 51
    assert read_mask(save(tmp_path / "m.png", pixels), 8, 8)[0, 0, 0].item() == pytest.approx(0.2)


def test_a_mask_of_another_size_is_resized(tmp_path: Path) -> None:
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:, 30:] = 255
    mask = read_mask(save(tmp_path / "m.png", pixels), 30, 20)
    assert mask[0, 3].tolist() == [0.0] * 15 + [1.0] * 15


def test_a_mask_of_another_shape_is_refused_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="40 x 40 pixels, the photo 60 x 40"):
        read_mask(save(tmp_path / "m.png", np.zeros((40, 40), np.uint8)), 60, 40)


def test_a_label_mask_of_zeros_and_ones_is_black_and_white(tmp_path: Path) -> None:
    pixels = np.eye(16, dtype=np.uint8)
    assert torch.equal(read_mask(save(tmp_path / "m.png", pixels), 16, 16)[0], torch.eye(16))


def test_an_empty_mask_stays_black(tmp_path: Path) -> None:
    assert read_mask(save(tmp_path / "m.png", np.zeros((16, 16), np.uint8)), 16, 16).max() == 0


def test_a_mask_is_written_and_read_the_same(tmp_path: Path) -> None:
    mask = (torch.arange(256).reshape(1, 16, 16) / 255).float()
    write_mask(mask, tmp_path / "m.png")
    assert torch.equal(read_mask(tmp_path / "m.png", 16, 16), mask)


# Depth


def test_a_float_array_is_depth_scaled_to_near_1(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.array([[2.0, 2.0], [4.0, 10.0]]))
    assert read_depth(tmp_path / "d.npy", 2, 2).depth.flatten().tolist() == pytest.approx([1, 1, 2, 5])


def test_metric_depth_keeps_its_unit(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.array([[2.0, 2.0], [4.0, 10.0]]))
    assert read_depth(tmp_path / "d.npy", 2, 2, kind="metric").depth.flatten().tolist() == pytest.approx([2, 2, 4, 10])


def test_an_integer_picture_is_disparity_and_black_is_farthest(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "d.png"), np.array([[60000, 30000], [15000, 0]], np.uint16))
    assert read_depth(tmp_path / "d.png", 2, 2).depth.flatten().tolist() == pytest.approx([1, 2, 4, 200])


def test_an_integer_picture_named_metric_is_depth(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "d_metric.png"), np.array([[1000, 2000], [4000, 1500]], np.uint16))
    found = read_depth(tmp_path / "d_metric.png", 2, 2).depth.flatten().tolist()
    assert found == pytest.approx([1000, 2000, 4000, 1500])


def test_depth_of_a_blender_exr_caps_the_sky(tmp_path: Path) -> None:
    path = save_exr(tmp_path / "d.exr", Z=np.array([[3.0, 6.0], [1e10, np.inf]]))
    assert read_depth(path, 2, 2).depth.flatten().tolist() == pytest.approx([1, 2, 200, 200])


def test_float_tiff_and_npz_are_depth(tmp_path: Path) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    tifffile.imwrite(tmp_path / "d.tif", values)
    np.savez(tmp_path / "d.npz", depth=values)
    assert torch.equal(read_depth(tmp_path / "d.tif", 2, 2).depth, torch.from_numpy(values)[None])
    assert torch.equal(read_depth(tmp_path / "d.npz", 2, 2).depth, torch.from_numpy(values)[None])


def test_unknown_depth_takes_the_nearest_known_value(tmp_path: Path) -> None:
    values = np.ones((4, 6))
    values[:, 3:] = 2.0
    values[:, 1] = np.nan
    values[:, 4] = 0.0
    np.save(tmp_path / "d.npy", values)
    assert read_depth(tmp_path / "d.npy", 6, 4).depth[0, 1].tolist() == [1, 1, 1, 2, 2, 2]


def test_a_slanted_plane_stays_a_plane_when_resized(tmp_path: Path) -> None:
    disparity = np.linspace(1.0, 0.1, 64)[:, None].repeat(64, 1)
    np.save(tmp_path / "d.npy", 1.0 / disparity)
    found = 1.0 / read_depth(tmp_path / "d.npy", 32, 32, kind="metric").depth[0, :, 0]
    expected = torch.from_numpy(disparity[:, 0]).reshape(32, 2).mean(1).float()
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([[1.0, -2.0]] * 2, "negative"),
        ([[3.0, 3.0]] * 2, "same everywhere"),
        ([[0.0, 0.0]] * 2, "same everywhere"),
        ([[math.nan, math.nan]] * 2, "same everywhere"),
    ],
)
def test_useless_depth_is_refused(tmp_path: Path, values: list[list[float]], reason: str) -> None:
    np.save(tmp_path / "d.npy", np.array(values))
    with pytest.raises(BadInput, match=reason):
        read_depth(tmp_path / "d.npy", 2, 2)


def test_a_color_mapped_depth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="colour picture"):
        read_depth(save(tmp_path / "d.png", ramp()), 30, 20)


def test_pickled_arrays_are_not_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="not a NumPy array"):
        read_depth(tmp_path / "d.npy", 2, 2)


def test_an_npz_of_several_arrays_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", a=np.ones((2, 2)), b=np.ones((2, 2)))
    with pytest.raises(BadInput, match="2 arrays"):
        read_depth(tmp_path / "d.npz", 2, 2)


# Motion


def field() -> MotionField:
    return MotionField(torch.arange(2 * 4 * 6).reshape(2, 4, 6) / 16)


@pytest.mark.parametrize("suffix", [".npy", ".flo"])
def test_motion_is_written_and_read_the_same(tmp_path: Path, suffix: str) -> None:
    write_flow(field(), tmp_path / f"f{suffix}")
    assert torch.equal(read_flow(tmp_path / f"f{suffix}", 6, 4).flow, field().flow)


def test_motion_with_channels_first_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", field().flow.numpy())
    assert torch.equal(read_flow(tmp_path / "f.npy", 6, 4).flow, field().flow)


@pytest.mark.parametrize("names", ["uv", "RG"])
def test_motion_is_read_from_exr(tmp_path: Path, names: str) -> None:
    x, y = field().flow.numpy()
    path = save_exr(tmp_path / "f.exr", **{names[0]: x, names[1]: y})
    assert torch.equal(read_flow(path, 6, 4).flow, field().flow)


def test_motion_vectors_grow_with_the_picture(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", np.full((4, 6, 2), (1.0, -0.5), np.float32))
    flow = read_flow(tmp_path / "f.npy", 12, 8).flow
    assert flow.shape == (2, 8, 12)
    assert flow[:, 3, 3].tolist() == [2.0, -1.0]


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e9, 7.0])
def test_motion_that_is_not_finite_or_too_long_is_refused(tmp_path: Path, value: float) -> None:
    np.save(tmp_path / "f.npy", np.full((4, 6, 2), value, np.float32))
    with pytest.raises(BadInput, match="not finite or longer"):
        read_flow(tmp_path / "f.npy", 6, 4)


@pytest.mark.parametrize("content", [b"", b"PIEH", b"PIEH\x06\0\0\0\x04\0\0\0tooshort", b"other"])
def test_a_broken_flo_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.flo").write_bytes(content)
    with pytest.raises(BadInput):
        read_flow(tmp_path / "f.flo", 6, 4)


def test_an_unknown_motion_format_is_refused_when_written(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="npy or"):
        write_flow(field(), tmp_path / "f.txt")


# Cameras

_POSE = [[1, 0, 0, 2], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def save_cameras(path: Path, cameras: object, **changes: object) -> Path:
    document = {"format": "cinemagraph-cameras/1", "width": 200, "height": 100, "frames": cameras, **changes}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_cameras_are_scaled_and_inverted(tmp_path: Path) -> None:
    path = save_cameras(tmp_path / "c.json", [{"intrinsics": [180, 180, 100, 50], "camera_to_world": _POSE}] * 3)
    cameras = load_cameras(path, 100, 50)
    assert len(cameras) == 3
    assert cameras[0].intrinsics.tolist() == [[90, 0, 50], [0, 90, 25], [0, 0, 1]]
    assert cameras[0].world_to_camera[:3, 3].tolist() == [-2, 0, 0]
    assert (cameras[0].width, cameras[0].height) == (100, 50)


@pytest.mark.parametrize(
    "bad",
    [
        {},
        "text",
        {"intrinsics": [1, 1, 1], "camera_to_world": _POSE},
        {"intrinsics": [0, 1, 1, 1], "camera_to_world": _POSE},
        {"intrinsics": [1, 1, 1, 1], "camera_to_world": [[1, 2], [3, 4]]},
        {"intrinsics": [1, 1, 1, 1], "camera_to_world": [[2, 0, 0, 0], *_POSE[1:]]},
        {"intrinsics": [1, 1, 1, 1], "camera_to_world": [[-1, 0, 0, 0], *_POSE[1:]]},
        {"intrinsics": [1, 1, 1, 1], "camera_to_world": [[float("nan"), 0, 0, 0], *_POSE[1:]]},
    ],
)
def test_a_bad_camera_is_named_by_its_frame(tmp_path: Path, bad: object) -> None:
    good = {"intrinsics": [180, 180, 100, 50], "camera_to_world": _POSE}
    with pytest.raises(BadInput, match="frame 1"):
        load_cameras(save_cameras(tmp_path / "c.json", [good, bad]), 100, 50)


@pytest.mark.parametrize("changes", [{"format": "other"}, {"width": 0}, {"height": "tall"}, {"frames": []}])
def test_a_camera_list_without_its_essentials_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        load_cameras(save_cameras(tmp_path / "c.json", [{}], **changes), 100, 50)


def test_a_camera_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(BadInput, match="not JSON"):
        load_cameras(tmp_path / "c.json", 100, 50)
