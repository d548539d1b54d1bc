import io
import json
import pickle
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets import eulerian
from ml_backend.evaluation.datasets.clip import fluid_mask
from ml_backend.evaluation.datasets.find import find_sources, open_sample
from ml_backend.evaluation.datasets.trajectories import PATHS, point_shift
from ml_backend.evaluation.projection import splat_photo
from ml_backend.evaluation.sample import Sample

_HEIGHT, _WIDTH = 48, 64


def _texture(seed: int = 0) -> np.ndarray:
    small = np.random.default_rng(seed).random((_HEIGHT // 4, _WIDTH // 4, 3)).astype(np.float32)
    return (cv2.resize(small, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 1) * 255).astype(np.uint8)


def _flowing_frames(count: int) -> list[np.ndarray]:
    """The lower half runs to the right, 1 px per frame."""
    frame = _texture()
    return [np.concatenate([frame[:24], np.roll(frame[24:], t, axis=1)]) for t in range(count)]


def _write_video(path: Path, frames: list[np.ndarray]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def _open(place: Path) -> Sample:
    [source] = find_sources([place])
    return open_sample(source, 768)


def test_clip_has_its_first_frame_as_photo_and_later_ones_as_truth(tmp_path: Path) -> None:
    sample = _open(_write_video(tmp_path / "river.mp4", _flowing_frames(8)))

    assert (sample.kind, sample.num_frames) == ("clip", 8)
    assert np.array_equal(sample.read_truth(sample.shots[0]).image, sample.image.permute(1, 2, 0).numpy())
    assert sample.shots[-1].time == 7


def test_flow_of_a_clip_is_found_where_it_flows(tmp_path: Path) -> None:
    sample = _open(_write_video(tmp_path / "river.mp4", _flowing_frames(8)))

    assert sample.motion.flow[0, 36, 20:44].mean().item() == pytest.approx(1.0, abs=0.25)
    assert not sample.mask[:16].any()


def test_clip_that_breaks_off_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "river.mkv", _flowing_frames(30))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    sample = _open(path)

    assert 4 <= sample.num_frames < 30
    assert [item.file for item in sample.skipped] == ["river.mkv"]


def test_clip_of_two_frames_is_too_short(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"short\.mp4 has 2 frames"):
        _open(_write_video(tmp_path / "short.mp4", _flowing_frames(2)))


def test_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(b"\0" * 100)

    with pytest.raises(BadInput, match=r"noise\.mp4 has no frame"):
        _open(tmp_path / "noise.mp4")


def test_folder_of_frames_is_a_clip_and_ends_where_the_size_changes(tmp_path: Path) -> None:
    for number, frame in enumerate(_flowing_frames(6)):
        cv2.imwrite(str(tmp_path / f"{number:04d}.png"), frame)
    cv2.imwrite(str(tmp_path / "0006.png"), _texture()[:20])
    sample = _open(tmp_path)

    assert sample.num_frames == 6
    assert [item.reason for item in sample.skipped] == ["frame 6 has another size"]


def test_still_clip_has_no_fluid() -> None:
    assert not fluid_mask(np.full((40, 60, 2), 0.02, np.float32)).any()


def _write_eulerian(folder: Path, flow: object, *, frames: int = 60) -> Path:
    _write_video(folder / "00980_00000_gt.mp4", _flowing_frames(frames))
    torch.save(flow, folder / "00980_00000_motion.pth")
    return folder


def _flow() -> torch.Tensor:
    flow = torch.zeros(1, 2, _HEIGHT, _WIDTH)
    flow[0, 0, 24:] = 1.0
    return flow


def test_eulerian_sample_has_four_paths_of_sixty_frames(tmp_path: Path) -> None:
    sample = _open(_write_eulerian(tmp_path, _flow()))

    assert sample.kind == "eulerian"
    assert [sum(shot.trajectory == path for shot in sample.shots) for path in PATHS] == [60, 60, 60, 60]


def test_eulerian_truth_counts_only_what_the_frame_covers(tmp_path: Path) -> None:
    sample = _open(_write_eulerian(tmp_path, _flow()))
    truth = sample.read_truth(next(shot for shot in sample.shots if shot.name == "side_000"))

    assert truth.known is not None
    assert 0.5 < truth.known.mean() < 1.0


def test_eulerian_flow_is_aligned_with_its_video(tmp_path: Path) -> None:
    (tmp_path / "align_max_frame.json").write_text(json.dumps({"00980_00000": 90}))

    assert _open(_write_eulerian(tmp_path, _flow())).motion.flow.max().item() == pytest.approx(1.5)


def test_eulerian_flow_of_another_size_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"00980_00000_motion\.pth holds a flow"):
        _open(_write_eulerian(tmp_path, torch.zeros(1, 2, 8, 8)))


def test_eulerian_video_that_is_short_is_told(tmp_path: Path) -> None:
    sample = _open(_write_eulerian(tmp_path, _flow(), frames=20))

    assert len(sample.shots) == 4 * 20
    assert sample.skipped[0].file == "00980_00000_gt.mp4"


def test_missing_motion_is_named(tmp_path: Path) -> None:
    _write_video(tmp_path / "00980_00000_gt.mp4", _flowing_frames(60))

    with pytest.raises(BadInput, match=r"motion\.pth cannot be read"):
        _open(tmp_path)


class _Attack:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit",))


def test_motion_that_would_run_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        _open(_write_eulerian(tmp_path, _Attack()))


def test_published_motion_inside_lz4_is_read(tmp_path: Path) -> None:
    frame = pytest.importorskip("lz4.frame", reason="lz4 is not installed")
    path = tmp_path / "x_motion.pth"
    path.write_bytes(frame.compress(pickle.dumps(_flow().numpy())))

    assert eulerian.read_motion(path, (_WIDTH, _HEIGHT))[40, 10].tolist() == [1.0, 0.0]


def test_code_inside_lz4_is_refused(tmp_path: Path) -> None:
    frame = pytest.importorskip("lz4.frame", reason="lz4 is not installed")
    path = tmp_path / "x_motion.pth"
    path.write_bytes(frame.compress(pickle.dumps(_Attack())))

    with pytest.raises(BadInput, match=r"asks for builtins\.exec"):
        eulerian.read_motion(path, (_WIDTH, _HEIGHT))


def test_zoom_in_comes_nearer_and_circle_closes() -> None:
    assert point_shift("zoom-in", 59) == pytest.approx((0, 0, -0.24))
    assert point_shift("circle", 0) == pytest.approx((-0.04, 0, 0.09))


def _write_stereo(folder: Path, disparity_px: np.ndarray) -> None:
    """A left picture, and the right one that it gives by shifting each pixel left by its disparity."""
    left = _texture()
    right = np.roll(left, -4, axis=1)
    cv2.imwrite(str(folder / "im2.png"), left[..., ::-1])
    cv2.imwrite(str(folder / "im6.png"), right[..., ::-1])
    cv2.imwrite(str(folder / "disp2.png"), (disparity_px * 4).astype(np.uint8))


def test_left_picture_warped_by_its_disparity_is_the_right_one(tmp_path: Path) -> None:
    _write_stereo(tmp_path, np.full((_HEIGHT, _WIDTH), 4))
    sample = _open(tmp_path)
    seen = splat_photo(sample.image, sample.depth, sample.camera, sample.shots[0].camera)
    truth = sample.read_truth(sample.shots[0]).image

    assert sample.kind == "stereo"
    assert np.abs(seen.features.permute(1, 2, 0).numpy() - truth)[:, : _WIDTH - 5].max() < 1e-3


def test_unknown_disparity_is_filled_and_not_judged(tmp_path: Path) -> None:
    disparity = np.full((_HEIGHT, _WIDTH), 4)
    disparity[:, 20:30] = 0
    _write_stereo(tmp_path, disparity)
    sample = _open(tmp_path)

    assert sample.known_depth is not None
    assert not sample.known_depth[:, 20:30].any()
    assert sample.depth.depth.min() == sample.depth.depth.max()


def test_calibration_of_2014_moves_the_right_cameras_centre(tmp_path: Path) -> None:
    left = _texture()
    for name in ("im0.png", "im1.png"):
        cv2.imwrite(str(tmp_path / name), left)
    cv2.imwrite(str(tmp_path / "disp0.pfm"), np.full((_HEIGHT, _WIDTH), 4, np.float32))
    (tmp_path / "calib.txt").write_text("cam0=[80.5 0 32; 0 80.5 24; 0 0 1]\ndoffs=6\nbaseline=100\n")
    sample = _open(tmp_path)

    assert float(sample.depth.depth[0, 0, 0]) == pytest.approx(80.5 / 10)
    assert float(sample.shots[0].camera.intrinsics[0, 2]) == 32 + 6


def test_calibration_that_does_not_parse_is_named(tmp_path: Path) -> None:
    for name in ("im0.png", "im1.png"):
        cv2.imwrite(str(tmp_path / name), _texture())
    cv2.imwrite(str(tmp_path / "disp0.pfm"), np.full((_HEIGHT, _WIDTH), 4, np.float32))
    (tmp_path / "calib.txt").write_text("nothing\n")

    with pytest.raises(BadInput, match="calibration does not parse"):
        _open(tmp_path)


def _write_model(folder: Path, *, name: str = "b.png") -> None:
    """Two views of a wall of points at z = 4; the second camera is 0.5 to the right."""
    for picture in ("a.png", "b.png"):
        cv2.imwrite(str(folder / picture), _texture())
    (folder / "cameras.txt").write_text(f"# cameras\n1 SIMPLE_PINHOLE {_WIDTH} {_HEIGHT} 64 32 24\n")
    lines = ["# images", "1 1 0 0 0 0 0 0 1 a.png", "", f"2 1 0 0 0 -0.5 0 0 1 {name}", ""]
    (folder / "images.txt").write_text("\n".join(lines))
    rows = [f"{n} {n % 9 / 4 - 1} {n // 9 / 4 - 1} 4 9 9 9 0.1 1 0 2 0" for n in range(81)]
    (folder / "points3D.txt").write_text("\n".join(rows))


def test_solved_views_are_seen_from_the_first_photo(tmp_path: Path) -> None:
    _write_model(tmp_path)
    sample = _open(tmp_path)

    assert (sample.kind, [shot.name for shot in sample.shots]) == ("multiview", ["b"])
    assert sample.shots[0].camera.world_to_camera[0, 3].item() == pytest.approx(-0.5)
    assert sample.depth.depth.median().item() == pytest.approx(4.0, rel=0.05)


def test_solved_view_without_its_picture_is_told(tmp_path: Path) -> None:
    _write_model(tmp_path, name="lost.png")

    assert [item.file for item in _open(tmp_path).skipped] == [f"{tmp_path.name}/lost.png"]


def test_cameras_that_do_not_parse_are_named(tmp_path: Path) -> None:
    _write_model(tmp_path)
    (tmp_path / "images.txt").write_text("1 1 0 0 zero 0 0 0 1 a.png\n\n")

    with pytest.raises(BadInput, match="cameras do not parse"):
        _open(tmp_path)


def test_torch_file_is_loaded_without_running_it() -> None:
    buffer = io.BytesIO()
    torch.save({"flow": _flow()}, buffer)

    with pytest.raises(ValueError, match="holds a dict"):
        eulerian._read_torch(buffer.getvalue())
