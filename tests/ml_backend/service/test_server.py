"""The backend process: one end for each request, cancelling, and a stdout that nobody else can break."""

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ml_backend import protocol
from ml_backend.errors import BadInput, BadScene, ProtocolError
from ml_backend.service.jobs import Jobs
from ml_backend.service.server import ReportProgress, Server, Work

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 60
HELLO = protocol.Hello(1, protocol.PROTOCOL_VERSION, "0.1.0")


def answers(work: Work, *requests: protocol.Request | bytes) -> list[protocol.Event]:
    """The events of a server that is sent these requests and then a closed stdin."""
    lines = [r if isinstance(r, bytes) else protocol.encode(r) for r in requests]
    events = io.BytesIO()
    Server(io.BytesIO(b"".join(lines)), events, work).run()
    return [protocol.decode_event(line) for line in events.getvalue().splitlines()]


def nothing(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
    return {}


def failing(error: BaseException) -> Work:
    def work(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
        raise error

    return work


class Conversation:
    """A server on a thread, spoken to through pipes as the add-on does."""

    def __init__(self, work: Work) -> None:
        requests_in, requests_out = os.pipe()
        events_in, events_out = os.pipe()
        self.requests = os.fdopen(requests_out, "wb", buffering=0)
        self.events = os.fdopen(events_in, "rb")
        self._ours = (os.fdopen(requests_in, "rb", buffering=0), os.fdopen(events_out, "wb"))
        self.thread = threading.Thread(target=Server(*self._ours, work).run, daemon=True)
        self.thread.start()

    def send(self, request: protocol.Request) -> None:
        self.requests.write(protocol.encode(request))

    def receive(self) -> protocol.Event:
        return protocol.decode_event(self.events.readline())

    def close(self) -> None:
        self.requests.close()
        self.thread.join(TIMEOUT_S)
        # After Shutdown the thread that reads may still be on its way to the end of its pipe: do not close it before.
        for reader in (thread for thread in threading.enumerate() if thread.name == "requests"):
            reader.join(TIMEOUT_S)
        for stream in (*self._ours, self.events):
            stream.close()


def step_by_step(steps: "list[threading.Semaphore]") -> Work:
    """A job that reports progress, then waits until the test lets it go on."""

    def work(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
        for number, step in enumerate(steps):
            progress("waiting", number / len(steps))
            assert step.acquire(timeout=TIMEOUT_S)
        return {}

    return work


def test_result_carries_what_the_job_returned() -> None:
    def work(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
        return {"weights": [1, 2]}

    conversation = Conversation(work)
    conversation.send(protocol.ListWeights(5))

    assert conversation.receive() == protocol.Result(5, {"weights": [1, 2]})
    conversation.close()


def test_progress_comes_before_the_result() -> None:
    def work(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
        progress("half", 0.5)
        return {}

    conversation = Conversation(work)
    conversation.send(protocol.ListWeights(5))

    assert [conversation.receive(), conversation.receive()] == [
        protocol.Progress(5, "half", 0.5),
        protocol.Result(5, {}),
    ]
    conversation.close()


def test_progress_outside_0_and_1_is_clamped() -> None:
    def work(request: protocol.Request, progress: ReportProgress) -> dict[str, object]:
        progress("over", 1.25)
        return {}

    conversation = Conversation(work)
    conversation.send(protocol.ListWeights(5))

    assert conversation.receive() == protocol.Progress(5, "over", 1.0)
    conversation.close()


def test_backend_error_becomes_failed_with_its_code_and_hint() -> None:
    work = failing(BadInput("No photo.", hint="Choose one."))

    assert answers(work, protocol.ListWeights(3)) == [protocol.Failed(3, "bad_input", "No photo.", "Choose one.")]


def test_unexpected_error_becomes_failed_and_names_the_log() -> None:
    (event,) = answers(failing(ZeroDivisionError("division by zero")), protocol.ListWeights(3))

    assert isinstance(event, protocol.Failed)
    assert (event.code, "ZeroDivisionError" in event.message, "log" in event.hint) == ("internal_error", True, True)


def test_too_little_memory_says_what_to_do() -> None:
    (event,) = answers(failing(MemoryError()), protocol.ListWeights(3))

    assert isinstance(event, protocol.Failed)
    assert (event.code, event.hint) == ("out_of_memory", "Use a smaller size.")


def test_server_lives_on_after_a_failure() -> None:
    events = answers(failing(BadInput("No.")), protocol.ListWeights(1), protocol.ListWeights(2))

    assert [event.id for event in events] == [1, 2]


@pytest.mark.parametrize(("line", "number"), [(b"nonsense\n", 0), (b'{"type": "Explode", "id": 9}\n', 9), (b"[]\n", 0)])
def test_bad_line_is_answered_and_the_next_one_too(line: bytes, number: int) -> None:
    events = answers(nothing, line, protocol.ListWeights(2))

    assert sorted((type(e).__name__, e.id) for e in events) == [("Failed", number), ("Result", 2)]


def test_cancel_stops_the_running_job() -> None:
    gates = [threading.Semaphore(0) for _ in range(2)]
    conversation = Conversation(step_by_step(gates))
    conversation.send(protocol.ListWeights(1))
    assert isinstance(conversation.receive(), protocol.Progress)
    conversation.send(protocol.Cancel(2, job=1))
    assert conversation.receive() == protocol.Result(2, {})
    gates[0].release()

    assert conversation.receive() == protocol.CancelledEvent(1)
    conversation.close()


def test_cancel_stops_a_job_that_still_waits_its_turn() -> None:
    gates = [threading.Semaphore(0)]
    conversation = Conversation(step_by_step(gates))
    conversation.send(protocol.ListWeights(1))
    conversation.send(protocol.ListWeights(2))
    assert isinstance(conversation.receive(), protocol.Progress)
    conversation.send(protocol.Cancel(3, job=2))
    assert conversation.receive() == protocol.Result(3, {})
    gates[0].release()

    assert [conversation.receive(), conversation.receive()] == [protocol.Result(1, {}), protocol.CancelledEvent(2)]
    conversation.close()


def test_cancel_of_a_job_that_has_ended_is_ignored() -> None:
    conversation = Conversation(nothing)
    conversation.send(protocol.ListWeights(1))
    conversation.receive()
    conversation.send(protocol.Cancel(2, job=1))
    conversation.receive()
    conversation.send(protocol.ListWeights(3))

    assert conversation.receive() == protocol.Result(3, {})
    conversation.close()


def test_closed_stdin_stops_the_running_job_and_the_server() -> None:
    gates = [threading.Semaphore(0) for _ in range(2)]
    conversation = Conversation(step_by_step(gates))
    conversation.send(protocol.ListWeights(1))
    conversation.receive()
    conversation.requests.close()
    for gate in gates:
        gate.release()
    conversation.close()

    assert not conversation.thread.is_alive()


def test_shutdown_is_answered_and_ends_the_server() -> None:
    conversation = Conversation(nothing)
    conversation.send(protocol.Shutdown(9))

    assert conversation.receive() == protocol.Result(9, {})
    conversation.close()
    assert not conversation.thread.is_alive()


def test_hello_of_another_protocol_is_refused() -> None:
    (event,) = answers(Jobs().perform, protocol.Hello(1, protocol.PROTOCOL_VERSION + 1, "9.9.9"))

    assert isinstance(event, protocol.Failed)
    assert (event.code, "same version" in event.hint) == ("protocol_mismatch", True)


def test_self_test_counts_and_reports() -> None:
    reports: list[float] = []
    values = Jobs().perform(protocol.SelfTest(4, 2, 0.0), lambda stage, fraction: reports.append(fraction))

    assert (values, reports) == ({"steps": 2}, [0.0, 0.5, 1.0])


def test_weights_name_the_decoder_in_charge() -> None:
    assert "no network" in str(Jobs().perform(protocol.ListWeights(1), no_report)["decoder"])


def test_weights_say_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CINEMAGRAPH_WEIGHTS", str(tmp_path))
    for name in ("big-lama.pt", "record.json"):
        (tmp_path / "big-lama").mkdir(exist_ok=True)
        (tmp_path / "big-lama" / name).touch()

    rows = Jobs().perform(protocol.ListWeights(1), no_report)["weights"]
    assert [row["name"] for row in rows if row["installed"]] == ["big-lama"]


def no_report(stage: str, fraction: float) -> None:
    """Progress that nobody watches."""


def render_request(scene_dir: Path, output_dir: Path, **changes: object) -> protocol.RenderFrame:
    values: dict[str, object] = {
        "id": 1,
        "scene_dir": str(scene_dir),
        "intrinsics": [4.0, 4.0, 2.0, 1.5],
        "world_to_camera": [1.0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        "width": 4,
        "height": 3,
        "frame": 0,
        "num_frames": 10,
        "output_dir": str(output_dir),
    }
    return protocol.RenderFrame(**(values | changes))  # type: ignore[arg-type]


class RecordingLoop:
    """Stands in for pipeline.Loop: remembers its frames, and renders their number as the depth."""

    def __init__(self, made: list[int], num_frames: int) -> None:
        made.append(num_frames)
        self._num_frames = num_frames
        self.poses: list[object] = []

    def render(self, camera: object, frame: int, pose: object, samples: int) -> object:
        import torch

        from ml_backend.structures import Frame

        self.poses.append(pose)
        rgb = torch.arange(36.0).reshape(3, 3, 4)
        return Frame(rgb, torch.full((1, 3, 4), float(frame % self._num_frames)), torch.ones(1, 3, 4), 0.25, 7)


class Fixture:
    """A scene folder with nothing but scene.json, and jobs that count loads and loops."""

    def __init__(self, folder: Path) -> None:
        self.scene_dir = folder / "scene"
        self.output_dir = folder / "job"
        self.scene_dir.mkdir()
        self.output_dir.mkdir()
        (self.scene_dir / "scene.json").write_text("{}")
        self.loads: list[Path] = []
        self.loops: list[int] = []
        self.jobs = Jobs(load=self.load, make_loop=self.make_loop)  # type: ignore[arg-type]

    def make_loop(self, scene: object, num_frames: int) -> RecordingLoop:
        self.loop = RecordingLoop(self.loops, num_frames)
        return self.loop

    def load(self, scene_dir: Path) -> object:
        self.loads.append(scene_dir)
        return object()

    def render(self, **changes: object) -> dict[str, object]:
        return self.jobs.perform(render_request(self.scene_dir, self.output_dir, **changes), no_report)


@pytest.fixture
def scene(tmp_path: Path) -> Fixture:
    return Fixture(tmp_path)


def test_frame_is_written_as_rows_of_pixels(scene: Fixture) -> None:
    import numpy as np

    values = scene.render()
    rgb = np.load(str(values["rgb"]), allow_pickle=False)

    assert (rgb.shape, rgb.dtype, rgb[0, 1].tolist()) == ((3, 4, 3), np.float32, [1.0, 13.0, 25.0])


def test_depth_and_alpha_are_written_without_a_channel_axis(scene: Fixture) -> None:
    import numpy as np

    values = scene.render()

    assert np.load(str(values["depth"])).shape == np.load(str(values["alpha"])).shape == (3, 4)


def test_holes_and_points_are_reported(scene: Fixture) -> None:
    values = scene.render()

    assert (values["hole_fraction"], values["num_points"]) == (0.25, 7)


def test_frame_number_wraps_around_the_loop(scene: Fixture) -> None:
    import numpy as np

    assert np.load(str(scene.render(frame=23)["depth"])).max() == 3.0


def test_second_frame_loads_nothing_again(scene: Fixture) -> None:
    scene.render(frame=0)
    scene.render(frame=1)

    assert (len(scene.loads), len(scene.loops)) == (1, 1)


def test_scene_that_was_written_again_is_loaded_again(scene: Fixture) -> None:
    scene.render()
    os.utime(scene.scene_dir / "scene.json", ns=(1, 1))
    scene.render()

    assert (len(scene.loads), len(scene.loops)) == (2, 2)


def test_other_loop_length_makes_a_loop_of_the_same_scene(scene: Fixture) -> None:
    scene.render(num_frames=10)
    scene.render(num_frames=20)

    assert (len(scene.loads), scene.loops) == (1, [10, 20])


def test_hiding_a_layer_needs_no_other_loop(scene: Fixture) -> None:
    from ml_backend.pose import Pose

    scene.render(hidden_layers=[])
    scene.render(hidden_layers=[2, 0])

    assert (scene.loops, scene.loop.poses) == ([10], [Pose(), Pose(hidden=(0, 2))])


def test_missing_scene_says_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(BadScene, match="Build the scene first"):
        Jobs().perform(render_request(tmp_path / "none", tmp_path), no_report)


@pytest.mark.parametrize("changes", [{"intrinsics": [1.0]}, {"world_to_camera": [1.0] * 12}, {"num_frames": 0}])
def test_frame_request_with_wrong_counts_is_refused(scene: Fixture, changes: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="RenderFrame"):
        scene.render(**changes)


def test_frame_of_no_pixels_is_refused(scene: Fixture) -> None:
    with pytest.raises(BadInput, match="0x3"):
        scene.render(width=0)


def run_process(
    stdin: bytes, code: str = "from ml_backend.service.server import serve; serve()"
) -> tuple[list[bytes], str]:
    done = subprocess.run([sys.executable, "-c", code], input=stdin, capture_output=True, cwd=ROOT, timeout=TIMEOUT_S)  # noqa: PLW1510
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.splitlines(), done.stderr.decode()


def test_process_says_hello_without_importing_torch() -> None:
    code = (
        "import sys; from ml_backend.service.server import serve; serve(); "
        "print('torch imported' if 'torch' in sys.modules else 'torch not imported', file=sys.stderr)"
    )
    lines, log = run_process(protocol.encode(HELLO), code)
    values = json.loads(lines[0])["values"]

    assert set(values) == {"protocol", "backend_version", "python", "torch", "device", "threads"}
    assert "torch not imported" in log or values["device"].startswith("cuda")


def test_process_keeps_chatter_out_of_the_messages() -> None:
    code = (
        "import os, sys, ml_backend.service.jobs as jobs, ml_backend.service.server as server\n"
        "def chatty(self, request, progress):\n"
        "    print('a library prints')\n"
        "    os.system('echo a child prints')\n"
        "    return {}\n"
        "jobs.Jobs.perform = chatty\n"
        "server.serve()"
    )
    lines, log = run_process(protocol.encode(protocol.ListWeights(2)), code)

    assert lines == [protocol.encode(protocol.Result(2, {})).rstrip()]
    assert "a library prints" in log
    assert "a child prints" in log


def test_self_test_that_examines_tells_the_memory() -> None:
    result = Jobs().perform(protocol.SelfTest(1, steps=1, seconds=0.0, examine=True), lambda stage, fraction: None)

    assert result["device"]
    assert result["threads"] >= 1
    assert result["free_memory_gib"] is None or result["free_memory_gib"] > 0


def test_self_test_only_counts_where_nothing_else_is_asked() -> None:
    result = Jobs().perform(protocol.SelfTest(1, steps=1, seconds=0.0), lambda stage, fraction: None)

    assert result == {"steps": 1}
