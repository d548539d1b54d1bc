"""`python -m ml_backend COMMAND ...`: the command line. Results go to stdout, everything else to stderr.

Exit codes: 0 done; 1 unexpected, no memory, or the doctor found a fault; 2 wrong input or options; 3 wrong scene
folder; 4 output that cannot be written; 5 something is not installed; 6 wrong weights; 7 wrong message; 8 training
that diverged; 130 Ctrl-C.
"""

import argparse
import io
import json
import logging
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import NoReturn, TextIO

import ml_backend
from ml_backend.commands import animate, build, doctor, encode, evaluate, render, sheet, train, weights
from ml_backend.commands.bars import open_bar, open_no_bar
from ml_backend.commands.command import Command, Outcome
from ml_backend.errors import BackendError, BadInput, BadOutput, Cancelled, MissingDependency
from ml_backend.service.server import serve, take_over_stdout

COMMANDS: tuple[Command, ...] = (
    build.COMMAND,
    render.COMMAND,
    animate.COMMAND,
    encode.COMMAND,
    sheet.COMMAND,
    evaluate.COMMAND,
    train.COMMAND,
    weights.COMMAND,
    doctor.COMMAND,
)


_EPILOG = """\
examples:
  python -m ml_backend animate lake.jpg -o lake.mp4 --mask water.png --hints arrows.json
  python -m ml_backend build lake.jpg -o lake --mask water.png --hints arrows.json
  python -m ml_backend render lake -o lake.mp4 --camera orbit
  python -m ml_backend doctor
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command in this process; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["serve"] and arguments[1:] == []:
        return serve()
    if "--json" not in arguments:
        return run(arguments, sys.stdout, COMMANDS)
    # Libraries that print must not spoil the one JSON object.
    stdout = io.TextIOWrapper(take_over_stdout(), encoding="utf-8")
    try:
        return run(arguments, stdout, COMMANDS)
    finally:
        with suppress(OSError):  # told in `run`
            stdout.close()


def run(arguments: Sequence[str], stdout: TextIO, commands: Sequence[Command]) -> int:
    """Run one of the commands and tell the outcome on `stdout`, failures for people on stderr; the exit code."""
    for_machines = "--json" in arguments
    try:
        outcome = _perform(arguments, commands, for_machines=for_machines)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the one place where an error becomes a sentence
        if "--debug" in arguments:
            traceback.print_exc()
        failure = _as_failure(error)
        with suppress(BrokenPipeError):
            _tell_failure(failure, stdout if for_machines else None)
        return failure.exit_code
    try:
        _tell_outcome(outcome, stdout, for_machines=for_machines)
        stdout.flush()
    except BrokenPipeError:  # nobody listens any more, as in `... | head -1`
        return outcome.exit_code
    except OSError as error:
        failure = BadOutput(f"The outcome cannot be told ({error.strerror}).", hint="Look at where stdout goes.")
        _tell_failure(failure, None)
        return failure.exit_code
    return outcome.exit_code


def _perform(arguments: Sequence[str], commands: Sequence[Command], *, for_machines: bool) -> Outcome:
    options = _parser(commands).parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if options.debug else logging.ERROR, stream=sys.stderr)
    command = next(c for c in commands if c.name == options.command)
    return command.run(options, open_no_bar if for_machines else open_bar)


def _tell_outcome(outcome: Outcome, stdout: TextIO, *, for_machines: bool) -> None:
    if for_machines:
        values = {**asdict(outcome.values), "warnings": list(outcome.warnings)}  # type: ignore[call-overload]
        print(json.dumps({"result": values}, ensure_ascii=False), file=stdout)
        return
    for warning in outcome.warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    print(outcome.text, file=stdout)


def _tell_failure(failure: BackendError, stdout: TextIO | None) -> None:
    """As JSON on stdout where there is one, else as a line on stderr."""
    if stdout is None:
        print(f"{'' if isinstance(failure, Cancelled) else 'Error: '}{failure}", file=sys.stderr)
        return
    error = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    print(json.dumps({"error": error}, ensure_ascii=False), file=stdout)


def _as_failure(error: BaseException) -> BackendError:
    """Whatever went wrong as something with a code, a sentence, and a way out."""
    match error:
        case BackendError():
            return error
        case KeyboardInterrupt():
            return Cancelled("Stopped.", hint="What was finished is kept.")
        case ModuleNotFoundError(name=str(name)):
            return MissingDependency(
                f"The package {name} is not installed.", hint="`python -m ml_backend doctor` says what is missing."
            )
        case MemoryError():
            return BackendError("There is not enough memory.", hint="Use a smaller --size.")
        case OSError(filename=name, strerror=str(reason)):
            place = f"{name}: " if name else ""
            return BadOutput(f"{place}{reason}.", hint="Check the path, its permissions, and the free space.")
    return BackendError(
        f"Unexpected {type(error).__name__}: {error}".splitlines()[0].rstrip(".") + ".",
        hint="This is a fault of the program: run it again with --debug, and report what it says.",
    )


def _parser(commands: Sequence[Command]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m ml_backend",
        description="3D cinemagraphs from a single photo.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cinemagraph-backend {ml_backend.__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for command in commands:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            epilog=command.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.add_argument("--json", action="store_true", help="one JSON object on stdout, no progress bars")
        subparser.add_argument("--debug", action="store_true", help="show tracebacks and logs")
    subparsers.add_parser("serve", help="Talk to Blender over pipes; started by the add-on.")
    return parser


class _Parser(argparse.ArgumentParser):
    """Wrong options are wrong input, told like all other failures."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}.", hint=f"See `{self.prog} --help`.")
