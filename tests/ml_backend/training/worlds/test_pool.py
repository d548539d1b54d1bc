from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ml_backend.errors import BadInput
from ml_backend.training.worlds import WORLDS_VERSION, licensed_photos, load_textures, photos_in
from ml_backend.training.worlds.pool import Pool, render_pool

SIZE = (48, 32)


@pytest.fixture(scope="module")
def depth_pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    render_pool(folder, range(5), SIZE, "depth", shard_samples=3)
    return folder


def test_pool_holds_the_samples_of_its_seeds_in_order(depth_pool: Path) -> None:
    pool = Pool(depth_pool)

    assert len(pool) == 5
    assert [int(pool[i]["seed"]) for i in range(5)] == [0, 1, 2, 3, 4]
    assert pool.versions() == {WORLDS_VERSION}


def test_sample_has_the_shapes_and_types_that_training_expects(depth_pool: Path) -> None:
    sample = Pool(depth_pool)[4]

    assert sample["color"].shape == (3, 32, 48)
    assert sample["color"].dtype == sample["depth"].dtype == sample["flow"].dtype == torch.float32
    assert sample["color"].max() <= 1
    assert sample["fluid"].dtype == sample["sky"].dtype == torch.bool
    assert sample["depth"].shape == (1, 32, 48)
    assert sample["flow"].shape == (2, 32, 48)


def test_finished_shards_are_kept_and_missing_ones_rendered(depth_pool: Path) -> None:
    first, second = Pool(depth_pool).shards
    before = first.stat().st_mtime_ns
    expected = Pool(depth_pool)[4]
    second.unlink()

    render_pool(depth_pool, range(5), SIZE, "depth", shard_samples=3)

    assert first.stat().st_mtime_ns == before
    again = Pool(depth_pool)[4]
    assert all(torch.equal(again[name], value) for name, value in expected.items())


def test_no_partial_file_is_left(depth_pool: Path) -> None:
    assert [path.name for path in depth_pool.iterdir() if path.name.startswith(".")] == []


def test_pair_holds_a_second_view_and_what_is_hidden(tmp_path: Path) -> None:
    render_pool(tmp_path, [1], SIZE, "pair")

    sample = Pool(tmp_path)[0]

    assert sample["other_color"].shape == sample["hidden_color"].shape == (3, 32, 48)
    assert (sample["hidden_depth"] >= sample["depth"] * 0.999).all()
    assert not torch.equal(sample["other_world_to_camera"], sample["world_to_camera"])


def test_animation_holds_targets_at_frames_within_the_loop(tmp_path: Path) -> None:
    render_pool(tmp_path, [1], SIZE, "animation")

    sample = Pool(tmp_path)[0]

    assert sample["target_color"].shape == sample["target_before"].shape == (2, 3, 32, 48)
    assert sample["target_world_to_camera"].shape == (2, 4, 4)
    assert ((sample["target_frame"] >= 1) & (sample["target_frame"] < 60)).all()


def test_empty_folder_is_no_pool(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no rendered worlds"):
        Pool(tmp_path)


def test_damaged_shard_is_named(tmp_path: Path) -> None:
    (tmp_path / "0000000000-1.safetensors").write_bytes(b"no shard")

    with pytest.raises(BadInput, match="damaged"):
        Pool(tmp_path)


@pytest.fixture
def photo_folder(tmp_path: Path) -> Path:
    for name in ("free.png", "other.png"):
        picture = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
        assert cv2.imwrite(str(tmp_path / name), picture)
    (tmp_path / "MANIFEST.csv").write_text("file,licence\nfree.png,CC0-1.0\nother.png,Unsplash licence\n")
    return tmp_path


def test_only_photos_with_a_free_licence_are_taken(photo_folder: Path) -> None:
    assert licensed_photos(photo_folder / "MANIFEST.csv") == [photo_folder / "free.png"]
    assert photos_in(photo_folder) == [photo_folder / "free.png"]


def test_folder_without_a_list_gives_all_its_images(photo_folder: Path) -> None:
    (photo_folder / "MANIFEST.csv").unlink()

    assert photos_in(photo_folder) == [photo_folder / "free.png", photo_folder / "other.png"]


def test_photos_add_patches_to_the_textures(photo_folder: Path) -> None:
    textures = load_textures([photo_folder / "free.png"], copies=1, patches=3)

    assert len(textures.families["photo"]) == 3
    assert textures.texels.shape[0] == textures.families["photo"].stop


def test_list_of_photos_without_licences_is_refused(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("name\nfree.png\n")

    with pytest.raises(BadInput, match="not a list of photos"):
        photos_in(tmp_path)
