from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.depth.estimate import FARTHEST
from ml_backend.errors import BadInput
from ml_backend.training.configs import DepthConfig
from ml_backend.training.datasets.views import Views
from ml_backend.training.seen_photos import see_photos
from ml_backend.training.worlds.pool import Pool

SIZE = (48, 32)


def green_is_near(photo: Tensor) -> Tensor:
    """As near as it is green, so that colours tell what depth to expect; where no green is, is sky."""
    return photo[1]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        photo = cv2.resize(rng.uniform(40, 255, (4, 6, 3)), (180, 120)).astype(np.uint8)
        photo[:30, :, 1] = 0
        cv2.imwrite(str(path), photo)
    return paths


def test_parts_keep_the_depth_of_their_pixels(photos: list[Path], tmp_path: Path) -> None:
    see_photos(tmp_path / "pool", photos, SIZE, green_is_near, parts=4)

    pool = Pool(tmp_path / "pool")
    assert len(pool) == 12
    for number in range(12):
        part = pool[number]
        assert part["color"].shape == (3, 32, 48)
        green, disparity = part["color"][1], 1 / part["depth"][0]
        ratio = (disparity / green)[green > 0.3]
        assert ratio.quantile(0.95) < 1.2 * ratio.quantile(0.05)
        assert torch.quantile(disparity.flatten(), 0.98).item() == pytest.approx(1, abs=0.05)
    skies = [pool[number] for number in range(12) if pool[number]["sky"].any()]
    assert skies
    for part in skies:
        assert part["depth"][part["sky"]].min().item() == pytest.approx(FARTHEST, rel=1e-3)
        assert part["color"][1][part["sky"][0]].mean().item() < 0.05


def test_a_training_reads_them_like_worlds(photos: list[Path], tmp_path: Path) -> None:
    see_photos(tmp_path / "pool", photos, SIZE, green_is_near, parts=2)

    view = Views(DepthConfig(data=(f"worlds:{tmp_path / 'pool'}",)))[3]

    assert set(view) == {"color", "depth", "sky", "surface"}
    assert view["sky"].dtype == torch.bool


def test_the_same_seed_gives_the_same_parts(photos: list[Path], tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        see_photos(tmp_path / name, photos, SIZE, green_is_near, parts=2, seed=seed)
    first, same, other = (Pool(tmp_path / name)[3]["color"] for name in "abc")

    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_an_upright_photo_gives_lying_parts(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "tall.png"), np.full((200, 90, 3), 120, np.uint8))
    see_photos(tmp_path / "pool", [tmp_path / "tall.png"], SIZE, green_is_near, parts=3)

    assert Pool(tmp_path / "pool")[2]["color"].shape == (3, 32, 48)


def test_a_file_that_is_no_photo_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.png").write_bytes(b"no")
    with pytest.raises(BadInput, match=r"no\.png"):
        see_photos(tmp_path / "pool", [tmp_path / "no.png"], SIZE, green_is_near, parts=1)
