import json
from pathlib import Path

import pytest
import torch

from ml_backend.errors import BadInput, BadOutput
from ml_backend.motion.hints import Arrow, HintsFile, Region, motion_hints, read_hints, write_hints
from ml_backend.structures import RegionSpeed

_SHARED = Path(__file__).resolve().parents[3].parent / "shared"
_SQUARE = ((2.0, 1.0), (6.0, 1.0), (6.0, 4.0), (2.0, 4.0))


def _ours(**changes: object) -> dict[str, object]:
    content: dict[str, object] = {"format": "cinemagraph-hints/1", "width": 8, "height": 6}
    return {**content, "arrows": [{"start": [1, 2], "end": [6, 2]}], **changes}


def _read(folder: Path, content: object, *, width: int = 8, height: int = 6) -> HintsFile:
    path = folder / "hints.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_hints(path, width=width, height=height)


def _refused(folder: Path, content: object) -> str:
    with pytest.raises(BadInput) as caught:
        _read(folder, content)
    assert caught.value.hint
    return caught.value.message


def _labelme(*shapes: dict[str, object], width: int = 8, height: int = 6) -> dict[str, object]:
    return {"version": "5.0.2", "shapes": list(shapes), "imageWidth": width, "imageHeight": height}


def _shape(label: str, kind: str, *points: list[float]) -> dict[str, object]:
    return {"label": label, "shape_type": kind, "points": list(points)}


def test_an_arrow_is_the_way_of_fifty_frames(tmp_path: Path) -> None:
    hints = motion_hints(_read(tmp_path, _ours()))
    torch.testing.assert_close(hints.vectors, torch.tensor([[0.1, 0.0]]))


def test_frames_and_speed_change_the_velocity(tmp_path: Path) -> None:
    arrow = {"start": [1, 2], "end": [6, 4], "speed": 2.0}
    hints = motion_hints(_read(tmp_path, _ours(frames=10, arrows=[arrow])))
    torch.testing.assert_close(hints.vectors, torch.tensor([[1.0, 0.4]]))


def test_arrows_are_scaled_from_the_picture_to_the_photo(tmp_path: Path) -> None:
    hints = _read(tmp_path, _ours(), width=16, height=12)
    assert hints.arrows == (Arrow((2.0, 4.0), (12.0, 4.0)),)


def test_a_disabled_arrow_does_nothing(tmp_path: Path) -> None:
    arrow = {"start": [1, 2], "end": [1, 2], "enabled": False}
    assert len(motion_hints(_read(tmp_path, _ours(arrows=[arrow]))).starts) == 0


def test_forty_arrows_are_read(tmp_path: Path) -> None:
    arrows = [{"start": [1 + i / 10, 2], "end": [6, 3]} for i in range(40)]
    assert len(motion_hints(_read(tmp_path, _ours(arrows=arrows))).starts) == 40


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    hints = HintsFile(8, 6, (Arrow((1.5, 2.25), (3.0, 4.0), 0.5, False),), (Region("freeze", _SQUARE),), 25.0)
    write_hints(tmp_path / "hints.json", hints)
    assert read_hints(tmp_path / "hints.json", width=8, height=6) == hints


def test_writing_leaves_no_temporary_file(tmp_path: Path) -> None:
    write_hints(tmp_path / "hints.json", HintsFile(8, 6))
    assert [path.name for path in tmp_path.iterdir()] == ["hints.json"]


def test_a_missing_folder_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="cannot be written"):
        write_hints(tmp_path / "none" / "hints.json", HintsFile(8, 6))


def test_move_regions_are_the_mask() -> None:
    mask = motion_hints(HintsFile(8, 6, regions=(Region("move", _SQUARE),))).mask
    expected = torch.zeros(1, 6, 8)
    expected[:, 1:4, 2:6] = 1
    torch.testing.assert_close(mask, expected)


def test_a_mask_image_wins_over_move_regions() -> None:
    mask = motion_hints(HintsFile(8, 6, regions=(Region("move", _SQUARE),)), torch.full((1, 6, 8), 0.5)).mask
    assert (mask == 0.5).all()


def test_freeze_wins_over_everything() -> None:
    mask = motion_hints(HintsFile(8, 6, regions=(Region("freeze", _SQUARE),)), torch.ones(1, 6, 8)).mask
    assert not mask[:, 1:4, 2:6].any()
    assert mask.sum() == 8 * 6 - 12


def test_labelme_lines_named_hint_are_arrows_and_not_mask(tmp_path: Path) -> None:
    content = _labelme(_shape("hint0", "line", [0, 0], [5, 5]), _shape("water", "polygon", *[list(p) for p in _SQUARE]))
    hints = motion_hints(_read(tmp_path, content))
    torch.testing.assert_close(hints.vectors, torch.tensor([[0.1, 0.1]]))
    assert hints.mask[0, 0, 0] == 0


def test_labelme_rectangles_and_circles_move(tmp_path: Path) -> None:
    content = _labelme(
        _shape("a", "rectangle", [2, 1], [0, 0]), _shape("b", "circle", [50, 50], [50, 70]), width=100, height=75
    )
    mask = motion_hints(_read(tmp_path, content, width=100, height=75)).mask
    assert mask[0, 0, :3].tolist() == [1, 1, 0]
    assert float(mask.sum()) == pytest.approx(2 + torch.pi * 400, rel=0.01)  # a polygon of 64 corners


def test_labelme_shapes_named_freeze_stand(tmp_path: Path) -> None:
    hints = _read(tmp_path, _labelme(_shape("freeze rock", "polygon", *[list(p) for p in _SQUARE])))
    assert hints.regions == (Region("freeze", _SQUARE),)


@pytest.mark.skipif(not _SHARED.exists(), reason="shared/ is not beside the repository")
def test_the_authors_demo_file_is_read() -> None:
    path = _SHARED / "data" / "photos_fluid" / "c3d_demo0_labelme.json"
    hints = motion_hints(read_hints(path, width=1280, height=720))
    assert len(hints.starts) == 5
    assert 0.18 < float(hints.mask.mean()) < 0.2  # their mask image: 0.19


@pytest.mark.parametrize(
    ("arrow", "complaint"),
    [
        ({"start": [9, 2], "end": [6, 2]}, "arrow 2 starts at (9, 2), outside the picture"),
        ({"start": [3, 2], "end": [3, 2]}, "arrow 2 has no length"),
        ({"start": [3, "x"], "end": [3, 2]}, "arrow 2 has a point that is not two numbers"),
        ({"start": [3, 2]}, "arrow 2 has a point that is not two numbers"),
        ({"start": [3, 2], "end": [float("nan"), 2]}, "arrow 2 has a point that is not two numbers"),
        ({"start": [3, 2], "end": [4, 2], "speed": None}, "arrow 2 has a speed that is not a number"),
        ({"start": [3, 2], "end": [4, 2], "enabled": 1}, "arrow 2: enabled is neither true nor false"),
        ("north", "arrow 2 is not an object"),
    ],
)
def test_a_bad_arrow_is_named_by_its_number(tmp_path: Path, arrow: object, complaint: str) -> None:
    good = {"start": [1, 2], "end": [6, 2]}
    assert complaint in _refused(tmp_path, _ours(arrows=[good, arrow]))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ([], "is not a hints file"),
        ({"format": "cinemagraph-hints/2"}, 'found "cinemagraph-hints/2"'),
        ({}, "found null"),
        (_ours(width=None), "does not say the width"),
        (_ours(height=-4), "does not say the height"),
        (_ours(frames=0), "frames is not a positive number"),
        (_ours(arrows={}), "'arrows' is not a list"),
        (_ours(regions=[{"kind": "fly", "polygon": []}]), "region 1 has no kind"),
        (_ours(regions=[{"kind": "move", "polygon": [[0, 0], [1, 1]]}]), "region 1 has fewer than three corners"),
        (_ours(width=6, height=8), "was drawn on a picture of 6 x 8"),
        (_labelme(_shape("hint0", "point", [1, 1])), "arrow 1 (shape 1) has no end"),
        (_labelme(_shape("water", "line", [1, 1], [2, 2])), "shape 1 ('water') is a line"),
        (_labelme(_shape("water", "circle", [1, 1])), "shape 1 ('water') is not two points"),
        ({"shapes": [], "imageWidth": 8}, "does not say the height"),
        (_labelme({"label": 3}), "shape 1 has no label or no points"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, content: object, complaint: str) -> None:
    assert complaint in _refused(tmp_path, content)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hints.json"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(BadInput, match=r"hints\.json is not a JSON file"):
        read_hints(path, width=8, height=6)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_hints(tmp_path / "none.json", width=8, height=6)


def test_factors_survive_there_and_back(tmp_path: Path) -> None:
    hints = HintsFile(8, 6, speed=2.0, smoothing=0.5, region_speeds=(RegionSpeed(1.0, 2.0, 0.5),))
    write_hints(tmp_path / "hints.json", hints)
    assert read_hints(tmp_path / "hints.json", width=8, height=6) == hints


def test_places_of_region_speeds_grow_with_the_photo(tmp_path: Path) -> None:
    entry = {"x": 1, "y": 2, "speed": 0.5}
    hints = _read(tmp_path, _ours(region_speeds=[entry]), width=16, height=12)
    assert hints.region_speeds == (RegionSpeed(2.0, 4.0, 0.5),)


@pytest.mark.parametrize(
    ("key", "value"), [("speed", -1), ("smoothing", "much"), ("region_speeds", [{"x": 1, "speed": 1}])]
)
def test_a_wrong_factor_is_refused(tmp_path: Path, key: str, value: object) -> None:
    assert _refused(tmp_path, _ours(**{key: value}))


def test_freeze_picture_is_cut_out_of_the_mask() -> None:
    freeze = torch.zeros(1, 6, 8)
    freeze[:, :3] = 1
    mask = motion_hints(HintsFile(8, 6), torch.ones(1, 6, 8), freeze).mask
    torch.testing.assert_close(mask, 1 - freeze)
