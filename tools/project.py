"""Where the project's things are, and how a step says that it failed."""

import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class BuildError(Exception):
    """Something that the reader of the message can mend."""


def check_call(command: Sequence[str], complaint: str) -> None:
    """Run a command that shows its own output; raises BuildError with the complaint when it fails."""
    if subprocess.run(command, check=False).returncode:
        raise BuildError(complaint)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """The path as people like to read it: from the project's root where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
