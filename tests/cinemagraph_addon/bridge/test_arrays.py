"""Arrays between the processes."""

from pathlib import Path

import numpy as np
import pytest
from cinemagraph.cinemagraph_addon.bridge.arrays import job_folder, read_array
from cinemagraph.cinemagraph_addon.bridge.problem import Problem


def test_an_array_is_read_as_written(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1.5, 2.5]], np.float32))
    assert read_array(tmp_path / "a.npy", (None, 2)).tolist() == [[1.5, 2.5]]


def test_another_shape_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 3)))
    with pytest.raises(Problem, match=r"shape \(4, 3\), expected \(None, 2\)"):
        read_array(tmp_path / "a.npy", (None, 2))


def test_another_number_of_axes_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(4))
    with pytest.raises(Problem, match="shape"):
        read_array(tmp_path / "a.npy", (4, 1))


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(Problem, match="could not be read"):
        read_array(tmp_path / "a.npy", (None,))


def test_a_missing_array_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"rgb\.npy"):
        read_array(tmp_path / "rgb.npy", (1,))


def test_a_half_written_array_is_a_problem(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(1000))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:500])
    with pytest.raises(Problem, match="could not be read"):
        read_array(tmp_path / "a.npy", (1000,))


def test_the_job_folder_goes_with_the_job(tmp_path: Path) -> None:
    with job_folder(tmp_path) as folder:
        (folder / "a.npy").write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []


def _fail_in_a_job(parent: Path) -> None:
    with job_folder(parent):
        raise KeyError("stop")


def test_the_job_folder_goes_when_the_job_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        _fail_in_a_job(tmp_path)
    assert list(tmp_path.iterdir()) == []
