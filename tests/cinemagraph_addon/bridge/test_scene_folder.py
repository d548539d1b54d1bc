"""What the add-on reads of a scene folder."""

import json
from pathlib import Path

import numpy as np
import pytest
from cinemagraph.cinemagraph_addon.bridge.problem import Problem
from cinemagraph.cinemagraph_addon.bridge.scene_folder import SceneDescription, read_cloud, read_description

_VALUES = {
    "format": "cinemagraph-scene/2",
    "width": 96,
    "height": 64,
    "intrinsics": [96, 96, 48, 32],
    "num_layers": 3,
    "border": 6,
    "more": "is ignored",
}


def _write(folder: Path, **changes: object) -> Path:
    (folder / "scene.json").write_text(json.dumps({**_VALUES, **changes}))
    return folder


def test_the_description_is_read(tmp_path: Path) -> None:
    expected = SceneDescription(96, 64, (96.0, 96.0, 48.0, 32.0), 3, 6)
    assert read_description(_write(tmp_path)) == expected


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="Press Build Scene"):
        read_description(tmp_path / "gone")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cinemagraph-scene/1"):
        read_description(_write(tmp_path, format="cinemagraph-scene/1"))


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"format": "cinemagraph-scene/2"}', "\x00"])
def test_a_damaged_description_is_a_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "scene.json").write_text(text)
    with pytest.raises(Problem):
        read_description(tmp_path)


def test_three_intrinsics_are_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="damaged"):
        read_description(_write(tmp_path, intrinsics=[1, 2, 3]))


def test_a_cloud_whose_parts_differ_in_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    for name, array in {"positions": (4, 3), "colors": (3, 3), "layers": (4,), "pixels": (4, 2)}.items():
        np.save(tmp_path / "cloud" / f"{name}.npy", np.zeros(array, np.float32))
    with pytest.raises(Problem, match=r"colors\.npy"):
        read_cloud(tmp_path)
