"""`build.py repository`, and Blender installing the extension from it as from any address."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tools.extension import make_repository

pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

_INSTALL = """
import os, sys
import bpy

address, said = sys.argv[1:]
preferences = bpy.context.preferences
preferences.system.use_online_access = True  # Blender asks for it even where the address is a file
bpy.ops.preferences.extension_repo_add(name="Ours", remote_url=address, type="REMOTE", use_sync_on_startup=False)
index = next(i for i, repo in enumerate(preferences.extensions.repos) if repo.remote_url == address)
bpy.ops.extensions.repo_sync(repo_index=index)
bpy.ops.extensions.package_install(repo_index=index, pkg_id="cinemagraph", enable_on_install=True)
modules = [addon.module for addon in preferences.addons if addon.module.endswith(".cinemagraph")]
print(*modules, hasattr(bpy.types.Scene, "cinemagraph"), file=open(said, "w"))
os._exit(0)
"""


def test_blender_installs_and_enables_the_extension_from_the_repository(tmp_path: Path) -> None:
    index = make_repository(Path(sysconfig.get_path("purelib")), tmp_path / "repository")
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "user")}
    command = [sys.executable, "-c", _INSTALL, index.as_uri(), tmp_path / "said.txt"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert (tmp_path / "said.txt").exists(), done.stdout + done.stderr
    assert (tmp_path / "said.txt").read_text().split() == ["bl_ext.Ours.cinemagraph", "True"]
