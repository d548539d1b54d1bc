"""New motion for a scene that is there: what is rewritten, what stays, and that a failure changes nothing."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml_backend.errors import BadInput, Cancelled
from ml_backend.motion.hints import Arrow, HintsFile, read_hints, write_hints
from ml_backend.protocol import EstimateMotion, GuessMotion
from ml_backend.scene.drawing import MotionOptions
from ml_backend.scene.folder import BuildOptions, build_scene, load_scene
from ml_backend.scene.motion import estimate_scene_motion
from ml_backend.service.jobs import Jobs
from ml_backend.structures import no_progress

_HEIGHT, _WIDTH = 48, 72
_STATIC = ("photo.png", "depth.npy", "layers.safetensors", "cloud/positions.npy", "relief/quads.npy")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photo.png, hints.json with one arrow at the left, and the masks left, right, and black."""
    folder = tmp_path_factory.mktemp("inputs")
    noise = np.random.default_rng(0).integers(60, 190, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "photo.png")
    for name, columns in (("left", slice(0, 20)), ("right", slice(50, 72)), ("black", slice(0, 0))):
        mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
        mask[30:, columns] = 255
        Image.fromarray(mask).save(folder / f"{name}.png")
    write_hints(folder / "hints.json", HintsFile(_WIDTH, _HEIGHT, (Arrow((10.5, 40.5), (60.5, 40.5)),)))
    return folder


@pytest.fixture(scope="module")
def still(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene folder where nothing moves."""
    folder = tmp_path_factory.mktemp("still") / "lake"
    build_scene(inputs / "photo.png", folder)
    return folder


@pytest.fixture
def folder(still: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(still, tmp_path / "lake"))


def _estimate(folder: Path, options: MotionOptions) -> tuple[str, ...]:
    return estimate_scene_motion(load_scene(folder), folder, options).warnings


def _motion(folder: Path) -> np.ndarray:
    return np.load(folder / "motion.npy")


def _content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_mask_moves_and_nothing_else(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png"))
    moving = np.abs(_motion(folder)).sum(axis=-1) > 0
    assert np.array_equal(moving, np.asarray(Image.open(inputs / "left.png")) > 0)


def test_the_arrow_says_how_it_moves(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", hints=inputs / "hints.json"))
    assert _motion(folder)[40, 10] == pytest.approx([1.0, 0.0], abs=0.05)


def test_speed_takes_the_place_of_the_files(folder: Path, inputs: Path) -> None:
    options = MotionOptions(mask=inputs / "left.png", hints=inputs / "hints.json", speed=0.5)
    _estimate(folder, options)
    assert _motion(folder)[40, 10] == pytest.approx([0.5, 0.0], abs=0.03)


def test_what_was_drawn_gives_the_same_motion_from_the_folder_alone(folder: Path, inputs: Path) -> None:
    options = MotionOptions(
        mask=inputs / "left.png",
        freeze=inputs / "right.png",
        hints=inputs / "hints.json",
        speed=2.0,
        smoothing=0.3,
        region_speeds=((0.1, 0.9, 0.5),),
    )
    _estimate(folder, options)
    before = _motion(folder)
    kept = MotionOptions(folder / "mask.png", folder / "freeze.png", folder / "hints.json")
    _estimate(folder, kept)
    assert np.array_equal(_motion(folder), before)


def test_frozen_water_stands_still(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", freeze=inputs / "left.png"))
    assert not _motion(folder).any()


def test_all_frozen_says_what_to_erase(folder: Path, inputs: Path) -> None:
    warnings = _estimate(folder, MotionOptions(mask=inputs / "left.png", freeze=inputs / "left.png"))
    assert warnings[0] == "Nothing moves: the freeze mask covers all that would. Erase some of it."


def test_the_folder_says_which_factors_were_used(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", speed=2.0, region_speeds=((0.1, 0.9, 0.5),)))
    hints = read_hints(folder / "hints.json", width=_WIDTH, height=_HEIGHT)
    assert (hints.speed, hints.region_speeds[0].speed, hints.region_speeds[0].x) == (2.0, 0.5, pytest.approx(7.2))


def test_depth_layers_and_points_are_untouched(folder: Path, inputs: Path) -> None:
    before = _content(folder)
    _estimate(folder, MotionOptions(mask=inputs / "left.png"))
    after = _content(folder)
    assert [name for name in _STATIC if before[name] != after[name]] == []


def test_motion_flow_and_pictures_are_written(folder: Path, inputs: Path) -> None:
    before = _content(folder)
    _estimate(folder, MotionOptions(mask=inputs / "left.png", freeze=inputs / "right.png"))
    after = _content(folder)
    assert {name for name in after if after[name] != before.get(name)} == {
        *("motion.npy", "cloud/flow.npy", "flow.png", "mask.png", "freeze.png"),
        "cloud/flow_bend.npy",
    }


def test_the_picture_is_white_where_it_stands_still(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", hints=inputs / "hints.json"))
    picture = np.asarray(Image.open(folder / "flow.png").convert("RGB"))
    red, green, _ = picture[40, 10].tolist()
    assert (picture[0, 0].tolist(), red, green < 255) == ([255, 255, 255], 255, True)


def test_what_is_not_drawn_any_more_is_gone(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", freeze=inputs / "right.png", hints=inputs / "hints.json"))
    _estimate(folder, MotionOptions(mask=inputs / "left.png"))
    assert not [name for name in ("freeze.png", "hints.json") if (folder / name).exists()]


@pytest.mark.parametrize("stage", ["motion", "writing"])
def test_stopping_changes_nothing(stage: str, folder: Path, inputs: Path) -> None:
    def progress(name: str, fraction: float) -> None:
        if name == stage:
            raise Cancelled("stop")

    before = _content(folder)
    with pytest.raises(Cancelled):
        estimate_scene_motion(load_scene(folder), folder, MotionOptions(mask=inputs / "left.png"), progress=progress)
    assert _content(folder) == before


def test_a_damaged_mask_changes_nothing(folder: Path, inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes((inputs / "left.png").read_bytes()[:40])
    before = _content(folder)
    with pytest.raises(BadInput):
        _estimate(folder, MotionOptions(mask=tmp_path / "bad.png"))
    assert _content(folder) == before


def test_building_again_keeps_nothing_of_the_old_drawing(folder: Path, inputs: Path) -> None:
    _estimate(folder, MotionOptions(mask=inputs / "left.png", freeze=inputs / "right.png", speed=2.0))
    build_scene(inputs / "photo.png", folder, BuildOptions())
    assert not [name for name in ("mask.png", "freeze.png", "hints.json") if (folder / name).exists()]


def test_guess_that_finds_nothing_says_what_to_paint(tmp_path: Path) -> None:
    Image.fromarray(np.full((_HEIGHT, _WIDTH, 3), (150, 100, 50), np.uint8)).save(tmp_path / "sand.png")
    built = build_scene(tmp_path / "sand.png", tmp_path / "sand", BuildOptions(guess_motion=True))
    assert built.warnings[0].startswith("Nothing moves: no water and no clouds were found in the photo.")


def test_mask_that_was_given_is_not_guessed(inputs: Path, tmp_path: Path) -> None:
    options = BuildOptions(mask=inputs / "left.png", guess_motion=True)
    build_scene(inputs / "photo.png", tmp_path / "lake", options)
    assert (_motion(tmp_path / "lake")[:, 20:] == 0).all()


def test_a_message_renders_from_memory_afterwards(folder: Path, inputs: Path) -> None:
    loads = []

    def load(path: Path) -> object:
        loads.append(path)
        return load_scene(path)

    jobs = Jobs(load=load)
    jobs.perform(EstimateMotion(1, str(folder), mask=str(inputs / "left.png")), no_progress)
    jobs.perform(EstimateMotion(2, str(folder), mask=str(inputs / "right.png")), no_progress)
    assert len(loads) == 1


def test_a_message_is_answered_with_regions_on_the_photo(folder: Path, inputs: Path) -> None:
    values = Jobs().perform(EstimateMotion(1, str(folder), mask=str(inputs / "left.png"), speed=2.0), no_progress)
    region = values["regions"][0]
    assert (len(values["regions"]), region["x"] < 0.3, region["y"] > 0.6, region["arrows"]) == (1, True, True, 0)


def test_guess_of_a_photo_alone_gives_its_files_and_arrows(tmp_path: Path) -> None:
    photo = np.zeros((60, 90, 3), np.uint8)
    photo[:24], photo[24:] = (230, 235, 240), (30, 80, 130)
    photo += np.random.default_rng(0).integers(0, 6, photo.shape, dtype=np.uint8)
    Image.fromarray(photo).save(tmp_path / "sea.png")
    values = Jobs().perform(GuessMotion(1, str(tmp_path / "sea.png"), str(tmp_path)), no_progress)
    with Image.open(str(values["mask"])) as mask:
        found = mask.size
    assert (found, len(json.loads(json.dumps(values))["arrows"]) >= 1) == ((90, 60), True)
