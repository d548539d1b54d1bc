"""The command line without a window, by its `main`: `blender -c` exists in the binary only."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.command_line import main  # noqa: E402

UseBackend = Callable[[str], None]


@pytest.fixture
def backend(scene: bpy.types.Scene, use_backend: UseBackend) -> UseBackend:
    """A fresh Blender with the fake backend, which another mode can replace."""
    use_backend("good")
    return use_backend


@pytest.fixture
def blend(backend: UseBackend, photo: Path, tmp_path: Path) -> Path:
    """A .blend that the command line built of the photo, with a loop of 3 frames."""
    path = tmp_path / "lake.blend"
    assert main(["build", str(photo), "-o", str(path), "--frames", "3", "--fps", "30"]) == 0
    return path


def test_build_makes_a_file_that_opens_with_the_scene(blend: Path) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    settings = bpy.context.scene.cinemagraph
    assert (settings.is_built, settings.photo, settings.scene_dir) == (True, "//photo.png", "//photo.cinemagraph")


def test_build_adds_the_camera_and_sets_length_and_speed(blend: Path) -> None:
    scene = bpy.context.scene
    assert (scene.camera.name, scene.frame_end, scene.render.fps) == ("Camera Circle", 3, 30)


def test_build_writes_beside_the_photo_unless_told(backend: UseBackend, photo: Path) -> None:
    assert main(["build", str(photo)]) == 0
    assert photo.with_suffix(".blend").is_file()


def test_build_keeps_a_file_that_is_there(blend: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = blend.read_bytes()
    code = main(["build", str(photo), "-o", str(blend)])
    assert (code, blend.read_bytes() == before, "may hold work" in capsys.readouterr().err) == (4, True, True)


def test_build_passes_files_on(backend: UseBackend, photo: Path, tmp_path: Path) -> None:
    shutil.copy(photo, tmp_path / "water.png")
    main(["build", str(photo), "-o", str(tmp_path / "a.blend"), "--mask", str(tmp_path / "water.png")])
    assert bpy.context.scene.cinemagraph.mask == "//water.png"


def test_progress_is_on_stdout(blend: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["render", str(blend)])
    assert "Frame 2 (2 of 3)" in capsys.readouterr().out


def test_stages_of_building_are_on_stdout(backend: UseBackend, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["build", str(photo)])
    assert "Build Scene: showing the points" in capsys.readouterr().out


def test_render_writes_what_the_file_says(blend: Path) -> None:
    assert main(["render", str(blend)]) == 0
    assert sorted(p.name for p in (blend.parent / "frames").iterdir()) == ["0001.png", "0002.png", "0003.png"]


def test_render_of_a_part_is_that_part_of_the_loop(blend: Path) -> None:
    assert main(["render", str(blend), "--frames", "3:3"]) == 0
    request = json.loads((blend.parent / "photo.cinemagraph" / "last_request.json").read_text())
    assert (request["frame"], [p.name for p in (blend.parent / "frames").iterdir()]) == (2, ["0003.png"])


@pytest.mark.parametrize(("format", "name"), [("exr", "0001.exr"), ("png16", "0001.png")])
def test_render_writes_other_formats(blend: Path, tmp_path: Path, format: str, name: str) -> None:
    assert main(["render", str(blend), "-o", str(tmp_path / "out"), "--format", format, "--frames", "1:1"]) == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == [name]


def test_render_writes_a_video_by_its_ending(blend: Path, tmp_path: Path) -> None:
    assert main(["render", str(blend), "-o", str(tmp_path / "loop.mp4")]) == 0
    assert (tmp_path / "loop.mp4").stat().st_size > 500


def test_a_video_of_an_odd_frame_is_one_row_larger(backend: UseBackend, photo: Path, tmp_path: Path) -> None:
    # Blender refuses to write one; the fake backend cannot draw beyond the photo, so that the frames are smaller.
    assert main(["build", str(photo), "-o", str(tmp_path / "odd.blend"), "--frames", "2"]) == 0
    bpy.context.scene.render.resolution_y = 51
    bpy.ops.wm.save_mainfile()
    assert main(["render", str(tmp_path / "odd.blend"), "-o", str(tmp_path / "odd.mp4")]) == 0
    assert bpy.context.scene.render.resolution_y == 52


def test_render_leaves_the_file_as_it_was(blend: Path, tmp_path: Path) -> None:
    before = blend.read_bytes()
    main(["render", str(blend), "-o", str(tmp_path / "out"), "--format", "exr", "--frames", "2:2"])
    assert blend.read_bytes() == before


def test_rendered_frames_are_the_photo(blend: Path, photo: Path) -> None:
    main(["render", str(blend), "--frames", "1:1"])
    frame = np.asarray(Image.open(blend.parent / "frames" / "0001.png"))
    assert np.array_equal(frame[..., :3], np.asarray(Image.open(photo)))


def _code(arguments: list[object]) -> int:
    return main([str(argument) for argument in arguments])


def test_wrong_input_is_2(backend: UseBackend, blend: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.jpg"
    lines = (["build", missing], ["render", missing], ["build"], ["dance"], ["render", blend, "--frames", "9:1"])
    assert [_code(line) for line in lines] == [2, 2, 2, 2, 2]


def test_a_missing_scene_folder_is_3(blend: Path) -> None:
    shutil.rmtree(blend.parent / "photo.cinemagraph")
    assert main(["render", str(blend)]) == 3


def test_a_place_that_cannot_be_written_is_4(backend: UseBackend, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert main(["build", str(photo), "-o", str(tmp_path / "file" / "lake.blend")]) == 4


def test_an_output_that_cannot_hold_the_format_is_4(blend: Path, tmp_path: Path) -> None:
    assert main(["render", str(blend), "-o", str(tmp_path / "loop.gif")]) == 4


def test_a_missing_backend_is_5(backend: UseBackend, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CINEMAGRAPH_BACKEND_PYTHON", "/nowhere/python")
    assert main(["build", str(photo)]) == 5


def test_a_backend_of_another_version_is_7(backend: UseBackend, photo: Path) -> None:
    backend("other_version")
    assert main(["build", str(photo)]) == 7


def test_a_crash_of_the_backend_is_1(backend: UseBackend, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backend("crash")
    assert (main(["build", str(photo)]), "stopped unexpectedly" in capsys.readouterr().err) == (1, True)


def test_help_is_0(backend: UseBackend, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--help"]), "exit codes" in capsys.readouterr().out) == (0, True)


# Many photos


@pytest.fixture
def photos(photo: Path, tmp_path: Path) -> Path:
    """A folder with two photos, a third that is none, and a text."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "c.png"):
        shutil.copy(photo, folder / name)
    (folder / "b.jpg").write_text("no picture")
    (folder / "notes.txt").write_text("no photo")
    return folder


def _batch(photos: Path, out: Path, *more: object) -> int:
    return _code(["batch", photos, "-o", out, "--frames", 3, *more])


def test_a_failing_photo_does_not_stop_the_rest(backend: UseBackend, photos: Path, tmp_path: Path) -> None:
    code = _batch(photos, tmp_path / "loops")
    assert (code, sorted(p.name for p in (tmp_path / "loops").iterdir())) == (1, ["a.mp4", "c.mp4"])


def test_the_end_says_how_many(
    backend: UseBackend, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _batch(photos, tmp_path / "loops")
    out = capsys.readouterr().out
    assert (f"2 of 3 photos have their loop in {tmp_path / 'loops'}" in out, "b.jpg failed: " in out) == (True, True)


def test_all_well_is_0(backend: UseBackend, photos: Path, tmp_path: Path) -> None:
    (photos / "b.jpg").unlink()
    assert _batch(photos, tmp_path / "loops") == 0


def test_loops_that_are_there_are_not_made_again(backend: UseBackend, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "loops").mkdir()
    (tmp_path / "loops" / "a.mp4").write_text("mine")
    _batch(photos, tmp_path / "loops")
    assert (tmp_path / "loops" / "a.mp4").read_text() == "mine"


def test_scenes_are_kept_when_asked(backend: UseBackend, photos: Path, tmp_path: Path) -> None:
    _batch(photos / "a.png", tmp_path / "loops", "--keep-scenes")
    assert sorted(p.name for p in (tmp_path / "loops").iterdir()) == ["a.blend", "a.cinemagraph", "a.mp4"]


def test_masks_are_found_by_name(
    backend: UseBackend, photos: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "masks").mkdir()
    shutil.copy(photo, tmp_path / "masks" / "a.png")
    _batch(photos, tmp_path / "loops", "--masks", tmp_path / "masks", "--keep-scenes")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "loops" / "a.blend"))
    has_none = "c.png has no mask" in capsys.readouterr().out
    assert (bpy.context.scene.cinemagraph.mask, has_none) == ("//../masks/a.png", True)


def test_photos_of_one_name_get_numbers(backend: UseBackend, photos: Path, photo: Path, tmp_path: Path) -> None:
    Image.open(photo).save(photos / "a.bmp")
    _batch(photos, tmp_path / "loops", "--format", "gif")
    assert (tmp_path / "loops" / "a-2.gif").is_file()


def test_names_of_any_script_work(backend: UseBackend, photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Bilder 写真"
    folder.mkdir()
    shutil.copy(photo, folder / "Größe 湖.png")
    assert _batch(folder, tmp_path / "Schleifen", "--keep-scenes") == 0
    assert (tmp_path / "Schleifen" / "Größe 湖.mp4").is_file()
