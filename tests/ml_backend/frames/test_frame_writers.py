from pathlib import Path

import av
import cv2
import numpy as np
import OpenEXR
import pytest
import torch
from PIL import Image

from ml_backend.errors import BadInput, BadOutput, MissingDependency
from ml_backend.frames.video import require_encoder
from ml_backend.frames.writers import VideoSettings, encode_frames, open_writer, playback_order
from ml_backend.structures import Frame

VIDEOS = ["a.mp4", "a.webm", "a.gif"]


def make_frame(number: int, width: int = 48, height: int = 32) -> Frame:
    """A bright square that moves right over a soft gradient."""
    rgb = torch.full((3, height, width), 0.2)
    rgb[1] = torch.linspace(0.1, 0.5, width)
    rgb[:, 8:16, number * 4 : number * 4 + 8] = torch.tensor([0.9, 0.3, 0.1])[:, None, None]
    depth = torch.full((1, height, width), 4.0)
    depth[0, 0, 0] = torch.inf
    return Frame(rgb, depth=depth, alpha=torch.full((1, height, width), 0.25), hole_fraction=0.0, num_points=1)


def write_loop(path: Path, settings: VideoSettings | None = None, count: int = 4, **options: object) -> Path:
    with open_writer(path, settings or VideoSettings(), **options) as writer:
        for number in range(count):
            writer.write(make_frame(number))
    return path


def write_and_fail(path: Path, error: type[BaseException], written: int, settings: VideoSettings) -> None:
    with open_writer(path, settings) as writer:
        for number in range(written):
            writer.write(make_frame(number))
        raise error


def write_both(path: Path, first: Frame, second: Frame) -> None:
    with open_writer(path, VideoSettings()) as writer:
        writer.write(first)
        writer.write(second)


def decode(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Videos


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_shows_the_frames_in_order(tmp_path: Path, name: str) -> None:
    frames = decode(write_loop(tmp_path / name, VideoSettings(quality=8)))
    assert len(frames) == 4
    for number, found in enumerate(frames):
        wanted = make_frame(number).rgb.permute(1, 2, 0).numpy() * 255
        assert np.abs(found - wanted).mean() < 6  # chroma of half resolution, 255 colours of a GIF


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_flat_color_survives_the_way_through_yuv(tmp_path: Path, name: str) -> None:
    color = torch.tensor([200.0, 90.0, 30.0]) / 255
    frame = make_frame(0)
    flat = Frame(color[:, None, None].expand(3, 32, 48), frame.depth, frame.alpha, 0.0, 0)
    with open_writer(tmp_path / name, VideoSettings()) as writer:
        writer.write(flat)
    assert np.abs(decode(tmp_path / name)[0].astype(int) - (200, 90, 30)).max() <= 3


@pytest.mark.parametrize("name", VIDEOS)
def test_the_same_frames_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / "again").mkdir()
    first = write_loop(tmp_path / name, VideoSettings(loops=2)).read_bytes()
    assert write_loop(tmp_path / "again" / name, VideoSettings(loops=2)).read_bytes() == first


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_each_loop_of_a_video_is_the_same(tmp_path: Path, name: str) -> None:
    frames = decode(write_loop(tmp_path / name, VideoSettings(loops=3)))
    assert len(frames) == 12
    assert (np.array(frames[:4]) == np.array(frames[4:8])).all()
    assert (np.array(frames[:4]) == np.array(frames[8:])).all()


@pytest.mark.parametrize("name", VIDEOS)
def test_ping_pong_goes_back_without_showing_the_ends_twice(tmp_path: Path, name: str) -> None:
    frames = decode(write_loop(tmp_path / name, VideoSettings(ping_pong=True), count=4))
    expected = decode(write_loop(tmp_path / "order" / name, VideoSettings(), count=4))
    order = [int(np.argmin([np.abs(frame.astype(int) - other).mean() for other in expected])) for frame in frames]
    assert order == [0, 1, 2, 3, 2, 1]


def test_ping_pong_of_a_folder_writes_the_way_back(tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "frames", VideoSettings(ping_pong=True, loops=2), count=3)
    files = [(folder / f"frame_{number:04d}.png").read_bytes() for number in range(8)]
    assert [files.index(file) for file in files] == [0, 1, 2, 1, 0, 1, 2, 1]


@pytest.mark.parametrize(("count", "expected"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2, 1])])
def test_order_of_ping_pong(count: int, expected: list[int]) -> None:
    assert playback_order(count, VideoSettings(ping_pong=True)) == expected


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_frames_are_evenly_spaced_over_all_loops(tmp_path: Path, name: str) -> None:
    write_loop(tmp_path / name, VideoSettings(fps=20, loops=2))
    with av.open(str(tmp_path / name)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([number / 20 for number in range(8)], abs=1e-3)


def test_mp4_is_what_browsers_play(tmp_path: Path) -> None:
    path = write_loop(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # starts to play before it is loaded


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_an_odd_frame_is_padded_by_its_last_pixels(tmp_path: Path, name: str) -> None:
    with open_writer(tmp_path / name, VideoSettings(quality=4)) as writer:
        writer.write(make_frame(0, width=47, height=31))
    found = decode(tmp_path / name)[0].astype(int)
    assert found.shape == (32, 48, 3)
    assert np.abs(found[:, 47] - found[:, 46]).max() <= 4


def test_a_gif_loops_forever_with_the_right_timing(tmp_path: Path) -> None:
    write_loop(tmp_path / "a.gif", VideoSettings(fps=25))
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.info["loop"], image.n_frames, image.info["duration"]) == (0, 4, 40)


def test_still_parts_of_a_gif_do_not_flicker(tmp_path: Path) -> None:
    frames = decode(write_loop(tmp_path / "a.gif"))
    assert all((frame[16:] == frames[0][16:]).all() for frame in frames)


def test_a_gif_keeps_a_small_patch_of_color(tmp_path: Path) -> None:
    rgb = torch.linspace(0, 1, 48).expand(3, 48, 48).clone()
    rgb[:, :3, :3] = torch.tensor([1.0, 0.0, 0.0])[:, None, None]
    with open_writer(tmp_path / "a.gif", VideoSettings()) as writer:
        writer.write(Frame(rgb, rgb[:1], rgb[:1], 0.0, 0))
    assert np.abs(decode(tmp_path / "a.gif")[0][1, 1].astype(int) - (255, 0, 0)).max() < 20


@pytest.mark.parametrize("name", VIDEOS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError])
@pytest.mark.parametrize("written", [0, 2])
def test_an_interrupted_video_leaves_no_file(
    tmp_path: Path, name: str, error: type[BaseException], written: int
) -> None:
    with pytest.raises(error):
        write_and_fail(tmp_path / name, error, written, VideoSettings())
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", VIDEOS)
def test_an_interrupted_video_leaves_the_older_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt):
        write_and_fail(tmp_path / name, KeyboardInterrupt, 1, VideoSettings())
    assert (tmp_path / name).read_bytes() == b"older"


@pytest.mark.parametrize("name", VIDEOS)
def test_nothing_but_the_video_remains(tmp_path: Path, name: str) -> None:
    write_loop(tmp_path / name)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", VIDEOS)
def test_a_video_of_no_frames_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadOutput, match="no frames"), open_writer(tmp_path / name, VideoSettings()):
        pass
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", [*VIDEOS, "folder"])
def test_an_unwritable_place_is_told_before_the_first_frame(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadOutput, match="cannot be written"), open_writer(tmp_path / "file" / name, VideoSettings()):
        pytest.fail("the block was entered")


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match=r"\.mp4, \.webm, \.gif"):
        open_writer(tmp_path / "a.avi", VideoSettings())


def test_a_missing_encoder_is_named_with_alternatives() -> None:
    with pytest.raises(MissingDependency, match=r"h264_of_mars.*\.webm"):
        require_encoder("h264_of_mars", "MP4")


def test_a_video_holds_no_passes(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="cannot hold alpha and depth"):
        open_writer(tmp_path / "a.mp4", VideoSettings(), passes=frozenset({"depth", "alpha"}))


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="after frames of shape"):
        write_both(tmp_path / "frames", make_frame(0), make_frame(1, width=50))


@pytest.mark.parametrize("wrong", [{"fps": 0.0}, {"fps": float("nan")}, {"loops": 0}, {"quality": 99}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        VideoSettings(**wrong)


# Sequences


def test_a_name_without_suffix_is_a_png_sequence(tmp_path: Path) -> None:
    assert names(write_loop(tmp_path / "frames", count=2)) == ["frame_0000.png", "frame_0001.png"]


def test_png_frames_are_exact(tmp_path: Path) -> None:
    write_loop(tmp_path / "frames", count=1)
    found = cv2.imread(str(tmp_path / "frames" / "frame_0000.png"))[..., ::-1]
    assert (found == (make_frame(0).rgb.permute(1, 2, 0).double() * 255).round().numpy()).all()


def test_sixteen_bit_frames_have_sixteen_bits(tmp_path: Path) -> None:
    write_loop(tmp_path / "frames", count=1, format="png16")
    found = cv2.imread(str(tmp_path / "frames" / "frame_0000.png"), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint16
    assert found[31, 0].tolist() == [13107, 6554, 13107]  # 0.2, 0.1, 0.2 of 65535


def test_loops_of_a_sequence_repeat_its_files(tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "frames", VideoSettings(loops=2), count=2, passes=frozenset({"alpha"}))
    assert len(names(folder)) == 8
    assert (folder / "frame_0003.png").read_bytes() == (folder / "frame_0001.png").read_bytes()
    assert (folder / "alpha_0003.png").read_bytes() == (folder / "alpha_0001.png").read_bytes()


def test_depth_and_alpha_lie_beside_png_frames(tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "frames", count=1, passes=frozenset({"depth", "alpha"}), near=2.0)
    depth = cv2.imread(str(folder / "depth_0000.png"), cv2.IMREAD_UNCHANGED)
    assert depth[0, :2].tolist() == [0, 32768]  # infinitely far; 2 / 4 of 65535
    assert cv2.imread(str(folder / "alpha_0000.png"), cv2.IMREAD_UNCHANGED)[0, 0] == 16384


def test_exr_frames_are_linear_with_their_passes(tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "frames", count=1, format="exr", passes=frozenset({"depth", "alpha"}))
    with OpenEXR.File(str(folder / "frame_0000.exr"), separate_channels=True) as file:
        found = {name: channel.pixels[31, 0].item() for name, channel in file.channels().items()}
        background = file.channels()["Z"].pixels[0, 0].item()
    assert found["R"] == pytest.approx(0.0331, abs=1e-4)  # sRGB 0.2
    assert (found["Z"], found["A"]) == (4.0, 0.25)
    assert background == pytest.approx(1e10)


def test_the_same_frames_give_the_same_exr_bytes(tmp_path: Path) -> None:
    first = write_loop(tmp_path / "a", count=1, format="exr") / "frame_0000.exr"
    again = write_loop(tmp_path / "b", count=1, format="exr") / "frame_0000.exr"
    assert first.read_bytes() == again.read_bytes()


def test_an_interrupted_sequence_keeps_finished_frames(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_and_fail(tmp_path / "frames", KeyboardInterrupt, 1, VideoSettings(loops=2))
    assert names(tmp_path / "frames") == ["frame_0000.png"]


def test_an_unknown_pass_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="no pass normals"):
        open_writer(tmp_path / "frames", VideoSettings(), passes=frozenset({"normals"}))


# PNG sequence to video


def test_a_rendered_sequence_becomes_a_video(tmp_path: Path) -> None:
    for number in range(3):
        rgba = np.dstack([np.full((32, 48, 3), number * 80, np.uint8), np.full((32, 48), 255, np.uint8)])
        Image.fromarray(rgba).save(tmp_path / f"{number + 9:04d}.png")  # 0009, 0010, 0011
    seen: list[float] = []
    encode_frames(tmp_path, tmp_path / "a.mp4", VideoSettings(), lambda stage, fraction: seen.append(fraction))
    assert [round(frame.mean() / 80) for frame in decode(tmp_path / "a.mp4")] == [0, 1, 2]
    assert seen == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_passes_beside_the_frames_are_left_out_of_the_video(tmp_path: Path) -> None:
    write_loop(tmp_path / "frames", count=2, passes=frozenset({"depth", "alpha"}))
    encode_frames(tmp_path / "frames", tmp_path / "a.mp4", VideoSettings())
    assert len(decode(tmp_path / "a.mp4")) == 2


def test_a_folder_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no numbered PNG frames"):
        encode_frames(tmp_path, tmp_path / "a.mp4", VideoSettings())


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no folder .*nowhere"):
        encode_frames(tmp_path / "nowhere", tmp_path / "a.mp4", VideoSettings())


def test_a_folder_of_two_sequences_is_refused(tmp_path: Path) -> None:
    for name in ("a_0001.png", "b_0001.png"):
        Image.new("RGB", (32, 32)).save(tmp_path / name)
    with pytest.raises(BadInput, match="several sequences"):
        encode_frames(tmp_path, tmp_path / "a.mp4", VideoSettings())


def test_a_sequence_of_mixed_sizes_is_refused_by_name(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "1.png")
    Image.new("RGB", (34, 32)).save(tmp_path / "2.png")
    with pytest.raises(BadInput, match=r"2\.png has 34 x 32"):
        encode_frames(tmp_path, tmp_path / "a.mp4", VideoSettings())
    assert names(tmp_path) == ["1.png", "2.png"]
