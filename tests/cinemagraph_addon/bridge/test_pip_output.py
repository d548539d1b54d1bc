"""What pip's lines are taken to mean."""

import pytest
from cinemagraph.cinemagraph_addon.bridge.pip_output import PipProgress, explain_failure

_TORCH = "  Downloading https://download.pytorch.org/whl/cpu/torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl (100.0 MB)"


def test_a_download_is_named_with_its_size() -> None:
    progress = PipProgress(200e6)
    progress.read(_TORCH)
    progress.read("Progress 25000000 of 100000000")

    assert progress.stage == "downloading torch (25 of 100 MB)"


def test_half_of_the_downloads_is_half_of_their_share() -> None:
    progress = PipProgress(200e6)
    progress.read(_TORCH)
    progress.read("Progress 100000000 of 100000000")
    progress.read("Collecting sympy")

    assert progress.fraction == pytest.approx(0.35)


def test_the_second_file_goes_on_from_the_first() -> None:
    progress = PipProgress(200e6)
    progress.read(_TORCH)
    progress.read("  Downloading sympy-1.14.0-py3-none-any.whl (50.0 MB)")
    progress.read("Progress 50000000 of 50000000")

    assert progress.fraction == pytest.approx(0.7 * 0.75)


def test_more_than_expected_does_not_pass_the_share_of_downloads() -> None:
    progress = PipProgress(10e6)
    progress.read(_TORCH)
    progress.read("Progress 90000000 of 100000000")

    assert progress.fraction == pytest.approx(0.7)


def test_unpacking_counts_the_packages() -> None:
    progress = PipProgress(10e6)
    progress.read("Installing collected packages: mpmath, sympy, torch")

    assert progress.stage == "unpacking 3 packages"


def test_lines_of_a_progress_bar_are_not_kept() -> None:
    progress = PipProgress(10e6)

    assert [progress.read("Progress 1 of 2"), progress.read("Collecting sympy")] == [False, True]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", "index could not be reached"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build for this Python"),
        ("ssl.SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "certificate"),
        ("ERROR: Something new", "It said: Something new"),
    ],
)
def test_failures_are_told_in_a_sentence(line: str, message: str) -> None:
    assert message in explain_failure(["Collecting torch", line], "torch").message


def test_a_network_that_is_gone_is_not_taken_for_a_missing_package() -> None:
    lines = ["WARNING: broken by 'NewConnectionError(...)'", "ERROR: No matching distribution found for torch"]

    assert "could not be reached" in explain_failure(lines, "torch").message
