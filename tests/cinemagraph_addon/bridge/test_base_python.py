"""Which Python is taken to make the environment, and why another is not."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from cinemagraph.cinemagraph_addon.bridge.base_python import candidates, examine, find_base_python
from cinemagraph.cinemagraph_addon.bridge.problem import Problem

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Python are shell scripts")


def python(path: Path, version: tuple[int, int, int], *lacks: str, bits: int = 64) -> str:
    """A stand-in that says this of itself."""
    answer = shlex.quote(json.dumps({"version": version, "lacks": lacks, "bits": bits}))
    path.write_text(f"#!/bin/sh\necho {answer}\n")
    path.chmod(0o755)
    return str(path)


def test_this_python_can_make_environments() -> None:
    assert examine(sys.executable).fault == ""


def test_this_python_is_tried_first() -> None:
    assert candidates()[0] == sys.executable


@pytest.mark.parametrize(
    ("version", "lacks", "bits", "fault"),
    [
        ((3, 10, 4), (), 64, "is Python 3.10, older than 3.11"),
        ((3, 13, 0), ("venv", "ensurepip"), 64, "lacks the module venv"),
        ((3, 11, 0), (), 32, "32-bit"),
    ],
)
def test_a_fault_is_told_in_words(
    tmp_path: Path, version: tuple[int, int, int], lacks: tuple[str, ...], bits: int, fault: str
) -> None:
    assert fault in examine(python(tmp_path / "python", version, *lacks, bits=bits)).fault


@pytest.mark.parametrize("name", ["no-such-file", "text"])
def test_what_is_no_python_is_told_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("not a program")

    assert examine(str(tmp_path / name)).fault == "does not run as a Python"


def test_the_first_that_fits_is_taken(tmp_path: Path) -> None:
    paths = [python(tmp_path / "old", (3, 9, 0)), python(tmp_path / "good", (3, 12, 1)), "never-tried"]

    assert find_base_python(paths, lambda path: None).path == paths[1]


def test_a_computer_without_python_is_told_so() -> None:
    with pytest.raises(Problem, match="none was found"):
        find_base_python([], lambda path: None)
