import pytest
import torch
from torch import Tensor

from ml_backend.filtering import gaussian_blur
from ml_backend.rendering.contrast import photo_contrast, restore_contrast
from ml_backend.structures import FeatureMap

_HEIGHT, _WIDTH = 61, 83
_FLUID = (slice(12, 50), slice(20, 70))
_WELL_INSIDE = (slice(20, 42), slice(28, 62))


def _noise(seed: int = 0, amount: float = 0.3) -> Tensor:
    return 0.5 + amount * (torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(seed)) - 0.5)


def _fluid() -> Tensor:
    fluid = torch.zeros(1, _HEIGHT, _WIDTH)
    fluid[:, *_FLUID] = 1
    return fluid


def _map(colors: Tensor, alpha: Tensor | None = None) -> FeatureMap:
    one = torch.ones(1, *colors.shape[1:])
    return FeatureMap(colors, 2 * one, one if alpha is None else alpha)


def _half_pixel_blur(photo: Tensor) -> Tensor:
    """What drawing at half a pixel's offset makes of a texture."""
    return (photo + photo.roll(1, dims=2)) / 2


def _restored(picture: Tensor, photo: Tensor, *, alpha: Tensor | None = None, known: Tensor | None = None) -> Tensor:
    fluid = _fluid()
    known = torch.ones_like(fluid) if known is None else known
    return restore_contrast(_map(picture, alpha), fluid, photo_contrast(photo, fluid) * fluid, known, 1.0).features


def _deviation(colors: Tensor) -> float:
    return float(colors[:, *_WELL_INSIDE].std())


def test_blurred_texture_comes_nearer_to_the_photos_contrast() -> None:
    photo = _noise()
    blurred = _half_pixel_blur(photo)

    assert _deviation(blurred) < 0.75 * _deviation(photo)
    assert _deviation(_restored(blurred, photo)) > 0.9 * _deviation(photo)


def test_what_is_not_moved_fluid_is_left_to_the_bit() -> None:
    blurred = _half_pixel_blur(_noise())
    still = (_fluid() == 0).expand(3, -1, -1)

    assert torch.equal(_restored(blurred, _noise())[still], blurred[still])


def test_nothing_moved_is_the_same_map() -> None:
    picture, nothing = _map(_noise()), torch.zeros(1, _HEIGHT, _WIDTH)

    assert restore_contrast(picture, nothing, nothing, torch.ones_like(nothing), 1.0) is picture


def test_contrast_above_the_photos_is_not_taken_away() -> None:
    rough = _noise(amount=0.6)

    torch.testing.assert_close(_restored(rough, _noise(amount=0.3)), rough, atol=1e-6, rtol=0)


def test_faint_noise_is_not_blown_up_to_a_rough_photo() -> None:
    faint = _noise(seed=1, amount=0.01)

    assert _deviation(_restored(faint, _noise())) < 1.75 * _deviation(faint)


def test_calm_water_of_the_photo_stays_calm() -> None:
    calm, noisy = torch.full((3, _HEIGHT, _WIDTH), 0.5), _noise(amount=0.02)

    torch.testing.assert_close(_restored(noisy, calm), noisy, atol=1e-6, rtol=0)


def test_local_mean_is_kept() -> None:
    photo = _noise()
    blurred = _half_pixel_blur(photo)
    change = gaussian_blur(_restored(blurred, photo) - blurred, 6.0)

    assert float(change[:, *_WELL_INSIDE].abs().max()) < 0.5 / 255


def test_shore_is_no_detail_of_the_water_beside_it() -> None:
    photo = torch.where(_fluid() > 0, 0.2, 0.9).expand(3, -1, -1).contiguous()

    torch.testing.assert_close(_restored(photo, photo), photo, atol=1e-3, rtol=0)


def test_gain_fades_to_the_rim() -> None:
    photo = _noise()
    blurred = _half_pixel_blur(photo)
    change = (_restored(blurred, photo) - blurred).abs().mean(dim=0)
    top = _FLUID[0].start

    assert float(change[top, _WELL_INSIDE[1]].mean()) < 0.5 * float(change[top + 8, _WELL_INSIDE[1]].mean())


def test_seam_between_the_photo_and_what_was_invented_is_not_amplified() -> None:
    photo, known = _noise(), torch.ones(1, _HEIGHT, _WIDTH)
    known[:, :, 45:] = 0
    blurred = _half_pixel_blur(photo)
    change = (_restored(blurred, photo, known=known) - blurred).abs().mean(dim=0)[_WELL_INSIDE[0]].mean(dim=0)

    assert float(change[44:46].mean()) < 0.5 * float(change[[34, 35, 55, 56]].mean())


def test_holes_are_left_to_the_bit() -> None:
    alpha = torch.ones(1, _HEIGHT, _WIDTH)
    alpha[:, 28:34, 40:46] = 0
    blurred = _half_pixel_blur(_noise()) * alpha
    restored = _restored(blurred, _noise(), alpha=alpha)

    assert bool((restored[:, 28:34, 40:46] == 0).all())
    assert bool(torch.isfinite(restored).all())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (5, 2), (33, 47)])
def test_any_size_works(height: int, width: int) -> None:
    photo = torch.rand(3, height, width, generator=torch.Generator().manual_seed(0))
    fluid = torch.ones(1, height, width)
    restored = restore_contrast(_map(photo), fluid, photo_contrast(photo, fluid), fluid, 1.0).features

    assert restored.shape == photo.shape
    assert bool(torch.isfinite(restored).all())
