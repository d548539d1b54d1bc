"""Fixtures for tests inside a real Blender (the bpy wheel): the add-on registered, a fresh scene, a backend."""

import shlex
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:  # without bpy this file must still load; its test files skip themselves
    import bpy

_FAKE = Path(__file__).resolve().parents[1] / "cinemagraph_addon" / "fake_backend.py"


@pytest.fixture(scope="session")
def addon() -> Iterator[None]:
    """The add-on, registered for the whole run."""
    import cinemagraph

    cinemagraph.register()
    yield
    cinemagraph.unregister()


@pytest.fixture
def scene(addon: None) -> "bpy.types.Scene":
    """The scene of a fresh file."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """96x64 pixels, each row, column, and channel different: a wrong flip or curve shows."""
    from PIL import Image

    y, x = np.mgrid[0:64, 0:96]
    pixels = np.stack([x * 255 // 95, y * 255 // 63, (x + y) * 255 // 158], axis=-1).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(scope="session")
def fake_python(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Scripts that stand for the backend's Python and run the fake backend in one of its modes."""
    folder = tmp_path_factory.mktemp("pythons")

    def script(mode: str) -> Path:
        path = folder / f"python-{mode}"
        path.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(_FAKE))} {mode}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return script


@pytest.fixture
def use_backend(fake_python: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Choose the fake backend's mode; one that runs already goes on, as in a long Blender session."""
    from cinemagraph.cinemagraph_addon.backend_environment import PYTHON_VARIABLE

    return lambda mode: monkeypatch.setenv(PYTHON_VARIABLE, str(fake_python(mode)))


@pytest.fixture
def built(scene: "bpy.types.Scene", photo: Path, use_backend: Callable[[str], None]) -> "bpy.types.Scene":
    """A scene built from the photo by the fake backend: left half near, right half far."""
    import bpy

    use_backend("good")
    scene.cinemagraph.photo = str(photo)
    bpy.ops.cinemagraph.build_scene()
    return scene
