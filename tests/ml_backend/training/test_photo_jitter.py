import torch

from ml_backend.training.photo_jitter import blur_and_noise, cut_and_mirror, filter_at_random, relight


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


def test_a_random_filter_changes_colours_and_leaves_shapes_where_they_are() -> None:
    torch.manual_seed(0)
    color = torch.full((32, 3, 24, 36), 0.3)
    color[:, :, :, 18:] = torch.tensor([0.6, 0.5, 0.8])[:, None, None]
    found = filter_at_random(color)
    changed = (found - color).abs().amax(dim=(1, 2, 3)) > 0.05
    steps = found.diff(dim=-1).abs().amax(dim=(1, 2))  # (32, 35)

    assert 0 < int(changed.sum()) < 32
    assert float(steps[:, :14].max()) < 1e-5
    assert float(steps[:, 21:].max()) < 1e-5
    assert float(steps[:, 17][changed].min()) > 0


def test_a_random_filter_keeps_brightness_and_contrast() -> None:
    torch.manual_seed(0)
    color = 0.4 + 0.2 * torch.rand(16, 3, 24, 36)
    found = filter_at_random(color)

    torch.testing.assert_close(found.mean(dim=(1, 2, 3)), color.mean(dim=(1, 2, 3)), atol=0.01, rtol=0)
    torch.testing.assert_close(found.std(dim=(1, 2, 3)), color.std(dim=(1, 2, 3)), atol=0.01, rtol=0)
