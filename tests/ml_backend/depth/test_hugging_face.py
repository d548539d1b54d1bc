import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_depth_models import tiny_depth_anything, tiny_dpt, tiny_dpt_hybrid
from torch import Tensor, nn

from ml_backend.depth.estimate import estimate_depth
from ml_backend.depth.hugging_face import load_estimator
from ml_backend.errors import MissingDependency, WeightsMismatch

transformers = pytest.importorskip("transformers", reason="the package transformers is not installed")

# transformers warns of its own future here and there, and a warning is an error in these tests.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
_DEPTH_ANYTHING_PATCH = 14


_MODELS = {
    "dpt": (tiny_dpt, 16),
    "dpt_hybrid": (tiny_dpt_hybrid, 16),
    "depth_anything": (tiny_depth_anything, _DEPTH_ANYTHING_PATCH),
}


def _save(network: nn.Module, multiple: int, folder: Path) -> Path:
    network.save_pretrained(folder)
    values = {
        "size": {"height": 2 * multiple, "width": 2 * multiple},
        "keep_aspect_ratio": multiple == _DEPTH_ANYTHING_PATCH,
        "ensure_multiple_of": multiple,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(values), encoding="utf-8")
    return folder


def _saved(name: str, folder: Path) -> Path:
    make, multiple = _MODELS[name]
    torch.manual_seed(0)
    return _save(make(), multiple, folder)


def _photo(height: int = 30, width: int = 45) -> Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", _MODELS)
@pytest.mark.parametrize(("height", "width"), [(30, 45), (61, 33)])
def test_model_from_a_folder_gives_one_value_per_pixel(name: str, height: int, width: int, tmp_path: Path) -> None:
    disparity = load_estimator(_saved(name, tmp_path))(_photo(height, width))

    assert disparity.shape == (height, width)
    assert bool(torch.isfinite(disparity).all())


@pytest.mark.parametrize("name", _MODELS)
def test_same_photo_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    folder = _saved(name, tmp_path)

    assert torch.equal(load_estimator(folder)(_photo()), load_estimator(folder)(_photo()))


def test_metric_depth_is_turned_into_disparity(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = tiny_depth_anything("metric").eval()
    disparity = load_estimator(_save(network, 14, tmp_path))(_photo(28, 28))
    with torch.no_grad():
        depth = network(pixel_values=2 * _photo(28, 28)[None] - 1).predicted_depth[0]  # in metres

    torch.testing.assert_close(disparity, 1 / depth)


def test_estimate_of_a_network_becomes_a_depth_map(tmp_path: Path) -> None:
    depth = estimate_depth(_photo(), load_estimator(_saved("depth_anything", tmp_path))).depth

    assert depth.shape == (1, 30, 45)
    assert bool((torch.isfinite(depth) & (depth > 0)).all())


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatch, match="nowhere"):
        load_estimator(tmp_path / "nowhere")


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    folder = _saved("dpt", tmp_path)
    (folder / "model.safetensors").unlink()

    with pytest.raises(WeightsMismatch):
        load_estimator(folder)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = _saved("dpt", tmp_path)
    (folder / "model.safetensors").write_bytes(b"no weights")

    with pytest.raises(WeightsMismatch):
        load_estimator(folder)


def test_weights_that_are_incomplete_are_refused(tmp_path: Path) -> None:
    folder = _saved("depth_anything", tmp_path)
    tensors = load_file(folder / "model.safetensors")
    del tensors["head.conv1.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(WeightsMismatch, match=r"head\.conv1\.weight"):  # else they would be drawn at random
        load_estimator(folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"size": null, "image_mean": 1, "image_std": 1}'])
def test_preprocessing_that_is_no_preprocessing_is_refused(text: str, tmp_path: Path) -> None:
    folder = _saved("dpt", tmp_path)
    (folder / "preprocessor_config.json").write_text(text, encoding="utf-8")

    with pytest.raises(WeightsMismatch):
        load_estimator(folder)


def test_model_that_is_not_for_depth_is_refused(tmp_path: Path) -> None:
    network = transformers.BertModel(
        transformers.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    )
    folder = _save(network, 16, tmp_path)

    with pytest.raises(WeightsMismatch) as caught:
        load_estimator(folder)
    assert "preprocessor_config.json" in caught.value.hint


def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)  # what Python itself does for a failed import

    with pytest.raises(MissingDependency, match="transformers"):
        load_estimator(tmp_path)
