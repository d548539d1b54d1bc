import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets import bench
from ml_backend.evaluation.datasets.find import find_sources, open_sample
from ml_backend.evaluation.sample import Sample

MakeScene = Callable[..., Path]


def _open(folder: Path) -> Sample:
    return open_sample(find_sources([folder])[0], 768)


def _change_frame(folder: Path, number: int, **changes: object) -> None:
    header = json.loads((folder / "scene.json").read_text())
    header["frames"][number] |= changes
    (folder / "scene.json").write_text(json.dumps(header))


def test_scenes_are_found_in_a_folder_of_scenes(make_scene: MakeScene) -> None:
    place = make_scene("one").parent
    make_scene("two")

    assert [(source.name, source.kind) for source in find_sources([place])] == [("one", "bench"), ("two", "bench")]


def test_scene_given_twice_is_measured_once(make_scene: MakeScene) -> None:
    folder = make_scene()

    assert len(find_sources([folder, folder.parent])) == 1


def test_place_without_a_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no dataset"):
        find_sources([tmp_path])


def test_place_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no"):
        find_sources([tmp_path / "nowhere"])


def test_scene_has_its_shots_cameras_and_fields(make_scene: MakeScene) -> None:
    sample = _open(make_scene())

    assert [shot.name for shot in sample.shots] == [
        f"{p}_{t}" for p in ("circle", "side") for t in ("000", "004", "007")
    ]
    assert sample.shots[3].camera.world_to_camera[0, 3] == pytest.approx(-0.1)
    assert float(sample.motion.flow[0, 20, 20]) == 0.5
    assert sample.mask.sum() == 12 * 28


def test_missing_frame_is_skipped_by_name(make_scene: MakeScene) -> None:
    folder = make_scene()
    (folder / "frames" / "side_004.png").unlink()
    sample = _open(folder)

    assert [item.file for item in sample.skipped] == ["pool/frames/side_004.png"]
    assert len(sample.shots) == 5


@pytest.mark.parametrize(
    "pose", [None, "here", [[1, 0], [0, 1]], np.full((4, 4), np.nan).tolist(), (2 * np.eye(4)).tolist()]
)
def test_camera_that_does_not_parse_skips_its_frame(make_scene: MakeScene, pose: object) -> None:
    folder = make_scene()
    _change_frame(folder, 1, camera_to_world=pose)

    assert [item.file for item in _open(folder).skipped] == ["pool/frames/circle_004.png"]


@pytest.mark.parametrize("time", [-1, 8, 1.5, "now", None])
def test_time_outside_the_loop_skips_its_frame(make_scene: MakeScene, time: object) -> None:
    folder = make_scene()
    _change_frame(folder, 0, t=time)

    assert len(_open(folder).skipped) == 1


def test_frame_outside_the_scene_is_skipped(make_scene: MakeScene) -> None:
    folder = make_scene()
    _change_frame(folder, 0, file="../other.png")

    assert len(_open(folder).skipped) == 1


def test_flow_of_another_size_is_named(make_scene: MakeScene) -> None:
    folder = make_scene()
    np.save(folder / "flow.npy", np.zeros((8, 8, 2), np.float32))

    with pytest.raises(BadInput, match=r"flow\.npy holds"):
        _open(folder)


def test_depth_that_is_no_number_is_named(make_scene: MakeScene) -> None:
    folder = make_scene()
    np.save(folder / "depth.npy", np.full((32, 48), np.nan, np.float32))

    with pytest.raises(BadInput, match=r"depth\.npy"):
        _open(folder)


def test_pickled_arrays_are_not_read(make_scene: MakeScene) -> None:
    folder = make_scene()
    np.save(folder / "depth.npy", np.array([{"a": 1}], dtype=object))

    with pytest.raises(BadInput, match=r"depth\.npy cannot be read"):
        _open(folder)


def test_header_without_a_length_is_refused(make_scene: MakeScene) -> None:
    with pytest.raises(BadInput, match=r"scene\.json"):
        _open(make_scene(n_frames=0))


def test_truth_of_another_size_is_refused(make_scene: MakeScene) -> None:
    folder = make_scene()
    sample = _open(folder)
    (folder / "frames" / "side_004.png").write_bytes((folder / "mask.png").read_bytes()[:40])

    with pytest.raises(BadInput, match="side_004"):
        sample.read_truth(next(shot for shot in sample.shots if shot.name == "side_004"))


def test_kind_is_told_by_the_content(make_scene: MakeScene, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "scene.json").write_text('{"format": "something-else/3"}')

    assert [source.name for source in bench.find(make_scene().parent)] == ["pool"]
