"""The paper's depth network from its authors' checkpoint, against what their code gave for made-up weights."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_weights import SHARED, golden_input, golden_outputs, golden_tensors

from ml_backend.depth.dpt_hybrid import DptHybrid, load_dpt_hybrid
from ml_backend.depth.hugging_face import load_estimator
from ml_backend.errors import WeightsMismatch
from ml_backend.weights.catalog import find
from ml_backend.weights.dpt_hybrid import transformers_tensors

pytest.importorskip("transformers", reason="the package transformers is not installed")

# transformers warns of its own future here and there, and a warning is an error in these tests.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
_NAME = "dpt_hybrid-midas-501f0c75.pt"


def _write_texts(folder: Path) -> Path:
    for name, text in find("dpt-hybrid").texts:
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """As the weights folder holds it once it is installed; half a gigabyte, so removed at once."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there")
    folder = _write_texts(tmp_path_factory.mktemp("dpt-hybrid"))
    torch.save(golden_tensors("dpt_hybrid"), folder / _NAME)
    yield folder
    (folder / _NAME).unlink()


@pytest.fixture(scope="module")
def network(folder: Path) -> DptHybrid:
    return load_dpt_hybrid(folder / "config.json", folder / _NAME)


@pytest.mark.parametrize(("seed", "step"), [(500, 2), (501, 1)])
def test_disparity_is_the_authors_for_squares_and_other_shapes(network: DptHybrid, seed: int, step: int) -> None:
    golden = golden_outputs("net_dpt_hybrid")
    x = 2 * golden_input(seed, tuple(golden[f"seed{seed}_in_shape"])) - 1
    with torch.inference_mode():
        found = network(x).predicted_depth[:, ::step, ::step].numpy()
    expected = golden[f"seed{seed}_out"]
    assert float(np.abs(found - expected).max() / np.abs(expected).max()) < 1e-4


def test_folder_of_the_store_is_an_estimator(folder: Path) -> None:
    disparity = load_estimator(folder)(torch.rand(3, 30, 45, generator=torch.Generator().manual_seed(1)))
    assert disparity.shape == (30, 45)
    assert bool(torch.isfinite(disparity).all())


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("pretrained.model.blocks.11.norm2.bias", "dpt.encoder.layer.11.layernorm_after.bias"),
        (
            "pretrained.model.patch_embed.backbone.stages.2.blocks.8.conv3.weight",
            "dpt.embeddings.backbone.bit.encoder.stages.2.layers.8.conv3.weight",
        ),
        ("pretrained.act_postprocess4.4.weight", "neck.reassemble_stage.layers.3.resize.weight"),
        (
            "scratch.refinenet1.resConfUnit2.conv1.bias",
            "neck.fusion_stage.layers.3.residual_layer2.convolution1.bias",
        ),
    ],
)
def test_names_are_those_of_transformers(theirs: str, ours: str) -> None:
    assert list(transformers_tensors({theirs: torch.zeros(1)}, "x")) == [ours]


def test_attention_is_cut_into_query_key_and_value() -> None:
    cut = transformers_tensors({"pretrained.model.blocks.3.attn.qkv.bias": torch.arange(6.0)}, "x")
    assert [values.tolist() for values in cut.values()] == [[0, 1], [2, 3], [4, 5]]
    assert list(cut)[1] == "dpt.encoder.layer.3.attention.attention.key.bias"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"model.x": torch.zeros(1)}, "found 'model.x'"),
        ({"scratch.output_conv.4.bias": torch.zeros(1)}, "weights are missing"),
    ],
)
def test_other_checkpoint_is_refused_by_name(tmp_path: Path, content: object, words: str) -> None:
    torch.save(content, _write_texts(tmp_path) / _NAME)
    text = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    tiny = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16, "num_hidden_layers": 12}
    (tmp_path / "config.json").write_text(json.dumps({**text, **tiny}), encoding="utf-8")
    with pytest.raises(WeightsMismatch, match=rf"{_NAME}.*{words}"):
        load_estimator(tmp_path)
