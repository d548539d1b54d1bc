"""Inpainters from TorchScript files, with tiny ones made here that insist on how they are called."""

import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ml_backend.errors import BadInput, WeightsMismatch
from ml_backend.ldi.inpainting import fill_colors, inpaint_layers
from ml_backend.ldi.inpainting_model import load_inpainter
from ml_backend.ldi.layering import split_layers
from ml_backend.structures import DepthMap
from ml_backend.weights.catalog import WeightFile, WeightSpec
from ml_backend.weights.digest import sha256_of


class _Lama(nn.Module):
    """Fills with red; insists on big-LaMa's convention."""

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        assert image.shape[1] == 3
        assert mask.shape[1] == 1
        assert image.shape[2] % 8 == 0
        assert image.shape[3] % 8 == 0
        assert float(image.min()) >= 0.0
        assert float(image.max()) <= 1.0
        assert bool(((mask == 0) | (mask == 1)).all())
        assert float((image * mask).abs().max()) == 0.0
        red = torch.zeros_like(image)
        red[:, 0] = 1.0
        return image * (1 - mask) + red * mask


class _MiGan(nn.Module):
    """Fills with red; insists on MI-GAN's convention."""

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[0] == 1
        assert x.shape[1] == 4
        assert x.shape[2] == 512
        assert x.shape[3] == 512
        known, image = x[:, :1], x[:, 1:]
        assert bool(((known == 0.5) | (known == -0.5)).all())
        assert float(image.abs().max()) <= 1.0
        assert float(image.min()) < -0.4
        assert float((image * (0.5 - known)).abs().max()) == 0.0
        red = -torch.ones_like(image)
        red[:, 0] = 1.0
        return torch.where(known > 0, image, red)


class _Smaller(nn.Module):
    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return image[..., ::2]


class _Nan(nn.Module):
    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return image * float("nan")


class _One(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return image


def _save(module: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(module).save(str(path))
    return path


def _image() -> tuple[Tensor, Tensor]:
    known = torch.ones(13, 21, dtype=torch.bool)
    known[4:8, 5:9] = False
    return torch.full((3, 13, 21), 0.25), known


def _catalog(name: str, path: Path, **pin: str) -> tuple[WeightSpec, ...]:
    file = WeightFile(path.name, "torchscript", **pin)
    return (WeightSpec(name, "inpainting", "", "", "", (file,)),)


@pytest.mark.parametrize(("module", "kind"), [(_Lama(), "lama"), (_MiGan(), "mi-gan")])
def test_the_unknown_is_filled_by_the_model_as_it_is_used_to(tmp_path: Path, module: nn.Module, kind: str) -> None:
    image, known = _image()
    filled = load_inpainter(_save(module, tmp_path / "red.pt"), trusted_as=kind)(image, known)
    torch.testing.assert_close(filled[:, 5, 7], torch.tensor([1.0, 0.0, 0.0]), atol=0.01, rtol=0)
    assert filled[:, 0, 0].tolist() == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("module", "name"), [(_Lama(), "big-lama"), (_MiGan(), "mi-gan")])
def test_a_file_of_the_catalog_needs_no_trust_and_is_called_by_its_row(
    tmp_path: Path, module: nn.Module, name: str
) -> None:
    path = _save(module, tmp_path / "renamed.pt")
    inpaint = load_inpainter(path, catalog=_catalog(name, path, sha256=sha256_of(path)))
    assert float(inpaint(*_image())[0, 5, 7]) > 0.9


def test_an_unknown_file_is_not_opened(tmp_path: Path) -> None:
    path = _save(_Lama(), tmp_path / "lama.pt")
    with pytest.raises(WeightsMismatch) as caught:
        load_inpainter(path, catalog=_catalog("big-lama", path, sha256="0" * 64))
    assert f"lama.pt may hold any program and is none that we know: expected lama.pt (sha256 {'0' * 64})" in str(
        caught.value
    )
    assert f"found sha256 {sha256_of(path)}" in caught.value.message
    assert "--trust-inpainting-model" in caught.value.hint


def test_a_file_without_a_known_digest_is_recognised_by_none(tmp_path: Path) -> None:
    path = _save(_Lama(), tmp_path / "lama.pt")
    with pytest.raises(WeightsMismatch, match="none that we know"):
        load_inpainter(path, catalog=_catalog("big-lama", path))


def test_trust_in_no_convention_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'yes'"):
        load_inpainter(_save(_Lama(), tmp_path / "lama.pt"), trusted_as="yes")


def test_hidden_parts_of_layers_are_the_models(tmp_path: Path) -> None:
    depth = torch.full((1, 48, 64), 4.0)
    depth[:, 16:32, 24:40] = 1.0
    layers = split_layers(torch.full((3, 48, 64), 0.25), DepthMap(depth))
    inpainter = load_inpainter(_save(_Lama(), tmp_path / "red.pt"), trusted_as="lama")
    ldi = inpaint_layers(layers, border=0, fill=fill_colors(inpainter))
    hidden = ldi.inpainted[-1, 0]
    assert bool(hidden.any())
    assert ldi.colors[-1][:, hidden].mean(dim=1).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("module", "kind", "words"),
    [
        (_Smaller(), "lama", r"gave .* expected \(1, 3, 16, 24\)"),
        (_Nan(), "lama", "no numbers"),
        (_One(), "lama", r"does not take \(1, 3, 16, 24\) and \(1, 1, 16, 24\)"),
        (_Lama(), "mi-gan", r"does not take \(1, 4, 512, 512\)"),
        (_One(), "mi-gan", r"gave \(1, 4, 512, 512\), expected \(1, 3, 512, 512\)"),
    ],
)
def test_a_model_that_does_not_fit_is_named(tmp_path: Path, module: nn.Module, kind: str, words: str) -> None:
    inpainter = load_inpainter(_save(module, tmp_path / "other.pt"), trusted_as=kind)
    with pytest.raises(WeightsMismatch, match=rf"other\.pt.*{words}"):
        inpainter(*_image())


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.pt").write_text("nothing")
    with pytest.raises(WeightsMismatch, match=r"notes\.pt cannot be loaded: expected TorchScript"):
        load_inpainter(tmp_path / "notes.pt", trusted_as="lama")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMismatch, match=r"none\.pt cannot be read"):
        load_inpainter(tmp_path / "none.pt")
