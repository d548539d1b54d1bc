"""Which depth is used where no depth map is given, and that an installed model is."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_depth_models import tiny_depth_anything

from ml_backend.depth.choice import choose_depth, load_depth
from ml_backend.doctor import check_depth
from ml_backend.errors import WeightsMismatch
from ml_backend.scene.folder import BuildOptions, build_scene
from ml_backend.weights.catalog import find
from ml_backend.weights.digest import sha256_of
from ml_backend.weights.location import VARIABLE

transformers = pytest.importorskip("transformers", reason="the package transformers is not installed")

# transformers warns of its own future here and there, and a warning is an error in these tests.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with Depth Anything V2 as it is installed, but tiny and of random weights."""
    root = tmp_path_factory.mktemp("weights")
    folder, spec = root / "depth-anything-v2-small", find("depth-anything-v2-small")
    torch.manual_seed(0)
    tiny_depth_anything().save_pretrained(folder)
    preprocessing = json.loads(dict(spec.texts)["preprocessor_config.json"]) | {"size": {"height": 28, "width": 28}}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing), encoding="utf-8")
    file = folder / "model.safetensors"
    entry = {"name": file.name, "size": file.stat().st_size, "sha256": sha256_of(file), "origin": "made here"}
    (folder / "record.json").write_text(json.dumps({"files": [entry]}), encoding="utf-8")
    return root


def test_installed_depth_anything_is_the_default(store: Path) -> None:
    choice = choose_depth(root=store)
    assert (choice.name, choice.folder) == ("depth-anything-v2-small", store / "depth-anything-v2-small")
    assert load_depth(choice)(torch.rand(3, 30, 45)).shape == (30, 45)


def test_without_any_the_rule_is_used(tmp_path: Path) -> None:
    assert choose_depth(root=tmp_path).folder is None


def test_named_model_comes_before_the_installed_one(store: Path, tmp_path: Path) -> None:
    assert choose_depth(tmp_path, root=store).folder == tmp_path


def test_papers_networks_take_the_papers_depth_first(store: Path, tmp_path: Path) -> None:
    for name in ("depth-anything-v2-small", "dpt-hybrid"):
        folder = tmp_path / name
        folder.mkdir()
        for file in find(name).files:
            (folder / file.name).write_bytes(b"x")
        (folder / "record.json").write_text('{"files": []}', encoding="utf-8")
    assert choose_depth(networks="paper", root=tmp_path).name == "dpt-hybrid"
    assert choose_depth(root=tmp_path).name == "depth-anything-v2-small"


def test_model_without_its_reader_is_told(store: Path) -> None:
    choice = choose_depth(root=store, can_read=lambda: False)
    assert choice.folder is None
    assert (check_depth(choice).status, check_depth(choice).mend) == ("warn", choice.warning)


def test_doctor_says_which_depth_is_used(store: Path, tmp_path: Path) -> None:
    assert check_depth(choose_depth(root=store)).found == "depth-anything-v2-small"
    assert "embedded network" in check_depth(choose_depth(root=tmp_path)).found


def test_log_says_which_depth_is_used(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        load_depth(choose_depth(root=store))
    assert "depth: depth-anything-v2-small" in caplog.messages


def test_damaged_model_is_named_with_a_way_out(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "depth-anything-v2-small"
    folder.mkdir()
    for path in (store / folder.name).iterdir():
        (folder / path.name).write_bytes(path.read_bytes()[: 300 if path.suffix == ".safetensors" else None])
    with pytest.raises(WeightsMismatch, match="depth-anything-v2-small") as caught:
        load_depth(choose_depth(root=tmp_path))
    assert "weights remove depth-anything-v2-small" in caught.value.hint


def test_scene_is_built_with_the_installed_model(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(60, 190, (48, 72, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    depths = []
    for root in (tmp_path / "none", store, store):
        monkeypatch.setenv(VARIABLE, str(root))
        depths.append(build_scene(tmp_path / "photo.png", tmp_path / "scene", BuildOptions()).scene.depth.depth)
    assert not torch.equal(depths[0], depths[1])  # though the folder held a scene of the same photo
    assert torch.equal(depths[1], depths[2])
