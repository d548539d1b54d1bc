"""A whole loop into one file or folder: cameras, sizes, and what is reported."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ml_backend.camera_paths import PATHS
from ml_backend.errors import BadInput, BadOutput
from ml_backend.export import ExportOptions, check_camera, choose_cameras, export_loop, is_closed
from ml_backend.frames.writers import VideoSettings
from ml_backend.pipeline import prepare_scene
from ml_backend.pose import Pose
from ml_backend.structures import Scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A photo of 48 x 32 pixels: dark ground below a bright sky, with some texture."""
    rows = torch.linspace(1.0, 0.2, 32)[None, :, None].expand(3, 32, 48)
    texture = 0.05 * torch.sin(torch.arange(48) * 1.7)[None, None, :]
    return prepare_scene((rows + texture).clamp(0, 1).contiguous())


def cameras_file(folder: Path, positions: list[float]) -> Path:
    """A cameras.json of 48 x 32 pixels, one camera at each x."""
    frames = [
        {
            "intrinsics": [48, 48, 24, 16],
            "camera_to_world": [[1, 0, 0, x], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        }
        for x in positions
    ]
    path = folder / "cameras.json"
    path.write_text(json.dumps({"format": "cinemagraph-cameras/1", "width": 48, "height": 32, "frames": frames}))
    return path


@pytest.mark.parametrize("name", PATHS)
def test_named_path_starts_at_the_photo(scene: Scene, name: str) -> None:
    first = choose_cameras(scene, ExportOptions(camera=name, num_frames=4))[0]

    assert torch.equal(first.world_to_camera, torch.eye(4, dtype=torch.float64))
    assert torch.equal(first.intrinsics, scene.camera.intrinsics)


@pytest.mark.parametrize("name", PATHS)
def test_named_path_is_closed(scene: Scene, name: str) -> None:
    assert is_closed(choose_cameras(scene, ExportOptions(camera=name, num_frames=60)))


def test_named_path_has_60_frames_unless_told(scene: Scene) -> None:
    assert len(choose_cameras(scene, ExportOptions())) == 60


def test_size_is_the_long_side_and_keeps_the_shape(scene: Scene) -> None:
    camera = choose_cameras(scene, ExportOptions(num_frames=1, size=96))[0]

    assert (camera.width, camera.height) == (96, 64)


@pytest.mark.parametrize("size", [1, 100_000])
def test_size_that_is_no_picture_is_refused(scene: Scene, size: int) -> None:
    with pytest.raises(BadInput, match=str(size)):
        choose_cameras(scene, ExportOptions(num_frames=1, size=size))


def test_unknown_camera_lists_the_paths() -> None:
    with pytest.raises(BadInput, match=r"'loop'.*zoom-in"):
        check_camera("loop")


def test_camera_file_gives_one_frame_per_camera(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.0, 0.1, 0.2])

    assert len(choose_cameras(scene, ExportOptions(camera=str(path)))) == 3


def test_camera_file_and_another_number_of_frames_contradict(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.0, 0.1, 0.2])

    with pytest.raises(BadInput, match="3 cameras, not 5"):
        choose_cameras(scene, ExportOptions(camera=str(path), num_frames=5))


def test_camera_file_is_scaled_to_the_size(scene: Scene, tmp_path: Path) -> None:
    camera = choose_cameras(scene, ExportOptions(camera=str(cameras_file(tmp_path, [0.0])), size=96))[0]

    assert (camera.width, camera.height, float(camera.intrinsics[0, 0])) == (96, 64, 96.0)


def test_path_that_does_not_return_is_open(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.1 * k for k in range(10)])

    assert not is_closed(choose_cameras(scene, ExportOptions(camera=str(path))))


def test_loop_of_no_frames_is_refused(scene: Scene) -> None:
    with pytest.raises(BadInput, match="0 frames"):
        choose_cameras(scene, ExportOptions(num_frames=0))


def test_folder_gets_one_picture_per_frame(scene: Scene, tmp_path: Path) -> None:
    report = export_loop(scene, tmp_path / "frames", ExportOptions(camera="side", num_frames=3))

    assert sorted(p.name for p in (tmp_path / "frames").iterdir()) == [f"frame_000{k}.png" for k in range(3)]
    assert (report.num_frames, report.width, report.height, report.warnings) == (3, 48, 32, [])


def test_first_frame_is_the_photo(scene: Scene, tmp_path: Path) -> None:
    export_loop(scene, tmp_path / "frames", ExportOptions(camera="side", num_frames=2))
    frame = np.asarray(Image.open(tmp_path / "frames" / "frame_0000.png")).astype(float)
    photo = scene.image.permute(1, 2, 0).numpy() * 255

    assert np.abs(frame - photo).mean() <= 1.0


def test_open_path_is_told(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.0, 0.01, 0.02, 0.03, 0.04])
    report = export_loop(scene, tmp_path / "frames", ExportOptions(camera=str(path)))

    assert "open" in report.warnings[0]


def test_progress_goes_from_0_to_1(scene: Scene, tmp_path: Path) -> None:
    fractions: list[float] = []
    options = ExportOptions(camera="static", num_frames=2)
    export_loop(scene, tmp_path / "frames", options, progress=lambda stage, fraction: fractions.append(fraction))

    assert fractions == [0.0, 0.5, 1.0]


def test_stopping_leaves_no_half_video(scene: Scene, tmp_path: Path) -> None:
    def stop(stage: str, fraction: float) -> None:
        if fraction > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_loop(scene, tmp_path / "x.mp4", ExportOptions(camera="static", num_frames=3), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_stopping_keeps_the_finished_frames(scene: Scene, tmp_path: Path) -> None:
    def stop(stage: str, fraction: float) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_loop(scene, tmp_path / "f", ExportOptions(camera="static", num_frames=3), progress=stop)
    assert sorted(p.name for p in (tmp_path / "f").iterdir()) == ["frame_0000.png", "frame_0001.png"]


def test_passes_do_not_fit_into_a_video(scene: Scene, tmp_path: Path) -> None:
    options = ExportOptions(camera="static", num_frames=1, passes=frozenset({"depth"}))

    with pytest.raises(BadOutput, match="depth"):
        export_loop(scene, tmp_path / "x.mp4", options)


def test_camera_that_leaves_the_photo_is_said(scene: Scene, tmp_path: Path) -> None:
    options = ExportOptions(camera=str(cameras_file(tmp_path, [0.0, 3.0, 0.0])))

    assert "shows nothing of the photo" in export_loop(scene, tmp_path / "x.mp4", options).warnings[0]


def test_older_frames_behind_the_new_ones_are_said(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "frame_0002.png").touch()

    assert "older frames" in export_loop(scene, tmp_path, ExportOptions(num_frames=2)).warnings[0]


def test_frames_that_were_replaced_are_not_older(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "frame_0001.png").touch()

    assert export_loop(scene, tmp_path, ExportOptions(num_frames=2)).warnings == []


def test_frame_size_of_a_camera_list_has_limits(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.0])
    path.write_text(path.read_text().replace('"width": 48', '"width": 100000'))
    with pytest.raises(BadInput, match="100000 is no size of a frame"):
        export_loop(scene, tmp_path / "x.mp4", ExportOptions(camera=str(path)))


def test_open_path_is_no_matter_when_it_goes_back(scene: Scene, tmp_path: Path) -> None:
    path = cameras_file(tmp_path, [0.0, 0.01, 0.02, 0.03, 0.04])
    options = ExportOptions(camera=str(path), video=VideoSettings(ping_pong=True))

    assert export_loop(scene, tmp_path / "frames", options).warnings == []


def test_hidden_layers_are_left_out(scene: Scene, tmp_path: Path) -> None:
    everything = Pose(hidden=tuple(range(len(scene.ldi.colors))))
    report = export_loop(scene, tmp_path / "f", ExportOptions(camera="static", num_frames=1, pose=everything))

    assert report.hole_fraction == 1.0


def test_draft_is_softer_than_final(scene: Scene, tmp_path: Path) -> None:
    contrast = []
    for is_draft in (False, True):
        folder = tmp_path / str(is_draft)
        export_loop(scene, folder, ExportOptions(camera="static", num_frames=1, is_draft=is_draft))
        contrast.append(np.diff(np.asarray(Image.open(folder / "frame_0000.png")).astype(float), axis=1).std())

    assert contrast[1] < contrast[0]


def test_more_samples_make_another_picture_of_the_same_size(scene: Scene, tmp_path: Path) -> None:
    cameras = str(cameras_file(tmp_path, [0.05]))
    pictures = []
    for samples in (1, 2):
        folder = tmp_path / str(samples)
        export_loop(scene, folder, ExportOptions(camera=cameras, samples=samples))
        pictures.append(np.asarray(Image.open(folder / "frame_0000.png")))

    assert pictures[0].shape == pictures[1].shape
    assert not np.array_equal(*pictures)
