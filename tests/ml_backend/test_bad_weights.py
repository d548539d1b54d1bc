"""Files that are not what they should be, at every place where weights come in: refused by name, and never run."""

import io
import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ml_backend.cli import COMMANDS, run
from ml_backend.weights.catalog import find
from ml_backend.weights.location import VARIABLE

_CHECKPOINTS = {
    "paper-motion": ("sceneflow_model.pth",),
    "paper-rendering": ("model_150000.pth",),
    "3d-photo": ("color-model.pth", "depth-model.pth"),
}


class _Harmful:
    """A pickle that makes a file when it is opened by what runs pickles."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return open, (str(self._mark), "w")


class _Harmless(nn.Module):
    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return image


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).integers(60, 190, (48, 72, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "weights"))
    return tmp_path / "weights"


def _cli(*arguments: object) -> tuple[int, str]:
    stdout = io.StringIO()
    code = run([*map(str, arguments), "--json"], stdout, COMMANDS)
    return code, stdout.getvalue()


def _place(store: Path, name: str, contents: dict[str, bytes]) -> None:
    """Into the store past the checks of `weights import`, as someone with access to the disk could."""
    (store / name).mkdir(parents=True)
    for file, content in contents.items():
        (store / name / file).write_bytes(content)
    for file, text in find(name).texts:
        (store / name / file).write_text(text, encoding="utf-8")
    (store / name / "record.json").write_text('{"files": []}', encoding="utf-8")


def _saved(content: object) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", _CHECKPOINTS)
@pytest.mark.parametrize("kind", ["torch", "pickle"])
def test_code_in_a_checkpoint_that_is_imported_is_not_run(tmp_path: Path, store: Path, name: str, kind: str) -> None:
    mark = tmp_path / "was_run"
    harmful = {"netG": _Harmful(mark), "feature_net": _Harmful(mark)}
    for file in _CHECKPOINTS[name]:
        (tmp_path / file).write_bytes(_saved(harmful) if kind == "torch" else pickle.dumps(harmful))
    code, said = _cli("weights", "import", name, tmp_path)
    assert code == 6
    assert _CHECKPOINTS[name][0] in said
    assert not mark.exists()
    assert not (store / name).exists()


def test_code_in_installed_checkpoints_is_not_run_and_the_default_goes_on(
    tmp_path: Path, photo: Path, store: Path
) -> None:
    mark = tmp_path / "was_run"
    harmful = _saved({"netG": _Harmful(mark), "feature_net": _Harmful(mark), "img_decoder": _Harmful(mark)})
    for name in ("paper-motion", "paper-rendering"):
        _place(store, name, dict.fromkeys(_CHECKPOINTS[name], harmful))
    code, said = _cli("animate", photo, "-o", tmp_path / "frames", "--networks", "paper", "--frames", 1)
    assert (code, "model_150000.pth" in said, "may be code" in said) == (6, True, True)
    assert not mark.exists()
    assert _cli("animate", photo, "-o", tmp_path / "frames", "--frames", 1)[0] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_saved({"feature_net": {"conv1.weight": torch.zeros(1)}, "img_decoder": {}}), "weights are missing"),
        (_saved({"feature_net": {"conv9.weight": torch.zeros(1)}}), "found 'conv9.weight'"),
        (_saved({"netG": {"x": torch.zeros(1)}}), "expected the entry 'feature_net', found 'netG'"),
        (_saved({"feature_net": {"x": torch.zeros(1)}})[:200], "found a file that cannot be read"),
        (b"", "model_150000.pth"),
    ],
)
def test_other_checkpoint_says_what_was_expected_and_found(
    tmp_path: Path, photo: Path, store: Path, content: bytes, words: str
) -> None:
    _place(store, "paper-motion", {"sceneflow_model.pth": b"x"})
    _place(store, "paper-rendering", {"model_150000.pth": content})
    code, said = _cli("animate", photo, "-o", tmp_path / "frames", "--networks", "paper", "--frames", 1)
    message = json.loads(said)["error"]["message"] if "error" in json.loads(said) else said
    assert code == 6
    assert "model_150000.pth" in message
    assert words in message


def test_photo_too_small_for_the_networks_is_told(tmp_path: Path, photo: Path, store: Path) -> None:
    _place(store, "paper-motion", {"sceneflow_model.pth": b"x"})
    _place(store, "paper-rendering", {"model_150000.pth": b"x"})
    code, said = _cli("build", photo, "-o", tmp_path / "scene", "--networks", "paper", "--size", 30)
    assert code == 2
    assert "at least 32 pixels on each side, found 30 x 20" in said


def test_unknown_inpainting_model_is_not_opened_unless_it_is_trusted(tmp_path: Path, photo: Path, store: Path) -> None:
    path = tmp_path / "mine.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(_Harmless()).save(str(path))
    given = ("build", photo, "-o", tmp_path / "scene", "--inpainting-model", path)
    code, said = _cli(*given)
    assert (code, "mine.pt may hold any program" in said) == (6, True)
    assert _cli(*given, "--trust-inpainting-model", "lama")[0] == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
class TestDepthFolders:
    """Folders for --depth-model."""

    def _folder(self, tmp_path: Path) -> Path:
        pytest.importorskip("transformers", reason="the package transformers is not installed")
        from tiny_depth_models import tiny_dpt

        tiny_dpt().save_pretrained(tmp_path / "model")
        values = {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
        (tmp_path / "model" / "preprocessor_config.json").write_text(json.dumps(values), encoding="utf-8")
        return tmp_path / "model"

    def _refused(self, tmp_path: Path, photo: Path) -> str:
        code, said = _cli("build", photo, "-o", tmp_path / "scene", "--depth-model", tmp_path / "model")
        assert code == 6
        assert "model" in said
        return said

    def test_pickled_weights_are_not_run(self, tmp_path: Path, photo: Path, store: Path) -> None:
        folder, mark = self._folder(tmp_path), tmp_path / "was_run"
        (folder / "model.safetensors").unlink()
        (folder / "pytorch_model.bin").write_bytes(_saved({"x": _Harmful(mark)}))
        self._refused(tmp_path, photo)
        assert not mark.exists()

    def test_python_in_the_folder_is_not_run(self, tmp_path: Path, photo: Path, store: Path) -> None:
        folder, mark = self._folder(tmp_path), tmp_path / "was_run"
        (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config |= {
            "model_type": "evil",
            "auto_map": {"AutoConfig": "evil.Config", "AutoModelForDepthEstimation": "evil.Model"},
        }
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._refused(tmp_path, photo)
        assert not mark.exists()

    def test_weights_that_are_no_numbers_are_named(self, tmp_path: Path, photo: Path, store: Path) -> None:
        folder = self._folder(tmp_path)
        tensors = load_file(folder / "model.safetensors")
        tensors["head.head.0.bias"] = torch.full_like(tensors["head.head.0.bias"], torch.nan)
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        assert "head.head.0.bias has values that are NaN" in self._refused(tmp_path, photo)
