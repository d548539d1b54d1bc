"""The command line: what it says, where it says it, and how it ends."""

import argparse
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import ml_backend
from ml_backend import doctor
from ml_backend.camera_paths import PATHS
from ml_backend.cli import COMMANDS, run
from ml_backend.commands.command import Command, OpenBar, Outcome
from ml_backend.commands.sheet import frame_paths
from ml_backend.errors import BackendError, BadInput, BadOutput, BadScene, Cancelled, MissingDependency

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60


@dataclass(frozen=True)
class Sum:
    total: int


def command(work: Callable[[OpenBar], Outcome]) -> tuple[Command, ...]:
    """One command named `add` that does `work`."""

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--twice", action="store_true")

    def run_command(options: argparse.Namespace, open_bar: OpenBar) -> Outcome:
        return work(open_bar)

    return (Command("add", "Add.", "examples:\n  add", add_arguments, run_command),)


def adding(open_bar: OpenBar) -> Outcome:
    with open_bar("Adding") as progress:
        progress("first half", 0.5)
    return Outcome(Sum(3), "the sum is 3", ("numbers are small",))


def raising(error: BaseException) -> Callable[[OpenBar], Outcome]:
    def work(open_bar: OpenBar) -> Outcome:
        raise error

    return work


def run_add(work: Callable[[OpenBar], Outcome], *options: str) -> tuple[int, str]:
    """Exit code and stdout."""
    stdout = io.StringIO()
    code = run(["add", *options], stdout, command(work))
    return code, stdout.getvalue()


def test_result_is_told_on_stdout() -> None:
    assert run_add(adding) == (0, "the sum is 3\n")


def test_warnings_and_bars_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(adding)
    stderr = capsys.readouterr().err

    assert "Warning: numbers are small" in stderr
    assert "Adding" in stderr
    assert "left" in stderr


def test_json_is_one_object_with_result_and_warnings() -> None:
    code, stdout = run_add(adding, "--json")

    assert (code, json.loads(stdout)) == (0, {"result": {"total": 3, "warnings": ["numbers are small"]}})


def test_json_mode_says_nothing_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(adding, "--json")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BackendError("x"), 1),
        (BadInput("x"), 2),
        (BadScene("x"), 3),
        (BadOutput("x"), 4),
        (MissingDependency("x"), 5),
        (Cancelled("x"), 130),
        (KeyboardInterrupt(), 130),
        (PermissionError(13, "Permission denied", "/locked"), 4),
        (ModuleNotFoundError("No module named 'x'", name="x"), 5),
        (MemoryError(), 1),
        (ZeroDivisionError("division by zero"), 1),
    ],
)
def test_exit_code_says_what_kind_of_failure(error: BaseException, code: int) -> None:
    assert run_add(raising(error)) == (code, "")


def test_failure_is_one_line_with_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(raising(BadInput("lake.jpg is empty.", hint="Copy it again.")))

    assert capsys.readouterr().err == "Error: lake.jpg is empty. Copy it again.\n"


def test_unexpected_failure_shows_no_traceback_and_names_debug(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(raising(ZeroDivisionError("division by zero")))
    stderr = capsys.readouterr().err

    assert stderr.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in stderr
    assert "--debug" in stderr


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(raising(ZeroDivisionError("division by zero")), "--debug")

    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_says_that_finished_work_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    run_add(raising(KeyboardInterrupt()))

    assert capsys.readouterr().err == "Stopped. What was finished is kept.\n"


def test_json_failure_has_code_message_and_hint() -> None:
    code, stdout = run_add(raising(BadInput("No.", hint="Try.")), "--json")

    assert (code, json.loads(stdout)) == (2, {"error": {"code": "bad_input", "message": "No.", "hint": "Try."}})


def test_wrong_option_is_wrong_input() -> None:
    code, stdout = run_add(adding, "--thrice", "--json")

    assert (code, json.loads(stdout)["error"]["code"]) == (2, "bad_input")


def test_exit_code_of_the_outcome_is_kept() -> None:
    assert run_add(lambda open_bar: Outcome(Sum(0), "ill", exit_code=1)) == (1, "ill\n")


@pytest.mark.parametrize("name", [c.name for c in COMMANDS])
def test_help_of_every_command_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run([name, "--help"], io.StringIO(), COMMANDS)
    text = capsys.readouterr().out

    assert code == 0
    assert f"python -m ml_backend {name}" in text.split("examples:")[1]


def test_help_names_every_command_and_serve(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"], io.StringIO(), COMMANDS)
    text = capsys.readouterr().out

    assert all(name in text for name in [*(c.name for c in COMMANDS), "serve"])


def test_help_of_render_names_every_camera_path(capsys: pytest.CaptureFixture[str]) -> None:
    run(["render", "--help"], io.StringIO(), COMMANDS)
    text = capsys.readouterr().out

    assert all(name in text for name in PATHS)


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"], io.StringIO(), COMMANDS) == 0
    assert ml_backend.__version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "scene", "-o", "x.mp4", "--frames", "0"],
        ["render", "scene", "-o", "x.mp4", "--fps", "nan"],
        ["render", "scene", "-o", "x.mp4", "--passes", "depth,smell"],
        ["render", "scene", "-o", "x.mp4", "--format", "bmp"],
        ["render", "scene"],
        ["build"],
        ["explode"],
        [],
    ],
    ids=" ".join,
)
def test_nonsense_is_refused_before_anything_is_read(arguments: list[str]) -> None:
    assert run(arguments, io.StringIO(), COMMANDS) == 2


def test_scene_that_is_missing_is_a_bad_scene(tmp_path: Path) -> None:
    assert run(["render", str(tmp_path / "none"), "-o", str(tmp_path / "x.mp4")], io.StringIO(), COMMANDS) == 3


def test_unknown_camera_is_told_before_the_photo_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["animate", "none.jpg", "-o", str(tmp_path / "x.mp4"), "--camera", "loop"], io.StringIO(), COMMANDS)

    assert code == 2
    assert "zoom-in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["-o", "loop.avi"], 4),
        (["-o", "loop.mp4", "--passes", "depth"], 4),
        (["-o", "loop.mp4", "--format", "exr"], 4),
        (["-o", "file/loop.mp4"], 4),
        (["-o", "file/frames"], 4),
        (["-o", "loop.mp4", "--fps", "1000"], 2),
    ],
    ids=str,
)
def test_output_that_cannot_be_is_told_before_the_photo_is_read(
    options: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()

    assert run(["animate", "none.jpg", *options], io.StringIO(), COMMANDS) == code
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_sheet_is_not_written_as_something_else_than_its_name_says(tmp_path: Path) -> None:
    assert run(["sheet", "scene", "frames", "-o", str(tmp_path / "x.jpg")], io.StringIO(), COMMANDS) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_with_130_and_one_line(number: signal.Signals) -> None:
    code = (
        "import os, time, ml_backend.__main__ as start, ml_backend.cli as cli\n"
        "def main():\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
        "    time.sleep(60)\n"
        "cli.main = main\n"
        "start.run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=TIMEOUT_S, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_reader_that_goes_away_is_no_fault(options: list[str]) -> None:
    code = (
        "import os, sys\n"
        "reading, writing = os.pipe()\n"
        "os.close(reading)\n"
        "os.dup2(writing, 1)\n"
        "import ml_backend.__main__ as start, ml_backend.commands.doctor as command\n"
        "command.examine = lambda folder: []\n"
        f"sys.argv = ['cinemagraph', 'doctor', *{options}]\n"
        "start.run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=TIMEOUT_S, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_encoding_no_frames_writes_no_video(tmp_path: Path) -> None:
    code = run(["encode", str(tmp_path), "-o", str(tmp_path / "x.mp4")], io.StringIO(), COMMANDS)

    assert (code, list(tmp_path.iterdir())) == (2, [])


def test_sheet_takes_the_frames_in_order_without_their_passes(tmp_path: Path) -> None:
    for name in ("frame_0001.png", "frame_0000.png", "depth_0000.png", "alpha_0000.png", "notes.txt"):
        (tmp_path / name).touch()

    assert [path.name for path in frame_paths(tmp_path)] == ["frame_0000.png", "frame_0001.png"]


def test_sheet_of_no_frames_is_refused(tmp_path: Path) -> None:
    assert run(["sheet", "scene", str(tmp_path), "-o", str(tmp_path / "x.png")], io.StringIO(), COMMANDS) == 2


def test_json_survives_a_library_that_prints() -> None:
    code = (
        "import os, sys, ml_backend.cli as cli, ml_backend.doctor as doctor\n"
        "def examine(folder):\n"
        "    print('a library prints')\n"
        "    os.system('echo a child prints')\n"
        "    return [doctor.Check('thing', 'ok', 'fine')]\n"
        "import ml_backend.commands.doctor as command\n"
        "command.examine = examine\n"
        "sys.exit(cli.main(['doctor', '--json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=TIMEOUT_S, text=True, check=False
    )

    assert json.loads(done.stdout)["result"]["is_healthy"] is True
    assert "prints" in done.stderr


def test_old_python_fails_with_the_version_to_install() -> None:
    check = doctor.check_python((3, 9, 2))

    assert (check.status, "3.11" in check.mend) == ("fail", True)


def test_missing_package_fails_with_a_way_to_mend_it() -> None:
    check = doctor.check_package("no_such_package", "Install it.")

    assert (check.status, check.mend) == ("fail", "Install it.")


def test_missing_optional_package_only_warns() -> None:
    assert doctor.check_optional_package("no_such_package", "nothing").status == "warn"


def test_missing_encoder_fails() -> None:
    assert doctor.check_encoder("no_such_codec", "Nothing").status == "fail"


def test_little_memory_warns_and_names_a_smaller_size() -> None:
    check = doctor.check_memory(1.0)

    assert (check.status, "--size" in check.mend) == ("warn", True)


def test_full_disk_warns() -> None:
    assert doctor.check_disk(0.1, Path()).status == "warn"


@pytest.mark.parametrize(("status", "healthy"), [("ok", True), ("warn", True), ("fail", False)])
def test_only_failures_make_ill(status: doctor.Status, healthy: bool) -> None:
    assert doctor.is_healthy([doctor.Check("thing", status, "found")]) is healthy


def test_table_shows_how_to_mend_below_the_fault() -> None:
    text = doctor.table([doctor.Check("a", "ok", "fine"), doctor.Check("long", "fail", "gone", "Get it.")])

    assert text.splitlines() == ["ok    a     fine", "FAIL  long  gone", "            -> Get it."]
