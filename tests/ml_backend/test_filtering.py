import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from ml_backend import filtering
from ml_backend.filtering import blur_narrow, gaussian_blur, push_pull, push_pull_level


def test_known_values_are_kept() -> None:
    values = torch.rand(2, 9, 13, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(push_pull(values, torch.ones(1, 9, 13)), values)


def test_one_known_pixel_fills_everything() -> None:
    values, weight = torch.zeros(1, 11, 6), torch.zeros(1, 11, 6)
    values[0, 4, 5], weight[0, 4, 5] = 0.7, 1

    torch.testing.assert_close(push_pull(values, weight), torch.full((1, 11, 6), 0.7))


def test_fill_stays_within_the_known_values() -> None:
    generator = torch.Generator().manual_seed(1)
    values = torch.rand(3, 40, 40, generator=generator)
    filled = push_pull(values, (torch.rand(1, 40, 40, generator=generator) < 0.05).float())

    assert float(filled.min()) >= 0
    assert float(filled.max()) <= 1


def test_what_is_not_known_is_not_read() -> None:
    weight = torch.zeros(1, 16, 16)
    weight[:, :, :8] = 1
    values = torch.full((1, 16, 16), 0.3)
    spoiled = values.clone()
    spoiled[:, :, 8:] = 9

    assert torch.equal(push_pull(spoiled, weight), push_pull(values, weight))


def test_nothing_known_gives_zero() -> None:
    assert not push_pull(torch.ones(1, 5, 5), torch.zeros(1, 5, 5)).any()


def test_fill_follows_the_nearer_side() -> None:
    values = torch.cat([torch.zeros(1, 32, 32), torch.ones(1, 32, 32)], dim=2)
    weight = torch.ones(1, 32, 64)
    weight[:, :, 24:40] = 0
    filled = push_pull(values, weight)

    assert float(filled[0, 16, 25]) < 0.3
    assert float(filled[0, 16, 38]) > 0.7


def test_level_fill_reads_sideways() -> None:
    left = (torch.arange(48) // 12 % 2).float()[:, None].expand(48, 20)
    values, weight = torch.cat([left, torch.full((48, 20), 0.5)], dim=1)[None], torch.zeros(1, 48, 40)
    weight[:, :, :20] = 1
    plain, level = (fill(values, weight, relaxations=6)[0, 14:46, 32] for fill in (push_pull, push_pull_level))

    # Twelve columns from bands as high, a plain fill has lost them.
    assert float(level.max() - level.min()) > 3 * float(plain.max() - plain.min())
    assert bool((level[6:8] > 0.5).all())


@pytest.mark.parametrize("size", [(24, 40), (7, 3), (1, 9), (30, 1)])
def test_level_fill_keeps_what_is_known_and_what_is_constant(size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(3)
    values = torch.rand(2, *size, generator=generator)
    weight = (torch.rand(1, *size, generator=generator) < 0.4).float()
    weight[0, 0, 0] = 1
    known = weight.bool().expand_as(values)

    torch.testing.assert_close(push_pull_level(values, weight, relaxations=4)[known], values[known])
    constant = push_pull_level(torch.full_like(values, 0.3), weight, relaxations=4)
    torch.testing.assert_close(constant, torch.full_like(values, 0.3))


@pytest.mark.parametrize("relaxations", [0, 6])
def test_relaxed_fill_keeps_what_is_known(relaxations: int) -> None:
    values = torch.rand(1, 24, 40, generator=torch.Generator().manual_seed(2))
    weight = torch.ones(1, 24, 40)
    weight[:, 8:16, 10:30] = 0

    torch.testing.assert_close(push_pull(values, weight, relaxations=relaxations)[weight > 0], values[weight > 0])


def test_relaxation_continues_a_slope_across_a_hole() -> None:
    slope = torch.linspace(0, 1, 64).expand(1, 48, 64).contiguous()
    weight = torch.ones(1, 48, 64)
    weight[:, 12:36, 20:44] = 0
    rough, smooth = ((push_pull(slope, weight, relaxations=n) - slope).abs().max() for n in (0, 8))

    assert float(smooth) < 0.5 * float(rough)


def test_thin_picture_can_be_filled() -> None:
    weight = torch.tensor([[[1.0, 0, 0, 0, 0, 0, 1.0]]])

    assert bool(torch.isfinite(push_pull(weight, weight)).all())


@pytest.mark.parametrize("sigma", [0.7, 1.5, 6.0, 20.0])
def test_constant_is_blurred_to_itself(sigma: float) -> None:
    torch.testing.assert_close(gaussian_blur(torch.full((1, 33, 47), 0.6), sigma), torch.full((1, 33, 47), 0.6))


@pytest.mark.parametrize(("sigma", "tolerance"), [(1.5, 1e-3), (8.0, 0.02)])  # wide blurs work on a reduced image
def test_blur_is_scipys(sigma: float, tolerance: float) -> None:
    values = np.zeros((64, 96), np.float32)
    values[20:40, 30:70] = 1
    expected = gaussian_filter(values, sigma, mode="nearest")

    assert np.abs(gaussian_blur(torch.from_numpy(values)[None], sigma)[0].numpy() - expected).max() < tolerance


@pytest.mark.parametrize("sigma", [0.7, 1.5, 2.5])
def test_narrow_blur_is_the_gaussian_blur(sigma: float) -> None:
    values = torch.rand(2, 19, 23, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(blur_narrow(values, sigma), gaussian_blur(values, sigma), atol=3e-3, rtol=0)


def test_finest_levels_of_a_large_picture_need_no_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    row, col = torch.meshgrid(torch.linspace(0, 1, 96), torch.linspace(0, 2, 128), indexing="ij")
    values = (0.5 + 0.3 * torch.sin(3 * col) * row)[None]
    weight = torch.ones(1, 96, 128)
    weight[:, 30:70, 40:90] = 0
    everywhere = push_pull(values, weight, relaxations=8)
    nowhere = push_pull(values, weight)
    monkeypatch.setattr(filtering, "_RELAXED_SIDE", 64)
    up_to_64 = push_pull(values, weight, relaxations=8)

    assert not torch.equal(up_to_64, everywhere)
    assert float((up_to_64 - everywhere).abs().mean()) < 0.2 * float((nowhere - everywhere).abs().mean())
    assert torch.equal(up_to_64[weight > 0], values[weight > 0])
