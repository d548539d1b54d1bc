"""Work in a thread with children: how it ends, and what is seen of it meanwhile."""

import sys
import threading
from collections.abc import Callable

import pytest
from cinemagraph.cinemagraph_addon.bridge.child_job import ChildJob
from cinemagraph.cinemagraph_addon.bridge.problem import Problem
from cinemagraph.ml_backend.protocol import CancelledEvent, Failed, Result

_LIMIT_S = 30.0


def end(work: Callable[[ChildJob], dict[str, object]]) -> Result | Failed | CancelledEvent | None:
    return ChildJob(work).wait(_LIMIT_S)


def test_what_the_work_returns_is_the_result() -> None:
    assert end(lambda job: {"answer": 42}) == Result(0, {"answer": 42})


def test_a_problem_is_a_failure_in_its_words() -> None:
    def work(job: ChildJob) -> dict[str, object]:
        raise Problem("It rains.", hint="Take an umbrella.")

    assert end(work) == Failed(0, "problem", "It rains.", "Take an umbrella.")


def test_what_nobody_expected_is_a_failure_too(caplog: pytest.LogCaptureFixture) -> None:
    ending = end(lambda job: {"answer": 1 // 0})

    assert isinstance(ending, Failed)
    assert "ZeroDivisionError" in ending.message


def test_lines_of_both_streams_are_read() -> None:
    lines: list[str] = []
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"

    assert end(lambda job: {"code": job.run([sys.executable, "-c", code], lines.append)}) == Result(0, {"code": 3})
    assert lines == ["out", "err"]


def test_letters_that_are_no_text_do_no_harm() -> None:
    lines: list[str] = []
    code = r"import sys; sys.stdout.buffer.write(b'\xff\n')"
    end(lambda job: {"code": job.run([sys.executable, "-c", code], lines.append)})

    assert lines == ["\N{REPLACEMENT CHARACTER}"]


def test_a_command_that_is_not_there_is_named() -> None:
    ending = end(lambda job: {"code": job.run(["/nowhere/python"], lambda line: None)})

    assert isinstance(ending, Failed)
    assert "'/nowhere/python' could not be started" in ending.message


def test_progress_never_goes_back() -> None:
    def work(job: ChildJob) -> dict[str, object]:
        job.report("first", 0.6)
        job.report("second", 0.2)
        return {"stage": job.stage, "fraction": job.fraction}

    assert end(work) == Result(0, {"stage": "second", "fraction": 0.6})


def test_cancelled_work_ends_at_its_next_report() -> None:
    is_cancelled = threading.Event()

    def work(job: ChildJob) -> dict[str, object]:
        assert is_cancelled.wait(_LIMIT_S)
        job.report("on", 0.5)
        return {}

    job = ChildJob(work)
    job.cancel()
    is_cancelled.set()

    assert job.wait(_LIMIT_S) == CancelledEvent(0)


def test_no_child_is_started_after_cancelling() -> None:
    is_cancelled = threading.Event()

    def work(job: ChildJob) -> dict[str, object]:
        assert is_cancelled.wait(_LIMIT_S)
        return {"code": job.run([sys.executable, "-c", ""], lambda line: None)}

    job = ChildJob(work)
    job.cancel()
    is_cancelled.set()

    assert job.wait(_LIMIT_S) == CancelledEvent(0)


def test_work_that_must_not_be_left_half_done_is_ended() -> None:
    is_cancelled = threading.Event()

    def work(job: ChildJob) -> dict[str, object]:
        assert is_cancelled.wait(_LIMIT_S)
        job.show("on", 0.5)
        return {"is_done": True}

    job = ChildJob(work)
    job.cancel()
    is_cancelled.set()

    assert job.wait(_LIMIT_S) == Result(0, {"is_done": True})
