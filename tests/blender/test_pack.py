"""Pack: one zip that opens and renders on another machine, which is here another folder."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)


@pytest.fixture
def work(built: bpy.types.Scene, photo: Path, tmp_path: Path) -> bpy.types.Scene:
    """A built scene saved in `home`, with a mask elsewhere and a texture."""
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(photo, tmp_path / "elsewhere" / "photo.png")  # the same name as the photo
    built.cinemagraph.mask = str(tmp_path / "elsewhere" / "photo.png")
    shutil.copy(photo, tmp_path / "elsewhere" / "wood.png")
    bpy.data.images.load(str(tmp_path / "elsewhere" / "wood.png")).use_fake_user = True
    (tmp_path / "home").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "home" / "shot.blend"))
    return built


@pytest.fixture
def moved(work: bpy.types.Scene, tmp_path: Path) -> Path:
    """The pack, unpacked in another folder, and everything else gone."""
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "shot-pack.zip"))
    other = tmp_path / "other machine"
    other.mkdir()
    (tmp_path / "shot-pack.zip").rename(other / "shot-pack.zip")
    for name in ("home", "elsewhere", "photo.cinemagraph"):
        shutil.rmtree(tmp_path / name)
    (tmp_path / "photo.png").unlink()
    bpy.ops.cinemagraph.unpack(filepath=str(other / "shot-pack.zip"))
    bpy.ops.wm.open_mainfile(filepath=str(other / "shot-pack" / "shot.blend"))
    return other / "shot-pack"


def test_the_pack_opens_with_paths_beside_it(moved: Path) -> None:
    settings = bpy.context.scene.cinemagraph
    found = (settings.photo, settings.mask, settings.scene_dir)
    assert found == ("//photo.png", "//photo-2.png", "//photo.cinemagraph")


def test_the_pack_renders_on_the_other_machine(moved: Path, tmp_path: Path) -> None:
    bpy.context.scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(write_still=True)
    frame = np.asarray(Image.open(tmp_path / "frame.png"))[..., :3]
    assert np.array_equal(frame, np.asarray(Image.open(moved / "photo.png")))


def test_the_pack_has_nothing_to_complain_about(moved: Path) -> None:
    from cinemagraph.cinemagraph_addon.notices import scene_notices

    assert scene_notices(bpy.context.scene) == ()


def test_textures_travel_along(moved: Path) -> None:
    assert bpy.data.images["wood.png"].filepath == "//wood.png"


def test_the_photo_behind_the_camera_is_that_of_the_scene_folder(moved: Path) -> None:
    image = bpy.context.scene.camera.data.background_images[0].image
    assert (image.filepath, image.has_data or len(image.pixels) > 0) == ("//photo.cinemagraph/photo.png", True)


def test_everything_is_in_one_folder_of_the_zip(work: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "pack.zip"))
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"pack"}


def test_packing_changes_nothing_in_the_open_file(work: bpy.types.Scene, tmp_path: Path) -> None:
    def paths() -> list[str]:
        settings = work.cinemagraph
        images = sorted(image.filepath for image in bpy.data.images)
        return [bpy.data.filepath, settings.photo, settings.mask, settings.scene_dir, *images]

    before = paths()
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "pack.zip"))
    assert paths() == before


def test_a_file_that_is_gone_is_left_out_and_named(work: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "wood.png").unlink()
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "pack.zip"))
    assert "Left out: wood.png" in work.cinemagraph.message


def test_two_scenes_are_both_packed(work: bpy.types.Scene, tmp_path: Path) -> None:
    other = bpy.data.scenes.new("Other")
    other.cinemagraph.photo = work.cinemagraph.photo
    with bpy.context.temp_override(scene=other, view_layer=other.view_layers[0]):
        bpy.ops.cinemagraph.build_scene()
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "pack.zip"))
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        folders = {name.split("/")[1] for name in archive.namelist() if name.endswith("scene.json")}
    assert len(folders) == 2


def test_nothing_is_unpacked_over_a_folder(work: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "pack.zip"))
    (tmp_path / "pack").mkdir()
    with pytest.raises(RuntimeError, match="exists already"):
        bpy.ops.cinemagraph.unpack(filepath=str(tmp_path / "pack.zip"))


def test_a_zip_that_leads_outside_is_refused(scene: bpy.types.Scene, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../evil.txt", "no")
    with pytest.raises(RuntimeError, match="leads out"):
        bpy.ops.cinemagraph.unpack(filepath=str(tmp_path / "evil.zip"))


def test_a_damaged_zip_leaves_nothing(scene: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "half.zip").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(RuntimeError, match="could not be unpacked"):
        bpy.ops.cinemagraph.unpack(filepath=str(tmp_path / "half.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["half.zip"]


def test_a_pack_that_cannot_be_written_leaves_nothing(work: bpy.types.Scene, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "pack.zip").mkdir()  # a folder in the place of the file
    with pytest.raises(RuntimeError, match="could not be written"):
        bpy.ops.cinemagraph.pack(filepath=str(tmp_path / "full" / "pack.zip"))
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["pack.zip"]
