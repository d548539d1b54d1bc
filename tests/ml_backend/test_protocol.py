"""Messages between the add-on and the backend: there and back, and lines that are none."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml_backend import protocol
from ml_backend.protocol import BadMessage

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = [
    protocol.Hello(1, 1, "0.1.0"),
    protocol.SelfTest(2, 3, 0.5),
    protocol.BuildScene(3, "/photos/über see.jpg", "/scenes/see", mask="mask.png", region_speeds=[[0.5, 0.5, 2.0]]),
    protocol.EstimateMotion(3, "/scenes/see", mask="mask.png", speed=2.0),
    protocol.GuessMotion(3, "/photos/see.jpg", "/tmp/job"),
    protocol.RenderFrame(4, "/scenes/see", [1.0, 1.0, 0.5, 0.5], [0.0] * 16, 8, 6, 2, 60, "/tmp/job"),
    protocol.MeasureViews(9, "/scenes/see", [[1.0, 1.0, 0.5, 0.5]], [[0.0] * 16], 8, 6, output_dir="/tmp/job"),
    protocol.ExportVideo(5, "/scenes/see", "circle", "out.mp4"),
    protocol.EncodeVideo(10, "/tmp/job", "out.mp4"),
    protocol.ListWeights(6),
    protocol.Cancel(7, 3),
    protocol.Shutdown(8),
]
EVENTS = [
    protocol.Progress(1, "Rendering", 0.25),
    protocol.Result(1, {"path": "out.mp4", "frames": [1, 2]}),
    protocol.Failed(1, "bad_input", "No.", "Try again."),
    protocol.CancelledEvent(1),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda message: type(message).__name__)
def test_request_survives_there_and_back(request_: protocol.Request) -> None:
    assert protocol.decode_request(protocol.encode(request_)) == request_


@pytest.mark.parametrize("event", EVENTS, ids=lambda message: type(message).__name__)
def test_event_survives_there_and_back(event: protocol.Event) -> None:
    assert protocol.decode_event(protocol.encode(event)) == event


def test_examples_above_cover_every_message() -> None:
    assert [type(m) for m in REQUESTS] == list(protocol.REQUESTS)
    assert [type(m) for m in EVENTS] == list(protocol.EVENTS)


def test_message_is_one_line_even_with_newlines_inside() -> None:
    line = protocol.encode(protocol.Failed(1, "code", "two\nlines", ""))

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_message_is_plain_json_with_its_type() -> None:
    assert json.loads(protocol.encode(protocol.Cancel(7, 3))) == {"type": "Cancel", "id": 7, "job": 3}


def test_left_out_options_take_their_defaults() -> None:
    request = protocol.decode_request(b'{"type": "BuildScene", "id": 1, "photo": "p.jpg", "scene_dir": "s"}')

    assert request == protocol.BuildScene(1, "p.jpg", "s")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "Not a JSON line"),
        (b"\xff\xfe", "Not a JSON line"),
        (b"[1, 2]", "Not a JSON object"),
        (b'{"id": 1}', "Unknown message type None"),
        (b'{"type": "Explode", "id": 1}', "'Explode'"),
        (b'{"type": "Result", "id": 1, "values": {}}', "'Result'"),  # an event is no request
        (b'{"type": "Cancel", "id": 1, "job": 2, "why": "so"}', "unknown fields"),
        (b'{"type": "Cancel", "id": 1}', "job"),
    ],
)
def test_line_that_is_no_request_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        protocol.decode_request(line)


def test_numbers_that_json_lacks_are_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        protocol.encode(protocol.Progress(1, "stage", float("nan")))


def test_protocol_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "ml_backend" / "protocol.py").read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}

    assert imported <= sys.stdlib_module_names


def test_importing_the_protocol_imports_no_torch() -> None:
    code = "import sys, ml_backend.protocol, ml_backend.camera_paths; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0
