"""What *Test Backend* shows."""

from cinemagraph.cinemagraph_addon.bridge.client import BackendInfo
from cinemagraph.cinemagraph_addon.bridge.report import make_report

_CPU = BackendInfo(backend_version="0.1.0", python="3.11.7", torch="2.13.0+cpu", device="cpu", threads=8)
_GPU = BackendInfo(backend_version="0.1.0", python="3.11.7", torch="2.13.0", device="cuda: NVIDIA H100", threads=16)


def test_a_computer_without_a_gpu_shows_its_own_memory() -> None:
    tested = {"free_memory_gib": 7.25, "free_gpu_memory_gib": 0.0, "gpu_memory_gib": 0.0}

    assert make_report(_CPU, tested, {}).memory == "Memory: 7.2 GiB free"


def test_the_memory_of_a_gpu_is_shown_too() -> None:
    tested = {"free_memory_gib": 100.0, "free_gpu_memory_gib": 78.5, "gpu_memory_gib": 79.2}

    assert make_report(_GPU, tested, {}).memory == "Memory: 100.0 GiB free, GPU 78.5 of 79.2 GiB free"


def test_the_gpu_is_called_by_its_name() -> None:
    assert make_report(_GPU, {}, {}).device == "Device: NVIDIA H100, 16 threads"


def test_only_installed_weights_are_named() -> None:
    weights = [{"name": "depth", "installed": True}, {"name": "decoder", "installed": False}]

    assert make_report(_CPU, {}, {"weights": weights}).weights == "Weights: depth"


def test_what_is_unknown_takes_no_line() -> None:
    assert make_report(_CPU, {"free_memory_gib": None}, {}).lines() == [
        "PyTorch 2.13.0+cpu, Python 3.11.7",
        "Device: CPU, 8 threads",
        "Weights: none installed",
    ]
