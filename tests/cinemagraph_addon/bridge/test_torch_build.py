"""Which PyTorch is chosen for which computer."""

import pytest
from cinemagraph.cinemagraph_addon.bridge.torch_build import choose_build


@pytest.mark.parametrize(
    ("choice", "has_driver", "name"),
    [("AUTO", True, "CUDA"), ("AUTO", False, "CPU"), ("CPU", True, "CPU"), ("CUDA", False, "CUDA")],
)
def test_automatic_follows_the_driver_and_a_choice_is_obeyed(choice: str, has_driver: bool, name: str) -> None:
    assert choose_build(choice, system="Linux", has_nvidia_driver=has_driver).name == name


def test_macs_have_one_build() -> None:
    build = choose_build("CUDA", system="Darwin", has_nvidia_driver=False)

    assert (build.name, build.index) == ("CPU", None)


def test_windows_finds_cuda_on_its_own_index() -> None:
    build = choose_build("CUDA", system="Windows", has_nvidia_driver=True)

    assert build.index is not None
    assert build.index.endswith("/cu130")


def test_the_small_build_has_its_own_index_on_linux() -> None:
    build = choose_build("CPU", system="Linux", has_nvidia_driver=False)

    assert build.index is not None
    assert build.index.endswith("/cpu")
