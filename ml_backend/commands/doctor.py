"""`doctor`: what is installed, what is wrong, and how to mend it."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from ml_backend.commands.command import Command, OpenBar, Outcome
from ml_backend.doctor import Check, examine, is_healthy, table

_EXAMPLES = """\
examples:
  python -m ml_backend doctor
  python -m ml_backend doctor --json
"""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All that was looked at; is_healthy is False where something fails."""

    is_healthy: bool
    checks: list[Check]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The doctor asks for nothing."""


def run(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
    """Examine this machine."""
    checks = examine(Path.cwd())
    healthy = is_healthy(checks)
    return Outcome(DoctorReport(healthy, checks), table(checks), exit_code=0 if healthy else 1)


COMMAND = Command("doctor", "Say what is installed, what is wrong, and how to mend it.", _EXAMPLES, add_arguments, run)
