"""The Blender extension as a zip, and a static repository that offers it, both by Blender's own tool."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.project import ROOT, BuildError, read_toml


def make_package(site_packages: Path, destination: Path) -> Path:
    """Build the extension's zip and validate it, both with the tool inside bpy; the zip's path."""
    tool = find_extension_tool(site_packages)
    manifest = read_toml(ROOT / "blender_manifest.toml")
    destination.mkdir(parents=True, exist_ok=True)
    archive = destination / f"{manifest['id']}-{manifest['version']}.zip"
    clean = destination / ".source"
    shutil.rmtree(clean, ignore_errors=True)
    try:
        _copy_sources(clean)
        unchecked = archive.with_name(f".{archive.stem}.partial.zip")
        _run_tool(tool, "build", ["--source-dir", str(clean), "--output-filepath", str(unchecked)])
        _run_tool(tool, "validate", [str(unchecked)])
        os.replace(unchecked, archive)
    finally:
        shutil.rmtree(clean, ignore_errors=True)
    return archive


def make_repository(site_packages: Path, destination: Path) -> Path:
    """Make a folder that any web server can offer to Blender as a repository: zip, index.json, index.html.

    Returns:
        index.json, whose address is what Blender asks for.
    """
    shutil.rmtree(destination, ignore_errors=True)  # an older version must not stay on offer
    make_package(site_packages, destination)
    _run_tool(find_extension_tool(site_packages), "server-generate", ["--repo-dir", str(destination), "--html"])
    return destination / "index.json"


def find_extension_tool(site_packages: Path) -> Path:
    """Blender's `blender_ext.py`, which builds and validates extensions with any Python."""
    tools = sorted(site_packages.glob("bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    if not tools:
        raise BuildError(f"There is no Blender in {site_packages}. Delete .venv and run the command again.")
    return tools[-1]


def _run_tool(tool: Path, command: str, arguments: Sequence[str]) -> None:
    done = subprocess.run([sys.executable, tool, command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"Blender's '{command}' of the extension failed:\n{done.stdout}{done.stderr}".rstrip())


def _copy_sources(clean: Path) -> None:
    """Copy what git knows or would take, else everything but the folders that we make ourselves."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        made = shutil.ignore_patterns(".*", "__pycache__", "dist", "demo", "*.egg-info")
        shutil.copytree(ROOT, clean, ignore=made)
        return
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (clean / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clean / name)
