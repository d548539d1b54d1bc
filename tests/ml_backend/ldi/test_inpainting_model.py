"""Inpainters from TorchScript files, with tiny ones made here."""

import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ml_backend.errors import WeightsMismatch
from ml_backend.ldi.inpainting import fill_colors, inpaint_layers
from ml_backend.ldi.inpainting_model import load_inpainter
from ml_backend.ldi.layering import split_layers
from ml_backend.structures import DepthMap


class _Red(nn.Module):
    """Fills with red; only sides that are multiples of 8."""

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        assert image.shape[-1] % 8 == 0
        red = torch.zeros_like(image)
        red[:, 0] = 1.0
        return image * (1 - mask) + red * mask


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
    return torch.full((3, 13, 21), 0.5), known


def test_the_unknown_is_filled_by_the_model(tmp_path: Path) -> None:
    image, known = _image()
    filled = load_inpainter(_save(_Red(), tmp_path / "red.pt"))(image, known)
    assert (filled[:, 5, 6].tolist(), filled[:, 0, 0].tolist()) == ([1.0, 0.0, 0.0], [0.5, 0.5, 0.5])


def test_hidden_parts_of_layers_are_the_models(tmp_path: Path) -> None:
    depth = torch.full((1, 48, 64), 4.0)
    depth[:, 16:32, 24:40] = 1.0
    layers = split_layers(torch.full((3, 48, 64), 0.25), DepthMap(depth))
    ldi = inpaint_layers(layers, border=0, fill=fill_colors(load_inpainter(_save(_Red(), tmp_path / "red.pt"))))
    hidden = ldi.inpainted[-1, 0]
    assert bool(hidden.any())
    assert ldi.colors[-1][:, hidden].mean(dim=1).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("module", "words"),
    [(_Smaller(), "expected"), (_Nan(), "no numbers"), (_One(), "does not take an image and a mask")],
)
def test_a_model_that_does_not_fit_is_named(tmp_path: Path, module: nn.Module, words: str) -> None:
    inpainter = load_inpainter(_save(module, tmp_path / "other.pt"))
    with pytest.raises(WeightsMismatch, match=rf"other\.pt.*{words}"):
        inpainter(*_image())


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.pt").write_text("nothing")
    with pytest.raises(WeightsMismatch, match=r"notes\.pt cannot be loaded"):
        load_inpainter(tmp_path / "notes.pt")
