"""Installing the backend for real: an environment, pip, and tiny wheels from a folder; no network."""

import importlib.util
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cinemagraph.cinemagraph_addon.bridge.environment import (
    BackendFolder,
    EnvironmentState,
    examine_environment,
    read_requirements,
)
from cinemagraph.cinemagraph_addon.bridge.folder_lock import only_here
from cinemagraph.cinemagraph_addon.bridge.install import InstallOptions, start_install, start_remove
from cinemagraph.cinemagraph_addon.bridge.problem import Problem
from cinemagraph.cinemagraph_addon.bridge.torch_build import choose_build
from cinemagraph.ml_backend.protocol import CancelledEvent, Failed, Result
from wheels import make_extension, make_wheel, pin_packages

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Python are shell scripts")

_LIMIT_S = 120.0  # for pip on a busy machine
_CPU = choose_build("CPU", system="Linux", has_nvidia_driver=False)
_CUDA = choose_build("CUDA", system="Linux", has_nvidia_driver=True)


@pytest.fixture
def options(tmp_path: Path) -> InstallOptions:
    """Offline, with all wheels at hand."""
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "torch", "0.0.1")
    make_wheel(wheels, "tiny", "1.0")
    return InstallOptions(
        folder=BackendFolder(tmp_path / "user"),
        extension_root=make_extension(tmp_path / "extension", "torch==0.0.1", "tiny==1.0"),
        addon_version="0.1.0",
        pythons=(str(quick_python(tmp_path / "quick-python")),),
        build=_CPU,
        is_online=False,
        wheel_folder=wheels,
    )


def install(options: InstallOptions) -> Result | Failed | CancelledEvent:
    ending = start_install(options).wait(_LIMIT_S)
    assert ending is not None
    return ending


def state(options: InstallOptions) -> EnvironmentState:
    return examine_environment(options.folder, read_requirements(options.extension_root / "pyproject.toml"))


def script(path: Path, *lines: str) -> Path:
    """A shell script that can be started like a Python."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def quick_python(path: Path) -> Path:
    """Makes environments like this Python, but with a link to its pip instead of a copy, which takes seconds."""
    real, pip = shlex.quote(sys.executable), shlex.quote(str(Path(importlib.util.find_spec("pip").origin).parent))
    return script(
        path,
        f'[ "$3" = venv ] || exec {real} "$@"',
        f'{real} -I -m venv --without-pip "$4" || exit',
        f'for folder in "$4"/lib/python3.*/site-packages; do ln -s {pip} "$folder"/pip; done',
    )


def version_in(options: InstallOptions, package: str) -> str:
    """What the environment's own Python finds."""
    code = f"import {package}; print({package}.__version__)"
    return subprocess.run(
        [options.folder.python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def break_off(options: InstallOptions) -> Path:
    """Let an installation fail at its second package; a file in the environment that only a new one would lack."""
    (options.wheel_folder / "tiny-1.0-py3-none-any.whl").unlink()
    assert isinstance(install(options), Failed)
    mark = options.folder.environment / "mark"
    mark.touch()
    return mark


def test_nothing_is_installed_at_first(options: InstallOptions) -> None:
    assert state(options).condition == "absent"


def test_this_python_makes_an_environment_that_works(options: InstallOptions) -> None:
    ending = install(replace(options, pythons=(sys.executable,)))

    assert isinstance(ending, Result), ending
    assert state(options).condition == "ready"
    assert ending.values["size_bytes"] > 1e6
    assert version_in(options, "tiny") == "1.0"


def test_nothing_but_the_environment_and_the_log_is_left(options: InstallOptions) -> None:
    assert isinstance(install(options), Result)
    assert {path.name for path in options.folder.path.iterdir()} == {"environment", "install.lock", "install.log"}


def test_another_list_of_packages_asks_for_an_update(options: InstallOptions) -> None:
    install(options)
    mark = options.folder.environment / "mark"
    mark.touch()
    make_wheel(options.wheel_folder, "tiny", "2.0")
    pin_packages(options.extension_root, "torch==0.0.1", "tiny==2.0")
    assert state(options).condition == "outdated"

    assert isinstance(install(options), Result)
    assert (state(options).condition, version_in(options, "tiny"), mark.exists()) == ("ready", "2.0", True)


def test_a_retry_goes_on_in_the_same_environment(options: InstallOptions) -> None:
    mark = break_off(options)
    make_wheel(options.wheel_folder, "tiny", "1.0")

    assert isinstance(install(options), Result)
    assert mark.exists()


def test_another_build_of_torch_starts_afresh(options: InstallOptions) -> None:
    mark = break_off(options)
    make_wheel(options.wheel_folder, "tiny", "1.0")

    # Eleven gigabytes are asked for, whatever the disk of the tests has.
    assert isinstance(install(replace(options, build=_CUDA, free_bytes=lambda folder: 12_000_000_000)), Result)
    assert not mark.exists()


def test_a_broken_off_installation_is_not_taken_for_a_good_one(options: InstallOptions) -> None:
    break_off(options)

    assert state(options).condition == "unfinished"


def test_a_missing_package_is_named_with_the_log(options: InstallOptions) -> None:
    (options.wheel_folder / "torch-0.0.1-py3-none-any.whl").unlink()
    ending = install(options)

    assert isinstance(ending, Failed)
    assert "torch==0.0.1" in ending.message
    assert str(options.folder.log) in ending.hint


def test_the_log_has_the_words_of_pip(options: InstallOptions) -> None:
    break_off(options)

    assert "No matching distribution found for tiny==1.0" in options.folder.log.read_text(encoding="utf-8")


def test_a_backend_that_does_not_work_is_not_ready(options: InstallOptions) -> None:
    pin_packages(options.extension_root, "torch==0.0.1")  # but its backend needs `tiny`
    ending = install(options)

    assert isinstance(ending, Failed)
    assert "does not work: tiny" in ending.message
    assert state(options).condition == "unfinished"


def test_a_python_that_vanished_leaves_a_broken_environment(options: InstallOptions) -> None:
    install(options)
    options.folder.python.unlink()

    assert state(options).condition == "broken"


def test_offline_mode_names_both_ways_out(options: InstallOptions) -> None:
    with pytest.raises(Problem, match="not allowed to use the network") as caught:
        start_install(replace(options, wheel_folder=None))
    assert "Allow Online Access" in caught.value.hint
    assert "wheel folder" in caught.value.hint


def test_a_wheel_folder_that_is_not_there_is_named(options: InstallOptions, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no-such-folder"):
        start_install(replace(options, wheel_folder=tmp_path / "no-such-folder"))


def test_an_extension_without_its_list_says_so(options: InstallOptions) -> None:
    (options.extension_root / "pyproject.toml").unlink()

    with pytest.raises(Problem, match="list of packages"):
        start_install(options)


@pytest.mark.parametrize(("build", "needed"), [(_CPU, "3.0 GB"), (_CUDA, "11.0 GB")], ids=["CPU", "CUDA"])
def test_a_full_disk_is_told_before_anything_is_made(options: InstallOptions, build: object, needed: str) -> None:
    ending = install(replace(options, build=build, free_bytes=lambda folder: 1_500_000_000))

    assert isinstance(ending, Failed)
    assert f"needs {needed} of disk space, 1.5 GB are free" in ending.message
    assert not options.folder.environment.exists()


def test_a_python_without_venv_is_told_by_name(options: InstallOptions, tmp_path: Path) -> None:
    answer = json.dumps({"version": [3, 12, 2], "lacks": ["ensurepip"], "bits": 64})
    python = script(tmp_path / "bare-python", f"echo {shlex.quote(answer)}")
    ending = install(replace(options, pythons=(str(python),)))

    assert isinstance(ending, Failed)
    assert f"'{python}' lacks the module ensurepip" in ending.message
    assert sys.platform != "linux" or "apt install python3.12-venv" in ending.hint


def test_the_next_python_is_used_where_one_is_unfit(options: InstallOptions, tmp_path: Path) -> None:
    python = script(tmp_path / "no-python", "exit 1")

    assert isinstance(install(replace(options, pythons=(str(python), *options.pythons))), Result)


@pytest.fixture
def slow_python(tmp_path: Path) -> Path:
    """Makes no environment but waits, with a child of its own, after it has said so."""
    waiting = shlex.quote(str(tmp_path / "waiting"))
    return script(
        tmp_path / "slow-python",
        f'[ "$2" = -c ] && exec {shlex.quote(sys.executable)} "$@"',
        f"sleep 600 & echo $! > {waiting}.partial; mv {waiting}.partial {waiting}",
        "wait",
    )


def wait_until(condition: Callable[[], bool], job: object) -> None:
    for _ in range(1000):
        if condition():
            return
        job.wait(0.05)
    raise AssertionError("it did not come to pass")


def test_cancelling_ends_the_child_and_its_children(options: InstallOptions, slow_python: Path, tmp_path: Path) -> None:
    job = start_install(replace(options, pythons=(str(slow_python),)))
    wait_until((tmp_path / "waiting").exists, job)
    grandchild = int((tmp_path / "waiting").read_text())
    job.cancel()

    assert isinstance(job.wait(_LIMIT_S), CancelledEvent)
    wait_until(lambda: not _is_running(grandchild), job)
    assert state(options).condition in {"absent", "unfinished"}


def _is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # a zombie waits for a parent that may be slow


def test_a_cancelled_installation_can_be_gone_on_with(
    options: InstallOptions, slow_python: Path, tmp_path: Path
) -> None:
    job = start_install(replace(options, pythons=(str(slow_python),)))
    wait_until((tmp_path / "waiting").exists, job)
    job.cancel()
    job.wait(_LIMIT_S)

    assert isinstance(install(options), Result)


def test_two_cannot_install_at_once(options: InstallOptions) -> None:
    with only_here(options.folder.lock):
        ending = install(options)

    assert isinstance(ending, Failed)
    assert "Another Blender" in ending.message


def test_removing_leaves_nothing_behind(options: InstallOptions) -> None:
    install(options)
    ending = start_remove(options.folder).wait(_LIMIT_S)

    assert isinstance(ending, Result)
    assert ending.values["size_bytes"] > 0
    assert state(options).condition == "absent"
    assert [path.name for path in options.folder.path.iterdir()] == ["install.lock"]


def test_a_removal_that_was_broken_off_is_ended(options: InstallOptions) -> None:
    install(options)
    options.folder.environment.rename(options.folder.removed)

    assert isinstance(start_remove(options.folder).wait(_LIMIT_S), Result)
    assert not options.folder.removed.exists()


def test_removing_nothing_is_fine(options: InstallOptions) -> None:
    assert start_remove(options.folder).wait(_LIMIT_S) == Result(0, {"size_bytes": 0})
