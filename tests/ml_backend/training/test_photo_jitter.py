import torch

from ml_backend.training.photo_jitter import blur_and_noise, cut_and_mirror, relight


def test_colours_and_values_are_cut_alike() -> None:
    ramp = torch.linspace(0, 1, 64).expand(8, 1, 48, 64)
    torch.manual_seed(0)
    color, values = cut_and_mirror(ramp.expand(-1, 3, -1, -1), ramp.contiguous(), ramp.shape[-2:])
    assert float((color[:, :1] - values).abs().max()) < 0.02


def test_some_are_mirrored_and_some_are_not() -> None:
    ramp = torch.linspace(0, 1, 64).expand(16, 1, 48, 64).contiguous()
    torch.manual_seed(0)
    values = cut_and_mirror(ramp.expand(-1, 3, -1, -1), ramp, ramp.shape[-2:])[1]
    rises = values[:, 0, 0, -1] > values[:, 0, 0, 0]
    assert 0 < int(rises.sum()) < 16


def test_pictures_stay_pictures() -> None:
    torch.manual_seed(0)
    color = blur_and_noise(relight(torch.rand(16, 3, 20, 30)))
    assert float(color.min()) >= 0
    assert float(color.max()) <= 1
