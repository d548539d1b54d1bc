import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ml_backend.errors import BackendError, BadInput, BadOutput, BadScene, Cancelled
from ml_backend.loop import Loop
from ml_backend.motion.hints import Arrow, HintsFile, write_hints
from ml_backend.scene.folder import FORMAT, BuildOptions, BuiltScene, build_scene, load_scene, read_scene_mask
from ml_backend.structures import Progress, Scene, no_progress

_HEIGHT, _WIDTH = 48, 72
_DEPTH_FILES = ("photo.png", "depth.npy", "layers.safetensors", "cloud/positions.npy")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photo.png, depth.npy, hints.json, and masks named by what they are."""
    folder = tmp_path_factory.mktemp("inputs")
    noise = np.random.default_rng(0).integers(60, 190, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "photo.png")
    depth = np.full((_HEIGHT, _WIDTH), 4.0, np.float32)
    depth[16:40, 24:44] = 1.0
    np.save(folder / "depth.npy", depth)
    np.save(folder / "flat.npy", np.linspace(3.0, 3.0001, _HEIGHT * _WIDTH).reshape(_HEIGHT, _WIDTH))
    for name, columns in (("left", slice(0, 20)), ("right", slice(50, 72)), ("black", slice(0, 0))):
        mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
        mask[30:, columns] = 255
        Image.fromarray(mask).save(folder / f"{name}.png")
    write_hints(folder / "hints.json", HintsFile(_WIDTH, _HEIGHT, (Arrow((10.5, 40.5), (50.5, 40.5)),)))
    return folder


@pytest.fixture(scope="module")
def built(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder that tests read, or copy before they change it."""
    folder = tmp_path_factory.mktemp("built") / "lake.cinemagraph"
    build_scene(inputs / "photo.png", folder, _options(inputs, mask="left"))
    return folder


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "lake.cinemagraph"))


def _options(inputs: Path, *, mask: str = "", hints: bool = False, depth: str = "depth") -> BuildOptions:
    return BuildOptions(
        mask=inputs / f"{mask}.png" if mask else None,
        hints=inputs / "hints.json" if hints else None,
        depth=inputs / f"{depth}.npy",
    )


def _build(
    inputs: Path, folder: Path, *, mask: str = "", hints: bool = False, progress: Progress = no_progress
) -> BuiltScene:
    return build_scene(inputs / "photo.png", folder, _options(inputs, mask=mask, hints=hints), progress=progress)


def _content(folder: Path, names: tuple[str, ...] = _DEPTH_FILES) -> list[bytes]:
    return [(folder / name).read_bytes() for name in names]


def _tensors(scene: Scene) -> dict[str, Tensor]:
    return {
        "image": scene.image,
        "depth": scene.depth.depth,
        "flow": scene.motion.flow,
        "layer colours": scene.ldi.colors,
        "alphas": scene.ldi.alphas,
        "layer depths": scene.ldi.depths,
        "inpainted": scene.ldi.inpainted,
        "positions": scene.cloud.positions,
        "features": scene.cloud.features,
        "intrinsics": scene.camera.intrinsics,
    }


def test_loaded_scene_is_the_built_one(inputs: Path, tmp_path: Path) -> None:
    written = _tensors(_build(inputs, tmp_path / "scene", mask="left").scene)
    loaded = _tensors(load_scene(tmp_path / "scene"))

    assert [name for name in written if not torch.equal(written[name], loaded[name])] == []


def test_loaded_scene_renders_the_same_bytes(inputs: Path, tmp_path: Path) -> None:
    built = _build(inputs, tmp_path / "scene", mask="left").scene
    loaded = load_scene(tmp_path / "scene")

    assert torch.equal(Loop(built, 6).render(built.camera, 4).rgb, Loop(loaded, 6).render(loaded.camera, 4).rgb)


def test_building_again_writes_the_same_bytes(built: Path, inputs: Path, tmp_path: Path) -> None:
    _build(inputs, tmp_path / "again", mask="left")
    names = tuple(sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()))

    assert _content(tmp_path / "again", names) == _content(built, names)


def test_folder_holds_what_it_promises(built: Path) -> None:
    description = json.loads((built / "scene.json").read_text(encoding="utf-8"))

    assert description["format"] == FORMAT
    assert (description["width"], description["height"]) == (_WIDTH, _HEIGHT)
    assert description["num_points"] == len(np.load(built / "cloud" / "positions.npy"))


def test_cloud_arrays_have_one_row_per_point(built: Path) -> None:
    lengths = {len(np.load(path)) for path in (built / "cloud").glob("*.npy")}

    assert len(lengths) == 1


def test_mask_is_kept_as_the_artist_gave_it(built: Path) -> None:
    mask = read_scene_mask(built)

    assert mask is not None
    assert bool((mask[:, 30:, :20] == 1).all())
    assert int((mask > 0).sum()) == 18 * 20


def test_scene_without_mask_has_none(inputs: Path, tmp_path: Path) -> None:
    _build(inputs, tmp_path / "scene")

    assert read_scene_mask(tmp_path / "scene") is None


def test_arrows_are_kept(inputs: Path, tmp_path: Path) -> None:
    _build(inputs, tmp_path / "scene", mask="left", hints=True)

    assert len(json.loads((tmp_path / "scene" / "hints.json").read_text(encoding="utf-8"))["arrows"]) == 1


def test_another_mask_takes_depth_and_layers_over(inputs: Path, copied: Path) -> None:
    stages: list[str] = []
    before = _content(copied)
    _build(inputs, copied, mask="right", progress=lambda stage, fraction: stages.append(stage))

    assert _content(copied) == before
    assert not {"depth", "layers", "inpainting"} & set(stages)


def test_another_mask_moves_other_water(inputs: Path, copied: Path) -> None:
    _build(inputs, copied, mask="right")
    flow = load_scene(copied).motion.flow

    assert not flow[..., :45].any()
    assert bool(flow[..., 55:].any())


def test_mask_that_was_taken_away_is_gone(inputs: Path, copied: Path) -> None:
    _build(inputs, copied)

    assert read_scene_mask(copied) is None


@pytest.mark.parametrize("change", ["photo", "depth", "size", "layers"])
def test_layers_are_made_again_when_their_input_changes(
    change: str, inputs: Path, copied: Path, tmp_path: Path
) -> None:
    photo, depth = tmp_path / "photo.png", tmp_path / "depth.npy"
    shutil.copy(inputs / "photo.png", photo)
    shutil.copy(inputs / "depth.npy", depth)
    if change == "photo":
        Image.fromarray(np.full((_HEIGHT, _WIDTH, 3), 90, np.uint8)).save(photo)
    elif change == "depth":
        np.save(depth, np.load(depth) ** 2 + 1)
    options = BuildOptions(
        depth=depth, size=64 if change == "size" else 1280, num_layers=3 if change == "layers" else None
    )
    stages: list[str] = []
    build_scene(photo, copied, options, progress=lambda stage, fraction: stages.append(stage))

    assert "inpainting" in stages


def test_damaged_folder_is_built_anew(inputs: Path, copied: Path) -> None:
    (copied / "layers.safetensors").write_bytes(b"damaged")
    _build(inputs, copied, mask="left")

    assert len(load_scene(copied).cloud.layers) > _WIDTH * _HEIGHT


def test_files_of_the_user_are_kept(inputs: Path, copied: Path) -> None:
    (copied / "notes.txt").write_text("mine", encoding="utf-8")
    (copied / "shots").mkdir()
    (copied / "shots" / "01.png").write_bytes(b"picture")
    _build(inputs, copied, mask="right")

    assert (copied / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (copied / "shots" / "01.png").read_bytes() == b"picture"


@pytest.mark.parametrize("stage", ["depth", "layers", "inpainting", "motion", "writing"])
def test_interrupted_build_leaves_nothing_behind(stage: str, inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        _build(inputs, tmp_path / "scene", mask="left", progress=_stopping_at(stage))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["motion", "writing"])
def test_interrupted_rebuild_keeps_the_old_scene(stage: str, inputs: Path, copied: Path) -> None:
    before = _content(copied, (*_DEPTH_FILES, "scene.json", "mask.png", "motion.npy"))
    with pytest.raises(Cancelled):
        _build(inputs, copied, mask="right", progress=_stopping_at(stage))

    assert _content(copied, (*_DEPTH_FILES, "scene.json", "mask.png", "motion.npy")) == before
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]


def _stopping_at(stage: str) -> Progress:
    def stop(reached: str, fraction: float) -> None:
        if reached == stage:
            raise Cancelled("stopped")

    return stop


def test_nothing_but_the_scene_is_left_after_building(inputs: Path, tmp_path: Path) -> None:
    _build(inputs, tmp_path / "scene")

    assert [path.name for path in tmp_path.iterdir()] == ["scene"]


def test_place_that_is_a_file_is_refused(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "scene").write_text("not a folder", encoding="utf-8")

    with pytest.raises(BadOutput):
        _build(inputs, tmp_path / "scene")
    assert [path.name for path in tmp_path.iterdir()] == ["scene"]
    assert (tmp_path / "scene").read_text(encoding="utf-8") == "not a folder"


def _cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut layers": lambda folder: _cut_in_half(folder / "layers.safetensors"),
    "cut depth": lambda folder: _cut_in_half(folder / "depth.npy"),
    "cut description": lambda folder: _cut_in_half(folder / "scene.json"),
    "empty description": lambda folder: (folder / "scene.json").write_text(""),
    "description is a list": lambda folder: (folder / "scene.json").write_text("[]"),
    "description is not text": lambda folder: (folder / "scene.json").write_bytes(b"\xff\xfe\x00"),
    "only the format": lambda folder: (folder / "scene.json").write_text(json.dumps({"format": FORMAT})),
    "empty motion": lambda folder: (folder / "motion.npy").write_bytes(b""),
    "motion of another shape": lambda folder: np.save(folder / "motion.npy", np.zeros((3, 4))),
    "depth that pickles": lambda folder: np.save(folder / "depth.npy", np.array([{}]), allow_pickle=True),
    "photo gone": lambda folder: (folder / "photo.png").unlink(),
    "layers gone": lambda folder: (folder / "layers.safetensors").unlink(),
    "photo is no photo": lambda folder: (folder / "photo.png").write_bytes(b"text"),
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_damaged_folder_is_one_clear_error(damage: str, copied: Path) -> None:
    _DAMAGES[damage](copied)

    with pytest.raises(BadScene) as caught:
        load_scene(copied)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["depth.npy", "motion.npy"])
def test_array_of_another_size_than_the_photo_is_damage(name: str, copied: Path) -> None:
    np.save(copied / name, np.load(copied / name)[:-1])

    with pytest.raises(BadScene):
        load_scene(copied)


@pytest.mark.parametrize("place", ["nowhere", "."])
def test_folder_that_is_no_scene_is_named(place: str, tmp_path: Path) -> None:
    with pytest.raises(BadScene, match=r"scene\.json"):
        load_scene(tmp_path / place)


def test_scene_of_another_version_is_refused_by_version(copied: Path) -> None:
    description = json.loads((copied / "scene.json").read_text(encoding="utf-8"))
    (copied / "scene.json").write_text(json.dumps({**description, "format": "cinemagraph-scene/99"}))

    with pytest.raises(BadScene, match="cinemagraph-scene/99"):
        load_scene(copied)


def test_no_mask_is_a_still_scene_and_a_warning(inputs: Path, tmp_path: Path) -> None:
    built = _build(inputs, tmp_path / "scene")

    assert not built.scene.motion.flow.any()
    assert len(built.warnings) == 1
    assert "no mask" in built.warnings[0]


def test_black_mask_is_a_still_scene_and_a_warning(inputs: Path, tmp_path: Path) -> None:
    built = _build(inputs, tmp_path / "scene", mask="black")

    assert not built.scene.motion.flow.any()
    assert "mask is black" in built.warnings[0]


def test_arrows_without_a_mask_move_everything_and_warn(inputs: Path, tmp_path: Path) -> None:
    built = _build(inputs, tmp_path / "scene", hints=True)

    assert bool((built.scene.motion.flow != 0).any(dim=0).all())
    assert "whole picture moves" in built.warnings[0]


def test_mask_with_arrows_gives_no_warning(inputs: Path, tmp_path: Path) -> None:
    assert _build(inputs, tmp_path / "scene", mask="left", hints=True).warnings == ()


def test_nearly_constant_depth_warns_that_there_is_no_parallax(inputs: Path, tmp_path: Path) -> None:
    options = _options(inputs, mask="left", depth="flat")
    built = build_scene(inputs / "photo.png", tmp_path / "scene", options)

    assert "parallax" in built.warnings[0]


@pytest.mark.parametrize("num_layers", [1, 7, -2])
def test_impossible_number_of_layers_is_refused(num_layers: int, inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(num_layers)):
        build_scene(inputs / "photo.png", tmp_path / "scene", BuildOptions(num_layers=num_layers))


@pytest.mark.parametrize("missing", ["photo", "mask", "depth", "hints", "flow"])
def test_missing_file_is_one_clear_error(missing: str, inputs: Path, tmp_path: Path) -> None:
    photo = tmp_path / "gone" if missing == "photo" else inputs / "photo.png"
    options = BuildOptions(**({} if missing == "photo" else {missing: tmp_path / "gone"}))

    with pytest.raises(BackendError, match="gone"):
        build_scene(photo, tmp_path / "scene", options)
    assert not (tmp_path / "scene").exists()


def test_depth_kind_tells_how_floats_are_read(inputs: Path, tmp_path: Path) -> None:
    options = _options(inputs)
    as_depth = build_scene(inputs / "photo.png", tmp_path / "a", options).scene.depth.depth
    as_disparity = build_scene(inputs / "photo.png", tmp_path / "a", replace(options, depth_kind="inverse"))

    assert as_depth[0, 20, 30] < as_depth[0, 0, 0]
    assert as_disparity.scene.depth.depth[0, 20, 30] > as_disparity.scene.depth.depth[0, 0, 0]


def test_photo_in_a_folder_that_is_no_scene_is_not_overwritten(inputs: Path) -> None:
    before = (inputs / "photo.png").read_bytes()
    with pytest.raises(BadOutput, match=r"photo\.png would be overwritten"):
        _build(inputs, inputs)

    assert (inputs / "photo.png").read_bytes() == before


def test_current_folder_can_be_the_scene(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _build(inputs, Path())

    assert load_scene(tmp_path).image.shape == (3, _HEIGHT, _WIDTH)


@pytest.mark.parametrize("size", [0, 15, 100_000])
def test_impossible_working_size_is_refused(size: int, inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(size)):
        build_scene(inputs / "photo.png", tmp_path / "scene", BuildOptions(size=size))


def test_picture_is_no_scene(inputs: Path) -> None:
    with pytest.raises(BadScene, match="is not a scene folder"):
        load_scene(inputs / "photo.png")
