"""The overlay's images are decoded and uploaded outside of drawing, one slice each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

import gpu  # noqa: E402
from cinemagraph.cinemagraph_addon import overlay_preparation  # noqa: E402


@pytest.fixture
def done(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was compiled and uploaded, in order; there is no GPU here."""
    calls: list[str] = []
    monkeypatch.setattr(gpu.texture, "from_image", lambda image: calls.append(image.name))
    yield calls
    overlay_preparation.forget()


@pytest.fixture
def image(done: list[str], photo: Path) -> bpy.types.Image:
    """A photo on the disk that nothing has looked at yet."""
    return bpy.data.images.load(str(photo))


def _is_ready(image: bpy.types.Image, done: list[str]) -> bool:
    return overlay_preparation.is_ready([image], lambda: done.append("shader"))


def _finish() -> int:
    """Run all slices; how many there were."""
    count = 1
    while overlay_preparation.next_slice() is not None:
        count += 1
    return count


def test_asking_does_no_work(image: bpy.types.Image, done: list[str]) -> None:
    assert (_is_ready(image, done), image.has_data, done) == (False, False, [])


def test_after_the_slices_all_is_ready(image: bpy.types.Image, done: list[str]) -> None:
    _is_ready(image, done)
    _finish()
    assert (_is_ready(image, done), image.has_data, done) == (True, True, ["shader", image.name])


def test_decoding_and_uploading_are_slices_of_their_own(image: bpy.types.Image, done: list[str]) -> None:
    _is_ready(image, done)
    seen = []
    while overlay_preparation.next_slice() is not None:
        seen.append((image.has_data, len(done)))
    assert seen == [(False, 1), (True, 1), (True, 2)]


def test_asking_again_meanwhile_begins_no_second_time(image: bpy.types.Image, done: list[str]) -> None:
    _is_ready(image, done)
    overlay_preparation.next_slice()
    _is_ready(image, done)
    _finish()
    assert done == ["shader", image.name]


def test_an_image_that_was_removed_meanwhile_is_left_out(image: bpy.types.Image, done: list[str]) -> None:
    _is_ready(image, done)
    overlay_preparation.next_slice()
    bpy.data.images.remove(image)
    _finish()
    assert done == ["shader"]


def test_a_broken_image_is_tried_once(image: bpy.types.Image, done: list[str], tmp_path: Path) -> None:
    image.filepath = str(tmp_path / "gone.png")
    _is_ready(image, done)
    _finish()
    assert (_is_ready(image, done), done) == (True, ["shader"])


def test_what_fails_is_left_to_the_drawing(image: bpy.types.Image, done: list[str]) -> None:
    def fail() -> None:
        raise RuntimeError("no shader")

    overlay_preparation.is_ready([image], fail)
    with pytest.raises(RuntimeError, match="no shader"):
        overlay_preparation.next_slice()
    assert _is_ready(image, done)
