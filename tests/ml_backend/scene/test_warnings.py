"""What the artist is told about a scene that may not be what was meant."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_backend.scene.folder import BuildOptions, BuiltScene, build_scene

WIDTH, HEIGHT = 48, 32
SIZE = BuildOptions(size=WIDTH)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bright sky over dark ground with stripes."""
    rows = np.linspace(250, 40, HEIGHT)[:, None, None] + 8 * np.sin(np.arange(WIDTH) * 1.7)[None, :, None]
    path = tmp_path_factory.mktemp("photo") / "lake.png"
    Image.fromarray(rows.repeat(3, axis=2).clip(0, 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def mask(photo: Path) -> Path:
    """The lower half moves."""
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[HEIGHT // 2 :] = 255
    return picture(photo.with_name("mask.png"), values)


def picture(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path)
    return path


def hints(path: Path, arrows: list[dict[str, object]], regions: list[dict[str, object]] | None = None) -> Path:
    content = {"format": "cinemagraph-hints/1", "width": WIDTH, "height": HEIGHT}
    path.write_text(json.dumps({**content, "arrows": arrows, "regions": regions or []}))
    return path


def arrow(x: float, y: float, **fields: object) -> dict[str, object]:
    return {"start": [x, y], "end": [x + 5, y], **fields}


def build(photo: Path, folder: Path, **options: object) -> BuiltScene:
    return build_scene(photo, folder, replace(SIZE, **options))


def test_freezing_everything_is_said(photo: Path, mask: Path, tmp_path: Path) -> None:
    everything = {"kind": "freeze", "polygon": [[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]]}
    drawn = hints(tmp_path / "hints.json", [arrow(20, 24)], [everything])

    assert build(photo, tmp_path / "scene", mask=mask, hints=drawn).warnings == (
        "Nothing moves: the freeze regions cover all that would. Make them smaller.",
    )


def test_arrow_far_from_what_moves_is_named_by_its_number_in_the_file(photo: Path, mask: Path, tmp_path: Path) -> None:
    drawn = hints(tmp_path / "hints.json", [arrow(20, 24), arrow(20, 2, enabled=False), arrow(30, 4)])

    assert build(photo, tmp_path / "scene", mask=mask, hints=drawn).warnings == (
        "Arrow 3 starts where nothing moves and is not used. Move the start into the mask's white.",
    )


def test_switched_off_arrows_alone_move_nothing(photo: Path, tmp_path: Path) -> None:
    drawn = hints(tmp_path / "hints.json", [arrow(20, 24, enabled=False)])

    assert build(photo, tmp_path / "scene", hints=drawn).warnings[0].startswith("Nothing moves")


def test_arrow_across_the_picture_in_a_few_frames_is_said(photo: Path, mask: Path, tmp_path: Path) -> None:
    drawn = hints(tmp_path / "hints.json", [{"start": [20, 24], "end": [520, 24]}])  # 10 pixels per frame

    assert "it will tear" in build(photo, tmp_path / "scene", mask=mask, hints=drawn).warnings[0]


def test_motion_file_leaves_mask_unused_and_says_so(photo: Path, mask: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "flow.npy", np.full((HEIGHT, WIDTH, 2), 0.5))

    assert build(photo, tmp_path / "scene", mask=mask, flow=tmp_path / "flow.npy").warnings == (
        "The motion file says how all of it moves: mask and arrows are not used.",
    )


def test_motion_file_of_zeros_is_said(photo: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "flow.npy", np.zeros((HEIGHT, WIDTH, 2)))

    assert build(photo, tmp_path / "scene", flow=tmp_path / "flow.npy").warnings == (
        "Nothing moves: the motion file is zero everywhere. Give pixels per frame.",
    )
