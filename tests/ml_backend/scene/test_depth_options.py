"""What may be asked of the depth of a photo: no network, a horizon; and that the scene says what was used."""

import argparse
import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from ml_backend.commands import build
from ml_backend.errors import BadInput
from ml_backend.scene.folder import BuildOptions, build_scene


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = torch.randint(60, 190, (48, 72, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    Image.fromarray(noise.numpy()).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def _options(*arguments: str) -> BuildOptions:
    parser = argparse.ArgumentParser()
    build.add_arguments(parser)
    return build.build_options(parser.parse_args(["photo.png", "-o", "scene", *arguments]))


def _sources(folder: Path) -> tuple[str, str]:
    description = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    return description["depth_source"], description["fill_source"]


def test_the_scene_says_that_the_embedded_networks_were_used(photo: Path, tmp_path: Path) -> None:
    build_scene(photo, tmp_path / "scene")
    assert _sources(tmp_path / "scene") == ("embedded network", "embedded network")


def test_the_word_prior_asks_for_the_rule(photo: Path, tmp_path: Path) -> None:
    options = _options("--depth", "prior")
    build_scene(photo, tmp_path / "scene", options)
    assert options.depth is None
    assert _sources(tmp_path / "scene")[0] == "embedded rule for landscapes"


def test_a_horizon_makes_another_scene_in_the_same_folder(photo: Path, tmp_path: Path) -> None:
    first, second = (
        build_scene(photo, tmp_path / "scene", options).scene.depth.depth
        for options in (BuildOptions(), _options("--horizon", "0.3"))
    )
    assert not torch.equal(first, second)


def test_a_horizon_below_the_photo_is_refused(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"horizon at 1\.5"):
        build_scene(photo, tmp_path / "scene", BuildOptions(horizon=1.5))
