"""A scene folder: built, reused, read back, refused; and what the artist is told about it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ml_backend.errors import BackendError, BadInput, BadOutput, BadScene
from ml_backend.memory import require_memory
from ml_backend.scene_folder import BuildOptions, BuiltScene, build_scene, load_scene, read_scene_mask

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


@pytest.fixture
def built_dir(photo: Path, mask: Path, tmp_path: Path) -> Path:
    build_scene(photo, tmp_path / "scene", replace(SIZE, mask=mask))
    return tmp_path / "scene"


def picture(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path)
    return path


def hints(path: Path, arrows: list[dict[str, object]], regions: list[dict[str, object]] | None = None) -> Path:
    content = {"format": "cinemagraph-hints/1", "width": WIDTH, "height": HEIGHT}
    path.write_text(json.dumps({**content, "arrows": arrows, "regions": regions or []}))
    return path


def arrow(x: float, y: float, **fields: object) -> dict[str, object]:
    return {"start": [x, y], "end": [x + 5, y], **fields}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def build(photo: Path, folder: Path, **options: object) -> BuiltScene:
    return build_scene(photo, folder, replace(SIZE, **options))


def test_folder_holds_what_the_documentation_says(built_dir: Path) -> None:
    assert sorted(contents(built_dir)) == [
        "cloud/colors.npy",
        "cloud/layers.npy",
        "cloud/pixels.npy",
        "cloud/positions.npy",
        "depth.npy",
        "layers.safetensors",
        "mask.png",
        "motion.npy",
        "photo.png",
        "scene.json",
    ]


def test_scene_read_back_is_the_scene_that_was_built(photo: Path, mask: Path, tmp_path: Path) -> None:
    built = build(photo, tmp_path / "scene", mask=mask).scene
    read = load_scene(tmp_path / "scene")

    assert torch.equal(read.image, built.image)
    assert torch.equal(read.depth.depth, built.depth.depth)
    assert torch.equal(read.motion.flow, built.motion.flow)
    assert torch.equal(read.cloud.positions, built.cloud.positions)
    assert torch.equal(read.cloud.features, built.cloud.features)


def test_building_again_gives_the_same_bytes(photo: Path, mask: Path, built_dir: Path, tmp_path: Path) -> None:
    build(photo, tmp_path / "again", mask=mask)

    assert contents(tmp_path / "again") == contents(built_dir)


def test_new_motion_takes_over_depth_and_layers(photo: Path, built_dir: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    arrows = hints(tmp_path / "hints.json", [arrow(20, 24)])
    options = replace(SIZE, mask=built_dir / "mask.png", hints=arrows)
    build_scene(photo, built_dir, options, progress=lambda stage, fraction: stages.append(stage))

    assert "inpainting" not in stages
    assert (built_dir / "hints.json").exists()


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"size": 40}, {"depth": "depth.npy"}])
def test_what_changes_the_layers_makes_them_again(
    photo: Path, built_dir: Path, tmp_path: Path, options: dict[str, object]
) -> None:
    stages: list[str] = []
    np.save(tmp_path / "depth.npy", np.linspace(9.0, 1.0, HEIGHT)[:, None].repeat(WIDTH, axis=1))
    if "depth" in options:
        options = {"depth": tmp_path / str(options["depth"])}
    build_scene(photo, built_dir, replace(SIZE, **options), progress=lambda stage, fraction: stages.append(stage))

    assert "inpainting" in stages


def test_depth_kind_tells_how_floats_are_read(photo: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "depth.npy", np.linspace(1.0, 9.0, HEIGHT)[:, None].repeat(WIDTH, axis=1))
    as_depth = build(photo, tmp_path / "a", depth=tmp_path / "depth.npy").scene.depth.depth
    as_disparity = build(photo, tmp_path / "b", depth=tmp_path / "depth.npy", depth_kind="inverse").scene.depth.depth

    assert as_depth[0, 0, 0] < as_depth[0, -1, 0]
    assert as_disparity[0, 0, 0] > as_disparity[0, -1, 0]


def test_files_of_others_in_the_folder_stay(photo: Path, built_dir: Path) -> None:
    (built_dir / "notes.txt").write_text("mine")
    build(photo, built_dir, num_layers=2)

    assert (built_dir / "notes.txt").read_text() == "mine"


def test_photo_in_a_folder_that_is_no_scene_is_not_overwritten(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo.read_bytes())
    with pytest.raises(BadOutput, match=r"photo\.png would be overwritten"):
        build(tmp_path / "photo.png", tmp_path)

    assert contents(tmp_path) == {"photo.png": photo.read_bytes()}


def test_current_folder_can_be_the_scene(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    build(photo, Path())

    assert load_scene(tmp_path).image.shape == (3, HEIGHT, WIDTH)


def test_failure_keeps_the_old_scene(photo: Path, built_dir: Path, tmp_path: Path) -> None:
    before = contents(built_dir)
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(BadInput):
        build(photo, built_dir, hints=tmp_path / "bad.json")

    assert contents(built_dir) == before


def test_failure_leaves_no_folder(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*none\.npy"):
        build(photo, tmp_path / "scene", depth=tmp_path / "none.npy")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 100_000}, {"num_layers": 1}, {"num_layers": 7}])
def test_impossible_options_are_refused(photo: Path, tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        build(photo, tmp_path / "scene", **options)


def test_more_memory_than_there_is_is_refused_with_a_smaller_size() -> None:
    with pytest.raises(BackendError, match=r"about 24 GiB of memory, 8\.5 GiB are free.*--size"):
        require_memory("A scene", 24.0, 8.5)


def test_unknown_memory_is_enough() -> None:
    require_memory("A scene", 24.0, None)


def test_place_that_is_no_scene_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadScene, match=r"is not a scene folder"):
        load_scene(tmp_path)


def test_picture_is_no_scene(photo: Path) -> None:
    with pytest.raises(BadScene, match=r"is not a scene folder"):
        load_scene(photo)


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "text"])
@pytest.mark.parametrize("name", ["photo.png", "depth.npy", "motion.npy", "layers.safetensors", "scene.json"])
def test_damaged_scene_is_told(built_dir: Path, name: str, damage: str) -> None:
    path = built_dir / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "text": b"hello"}[damage])
    with pytest.raises(BadScene):
        load_scene(built_dir)


def test_scene_of_another_version_is_told(built_dir: Path) -> None:
    (built_dir / "scene.json").write_text('{"format": "cinemagraph-scene/99"}')
    with pytest.raises(BadScene, match="cinemagraph-scene/99"):
        load_scene(built_dir)


@pytest.mark.parametrize("change", [{"intrinsics": [1]}, {"width": "x"}, {"border": None}, {"width": 1, "height": 1}])
def test_nonsense_in_the_description_is_told(built_dir: Path, change: dict[str, object]) -> None:
    path = built_dir / "scene.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(BadScene):
        load_scene(built_dir)


def test_mask_is_kept_for_the_contact_sheet(built_dir: Path) -> None:
    kept = read_scene_mask(built_dir)

    assert kept is not None
    assert kept[0, 0, 0] == 0
    assert kept[0, -1, 0] == 1


def test_no_mask_is_said_and_built(photo: Path, tmp_path: Path) -> None:
    assert build(photo, tmp_path / "scene").warnings[0].startswith("Nothing moves: there is no mask.")


def test_black_mask_is_said(photo: Path, tmp_path: Path) -> None:
    black = picture(tmp_path / "black.png", np.zeros((HEIGHT, WIDTH), np.uint8))

    assert build(photo, tmp_path / "scene", mask=black).warnings == (
        "Nothing moves: the mask is black. Paint what flows white.",
    )


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


def test_arrows_without_a_mask_move_all_and_say_so(photo: Path, tmp_path: Path) -> None:
    drawn = hints(tmp_path / "hints.json", [arrow(20, 24)])

    assert build(photo, tmp_path / "scene", hints=drawn).warnings[0].startswith("The whole picture moves.")


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
