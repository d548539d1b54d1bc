"""The backend of an extension that was installed from a zip: installed, tested, updated, and removed, all offline."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from wheels import make_wheel, pin_packages

pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

_SCRIPT = Path(__file__).with_name("installed_backend.py")
_FAKE_BACKEND = Path(__file__).resolve().parents[1] / "cinemagraph_addon" / "fake_backend.py"
_MAIN = '''"""Stands for the backend: the doctor that an installation asks, and the process that the add-on talks to."""

import json
import sys

import tiny
import torch

if sys.argv[1] == "doctor":
    print(json.dumps({"result": {"is_healthy": True, "checks": []}}))
else:
    from ml_backend.fake_backend import main

    main("good")
'''


@pytest.fixture(scope="module")
def seen(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What `installed_backend.py` saw in a Blender of its own."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    source.mkdir()
    for name in ("__init__.py", "blender_manifest.toml", "LICENSE"):
        shutil.copy(repository / name, source)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(repository / "cinemagraph_addon", source / "cinemagraph_addon", ignore=ignored)
    (source / "ml_backend").mkdir()
    for name in ("__init__.py", "protocol.py", "camera_paths.py"):
        shutil.copy(repository / "ml_backend" / name, source / "ml_backend")
    shutil.copy(_FAKE_BACKEND, source / "ml_backend")
    (source / "ml_backend" / "__main__.py").write_text(_MAIN)
    pin_packages(source, "torch==0.0.1", "tiny==1.0")
    for name, version in (("torch", "0.0.1"), ("tiny", "1.0"), ("tiny", "2.0")):
        make_wheel(folder / "wheels", name, version)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "CINEMAGRAPH_BACKEND_PYTHON"},
        "BLENDER_USER_RESOURCES": str(folder / "user"),
        "SEEN": str(folder / "seen.json"),
    }
    command = [sys.executable, _SCRIPT, _build(source, folder / "cinemagraph.zip"), folder / "wheels"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert (folder / "seen.json").exists(), done.stdout + done.stderr
    return json.loads((folder / "seen.json").read_text())


def _build(source: Path, archive: Path) -> Path:
    """The zip, by Blender's own tool."""
    tools = Path(sysconfig.get_path("purelib")).glob("bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    command = [sys.executable, next(tools), "build", "--source-dir", source, "--output-filepath", archive]
    subprocess.run(command, capture_output=True, timeout=60, check=True)
    return archive


def test_a_fresh_extension_says_what_to_press(seen: dict[str, object]) -> None:
    assert seen["offered at first"] == "Install Backend"


def test_installing_offline_is_refused_with_a_way_out(seen: dict[str, object]) -> None:
    assert "Allow Online Access" in seen["installing offline"]


def test_nothing_cannot_be_removed(seen: dict[str, object]) -> None:
    assert "Nothing is installed" in seen["removing nothing"]


def test_installing_from_a_wheel_folder_needs_no_network(seen: dict[str, object]) -> None:
    assert seen["installing"] == "FINISHED"


def test_the_private_environment_lies_in_the_extensions_user_folder(seen: dict[str, object]) -> None:
    assert "/.user/user_default/cinemagraph/environment/" in seen["python when installed"]


def test_the_installed_backend_passes_its_test(seen: dict[str, object]) -> None:
    assert seen["testing"] == "FINISHED"


def test_the_report_names_device_memory_weights_and_decoder(seen: dict[str, object]) -> None:
    assert seen["report"] == [
        "PyTorch none, Python 3.11",
        "Device: CPU, 1 threads",
        "Memory: 7.5 GiB free, GPU 20.0 of 24.0 GiB free",
        "Weights: small",
        "Decoder: none",
    ]


def test_an_existing_python_must_be_chosen(seen: dict[str, object]) -> None:
    assert "No Python is chosen" in seen["no existing python"]


def test_an_existing_python_wins_over_the_private_environment(seen: dict[str, object]) -> None:
    assert seen["existing python"] == sys.executable


def test_an_environment_of_another_version_asks_for_an_update(seen: dict[str, object]) -> None:
    assert "Press Update Backend" in seen["python after an update of the add-on"]
    assert seen["offered after an update of the add-on"] == "Update Backend"


def test_an_updated_backend_is_used_again(seen: dict[str, object]) -> None:
    assert seen["updating"] == "FINISHED"
    assert seen["python when updated"] == seen["python when installed"]


def test_removing_stops_the_backend_and_leaves_its_log(seen: dict[str, object]) -> None:
    assert (seen["removing"], seen["backend runs"]) == ("FINISHED", False)
    assert seen["left"] == ["backend.log", "install.lock"]
