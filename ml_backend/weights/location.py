"""The folder where weights lie: of this user, outside of Blender and of the project, so that updates keep it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "CINEMAGRAPH_WEIGHTS"
BUILTIN = Path(__file__).parent / "builtin"
"""The small networks that come with the project, each beside a card that tells how it was trained."""


def weights_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The folder that the environment variable names, or the usual place for data of this user."""
    named = environment.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    return _user_data(environment, platform) / "cinemagraph" / "weights"


def _user_data(environment: Mapping[str, str], platform: str) -> Path:
    home = Path(environment.get("HOME") or Path.home())
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if platform == "darwin":
        return home / "Library" / "Application Support"
    named = environment.get("XDG_DATA_HOME", "")
    return Path(named) if Path(named).is_absolute() else home / ".local" / "share"  # relative ones are to be ignored
