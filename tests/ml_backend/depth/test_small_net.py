import pytest
import torch

from ml_backend.depth.small_disparity import clear_sky, guided_filter, mix_with_horizon, small_disparity
from ml_backend.depth.small_net import SmallDepthNet


def _network(seed: int = 0) -> SmallDepthNet:
    torch.manual_seed(seed)
    return SmallDepthNet().eval()


def _photo(height: int, width: int) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("height", "width"), [(128, 192), (192, 128), (64, 64), (32, 96)])
def test_disparity_has_the_photos_size(height: int, width: int) -> None:
    assert _network()(torch.rand(2, 3, height, width)).shape == (2, 1, height, width)


def test_half_precision_of_the_weights_fits_into_sixteen_mebibytes() -> None:
    assert 2 * sum(value.numel() for value in SmallDepthNet().state_dict().values()) < 16 * 2**20


def test_blocks_that_refine_start_as_the_identity() -> None:
    """So a trained network can be given more of them: each level's second half, and one after each decoder step."""
    network = _network()
    added = [stage[-1] for stage in network.decoder]
    added += [block for stage in network.encoder for block in stage[1 + (len(stage) - 1) // 2 :]]
    assert len(added) == 4 + 8
    for block in added:
        features = torch.rand(1, block.first[0].in_channels, 8, 12)
        assert torch.equal(block(features), features)


@pytest.mark.parametrize(("height", "width"), [(97, 131), (641, 233), (40, 400), (17, 19), (300, 300)])
def test_any_photo_gets_finite_disparity_that_is_not_negative(height: int, width: int) -> None:
    disparity = small_disparity(_network())(_photo(height, width))
    assert disparity.shape == (height, width)
    assert bool(torch.isfinite(disparity).all())
    assert float(disparity.min()) >= 0


def test_the_same_photo_gives_the_same_disparity() -> None:
    estimate = small_disparity(_network())
    assert torch.equal(estimate(_photo(90, 120)), estimate(_photo(90, 120)))


def test_the_mirrored_photo_gives_the_mirrored_disparity() -> None:
    estimate, photo = small_disparity(_network()), _photo(128, 192)
    torch.testing.assert_close(estimate(photo.flip(2)).flip(1), estimate(photo), atol=1e-3, rtol=1e-3)


def test_a_guided_step_follows_the_guides_edge() -> None:
    photo = torch.zeros(40, 60, 3)
    photo[:, 30:] = 1.0
    blurred = torch.linspace(-3, 3, 60).sigmoid().expand(40, 60).contiguous()
    found = torch.from_numpy(guided_filter(blurred.numpy(), photo.numpy(), 8, 1e-3))
    assert float(found[20, 30] - found[20, 29]) > 5 * float(blurred[20, 30] - blurred[20, 29])


def test_a_known_horizon_makes_the_ground_recede() -> None:
    disparity = torch.rand(100, 50, generator=torch.Generator().manual_seed(0))
    mixed = mix_with_horizon(disparity, 0.4)
    gain = [float((m[80:].mean() - m[:40].mean()) / m.std()) for m in (disparity, mixed)]
    assert gain[1] > gain[0] + 0.5


def test_a_horizon_that_the_estimate_has_already_changes_nothing() -> None:
    ramp = ((torch.arange(100) + 0.5) / 100 - 0.4).clamp(min=0)[:, None].expand(100, 50) / 0.6
    torch.testing.assert_close(mix_with_horizon(ramp, 0.4), ramp)


def test_haze_in_the_sky_is_cleared_and_land_stays() -> None:
    disparity = torch.linspace(0, 1, 200)[:, None].expand(200, 60).clone()
    disparity[:40] = 0.004
    cleared = clear_sky(disparity)
    assert float(cleared[:40].max()) == 0
    torch.testing.assert_close(cleared[60:], disparity[60:])


def test_small_things_come_from_the_larger_picture_and_large_ones_from_the_smaller() -> None:
    class Sees(torch.nn.Module):
        """A ramp in small pictures; in larger ones its reverse, with a thin pole."""

        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            height, width = photo.shape[-2:]
            ramp = torch.linspace(0.2, 1, height)[:, None].expand(height, width).clone()
            if width > 300:
                ramp = 0.5 + 0.5 * ramp
                ramp[:, width // 2 : width // 2 + 4] += 0.3
            return ramp.expand(len(photo), 1, height, width)

    photo = torch.zeros(3, 256, 384)
    photo[:, :, 192:196] = 1  # its edges are in the photo too
    found = small_disparity(Sees())(photo)
    assert float(found[128, 194] - found[128, 150]) > 0.1
    assert float(found[-10, 20] - found[10, 20]) == pytest.approx(0.8 * 236 / 255, abs=0.05)


def test_beside_what_stands_out_nothing_is_farther_than_what_is_behind_it() -> None:
    class Sees(torch.nn.Module):
        """A tower before a hazy distance, which stands out more in larger pictures."""

        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            height, width = photo.shape[-2:]
            seen = torch.full((height, width), 0.1)
            seen[height // 2 :] = torch.linspace(0.1, 1, height - height // 2)[:, None]
            seen[height // 4 : height // 2, width // 2 - width // 8 : width // 2] = 0.3 if width == 192 else 0.9
            return seen.expand(len(photo), 1, height, width)

    photo = torch.full((3, 256, 384), 0.7)
    photo[:, 64:, 144:192] = 0.2
    found = small_disparity(Sees())(photo)
    behind = torch.cat([found[70:120, 60:138], found[70:120, 198:320]], dim=1)
    assert float(behind.min()) > 0.085
