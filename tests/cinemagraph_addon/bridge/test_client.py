"""The client against real child processes: a fake one that misbehaves on demand, and the real backend."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cinemagraph.cinemagraph_addon.bridge.client import BackendClient
from cinemagraph.cinemagraph_addon.bridge.problem import Problem
from cinemagraph.ml_backend.protocol import CancelledEvent, Failed, Progress, Result, SelfTest

_FAKE = Path(__file__).resolve().parents[1] / "fake_backend.py"
_LIMIT_S = 30.0  # for a process to start on a busy machine

Start = Callable[..., BackendClient]


@pytest.fixture
def start(repository: Path, tmp_path: Path) -> Iterator[Start]:
    clients = []
    before = set(threading.enumerate())

    def start_client(*command: str) -> BackendClient:
        client = BackendClient(command, cwd=repository, log_file=tmp_path / "backend.log", addon_version="0.1.0")
        clients.append(client)
        return client

    yield start_client
    for client in clients:
        client.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(_LIMIT_S)  # a reader that never ends would fail here
        assert not thread.is_alive()


@pytest.fixture
def start_fake(start: Start) -> Callable[[str], BackendClient]:
    return lambda mode="good": start(sys.executable, str(_FAKE), mode)


def test_a_job_ends_with_its_result(start_fake: Start) -> None:
    job = start_fake().submit(SelfTest, steps=3, seconds=0.0)
    assert job.wait(_LIMIT_S) == Result(job.number, {"steps": 3})


def test_progress_is_seen(start_fake: Start) -> None:
    job = start_fake("silent").submit(SelfTest, steps=1, seconds=0.0)
    while not job.stage:
        job.wait(0.01)
    assert (job.stage, job.fraction) == ("Waiting", 0.25)


def test_a_running_job_has_no_ending_yet(start_fake: Start) -> None:
    assert start_fake("silent").submit(SelfTest, steps=1, seconds=0.0).poll() is None


def test_a_cancelled_job_ends_so(start_fake: Start) -> None:
    job = start_fake("silent").submit(SelfTest, steps=1, seconds=0.0)
    job.cancel()
    assert job.wait(_LIMIT_S) == CancelledEvent(job.number)


def test_two_jobs_get_their_own_results(start_fake: Start) -> None:
    client = start_fake()
    first, second = client.submit(SelfTest, steps=1, seconds=0.0), client.submit(SelfTest, steps=2, seconds=0.0)
    assert [first.wait(_LIMIT_S).values, second.wait(_LIMIT_S).values] == [{"steps": 1}, {"steps": 2}]


def test_the_backend_introduces_itself(start_fake: Start) -> None:
    client = start_fake()
    client.submit(SelfTest, steps=0, seconds=0.0).wait(_LIMIT_S)
    assert client.info.device == "cpu"


def test_a_crash_fails_the_job_once_with_the_exit_code(start_fake: Start) -> None:
    ending = start_fake("crash").submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert (ending.code, "exit code 9" in ending.message) == ("backend_died", True)


def test_after_a_crash_the_client_is_dead(start_fake: Start) -> None:
    client = start_fake("crash")
    client.submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert not client.is_alive()


def test_a_job_for_a_dead_backend_fails_at_once(start_fake: Start) -> None:
    client = start_fake("crash")
    client.submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert isinstance(client.submit(SelfTest, steps=1, seconds=0.0).poll(), Failed)


def test_a_backend_that_cannot_start_says_its_last_words(start_fake: Start) -> None:
    ending = start_fake("missing_torch").submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert "No module named 'torch'" in ending.message


def test_a_failure_names_the_log(start_fake: Start, tmp_path: Path) -> None:
    ending = start_fake("crash").submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert str(tmp_path / "backend.log") in ending.hint


def test_another_protocol_version_fails_the_jobs(start_fake: Start) -> None:
    ending = start_fake("other_version").submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert (ending.code, "99" in ending.message) == ("protocol_mismatch", True)


def test_garbage_on_stdout_fails_the_job(start_fake: Start) -> None:
    ending = start_fake("garbage").submit(SelfTest, steps=1, seconds=0.0).wait(_LIMIT_S)
    assert ending.code == "protocol_error"


def test_an_interpreter_that_is_not_there_is_a_problem(start: Start, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="could not be started"):
        start(str(tmp_path / "python"))


def test_stopping_removes_the_job_folder(start_fake: Start) -> None:
    client = start_fake()
    client.stop()
    assert not client.folder.exists()


def test_a_busy_backend_is_ended(start_fake: Start) -> None:
    client = start_fake("good")
    client.submit(SelfTest, steps=1, seconds=60.0).wait(0.5)
    client.stop(timeout_s=0.1)
    assert not client.is_alive()


def test_an_event_after_the_end_is_ignored(start_fake: Start) -> None:
    job = start_fake().submit(SelfTest, steps=1, seconds=0.0)
    ending = job.wait(_LIMIT_S)
    job.receive(Failed(job.number, "late", "", ""))
    job.receive(Progress(job.number, "late", 0.5))
    assert job.poll() is ending


def test_the_real_backend_counts(start: Start, backend_python: Path) -> None:
    job = start(str(backend_python), "-m", "ml_backend", "serve").submit(SelfTest, steps=2, seconds=0.0)
    ending = job.wait(_LIMIT_S)
    assert ending == Result(job.number, {"steps": 2})
