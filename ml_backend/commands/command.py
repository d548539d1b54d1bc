"""What a command of the command line is, and the option types that several share."""

import argparse
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

ReportProgress = Callable[[str, float], None]
OpenBar = Callable[[str], AbstractContextManager[ReportProgress]]
"""Opens a progress bar with a title; what it yields is called with a stage and a fraction in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: `values`, a dataclass for machines; `text` for people; warnings for both."""

    values: object
    text: str
    warnings: tuple[str, ...] = ()
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line. `run` raises BackendError."""

    name: str
    summary: str
    examples: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, OpenBar], Outcome]


def whole_number(text: str) -> int:
    """A whole number above zero."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return number


def finite_number(text: str) -> float:
    """Any number but infinity."""
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return number


def positive_number(text: str) -> float:
    """A number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return number
