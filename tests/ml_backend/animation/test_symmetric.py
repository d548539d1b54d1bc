import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.animation.symmetric import (
    Fade,
    blend,
    blend_preserving_variance,
    blend_weight,
    late_fade,
    linear_fade,
    normalised_nearness,
)
from ml_backend.structures import FeatureMap

_GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "blend_eq4.npz"
_ALPHA, _DISPARITY = 3, 36  # channels of the authors' maps
_SIZE = 48

needs_golden = pytest.mark.skipif(not _GOLDEN.is_file(), reason="../shared/golden/blend_eq4.npz is not there")
every_fade = pytest.mark.parametrize("fade", [linear_fade, late_fade])


def _map(colour: float, depth: float = 2.0, alpha: float = 1.0) -> FeatureMap:
    return FeatureMap(torch.full((3, 4, 5), colour), torch.full((1, 4, 5), depth), torch.full((1, 4, 5), alpha))


def _texture(seed: int) -> FeatureMap:
    noise = torch.randn(3, _SIZE, _SIZE, generator=torch.Generator().manual_seed(seed))
    ones = torch.ones(1, _SIZE, _SIZE)
    return FeatureMap(0.5 + 0.1 * noise, 2 * ones, ones)


def _half() -> Tensor:
    return torch.full((1, _SIZE, _SIZE), 0.5)


def _weight(forward: FeatureMap, backward: FeatureMap, time: float, fade: Fade = linear_fade) -> float:
    weight = blend_weight(forward, backward, time, normalised_nearness(1.0), fade)
    assert float(weight.min()) == float(weight.max())
    return float(weight.min())


@every_fade
def test_at_the_start_only_the_forward_map_counts(fade: Fade) -> None:
    assert _weight(_map(0.1, depth=150), _map(0.9, depth=1), 0.0, fade) == 1


@every_fade
def test_at_the_end_only_the_backward_map_counts(fade: Fade) -> None:
    assert _weight(_map(0.1, depth=1), _map(0.9, depth=150), 1.0, fade) == 0


@every_fade
def test_blend_at_the_end_is_the_backward_map_to_the_bit(fade: Fade) -> None:
    forward, backward = _texture(0), _texture(1)
    weight = blend_weight(forward, backward, 1.0, normalised_nearness(1.0), fade)

    assert torch.equal(blend(forward, backward, weight).features, backward.features)
    assert torch.equal(blend_preserving_variance(forward, backward, weight, 4.0).features, backward.features)


@every_fade
def test_blend_at_the_start_is_the_forward_map_to_the_bit(fade: Fade) -> None:
    forward, backward = _texture(0), _texture(1)
    weight = blend_weight(forward, backward, 0.0, normalised_nearness(1.0), fade)

    assert torch.equal(blend(forward, backward, weight).features, forward.features)


@every_fade
def test_pixel_that_one_map_leaves_empty_takes_the_other(fade: Fade) -> None:
    empty = _map(0.9, depth=math.inf, alpha=0)

    assert _weight(_map(0.1), empty, 0.75, fade) == 1
    assert _weight(empty, _map(0.1), 0.75, fade) == 0


def test_pixel_that_neither_map_covers_keeps_the_forward_one() -> None:
    empty = _map(0.0, depth=math.inf, alpha=0)

    assert _weight(empty, empty, 0.5) == 1


def test_nearer_map_wins_in_the_middle() -> None:
    assert _weight(_map(0.1, depth=1.0), _map(0.9, depth=100.0), 0.5) > 0.95
    assert _weight(_map(0.1, depth=100.0), _map(0.9, depth=1.0), 0.5) < 0.05


def test_equal_depths_share_by_time_alone() -> None:
    assert _weight(_map(0.1), _map(0.9), 0.25) == pytest.approx(0.75)


def test_weight_does_not_depend_on_the_unit_of_depth() -> None:
    metres, feet = (
        blend_weight(_map(0.1, 2.0 * u), _map(0.9, 300.0 * u), 0.4, normalised_nearness(1.5 * u), linear_fade)
        for u in (1.0, 3.28)
    )

    torch.testing.assert_close(metres, feet)


def test_sky_is_blended_too() -> None:
    # Eq. (4) as printed underflows here: exp(-140) is zero in float32.
    assert _weight(_map(0.1, depth=140.0), _map(0.9, depth=140.0), 0.5) == pytest.approx(0.5)


def test_photo_wins_over_what_was_invented() -> None:
    photo, invented = _map(1.0), _map(0.0)  # the last channel says how much of a pixel is the photo's own
    weight = blend_weight(invented, photo, 0.5, normalised_nearness(1.0), linear_fade, known_channel=-1)

    assert float(weight.max()) < 0.06


def test_what_was_invented_is_there_before_the_loop_begins_anew() -> None:
    # One frame before the seam: a photo of the other cloud that vanished with the next frame would be seen.
    photo, invented = _map(1.0), _map(0.0)
    weight = blend_weight(photo, invented, 59 / 60, normalised_nearness(1.0), late_fade, known_channel=-1)

    assert float(weight.max()) < 0.05


@every_fade
def test_fade_grows_from_zero_to_one(fade: Fade) -> None:
    shares = [fade(frame / 60) for frame in range(61)]

    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)


def test_late_fade_leaves_the_first_half_to_the_forward_cloud() -> None:
    assert late_fade(0.5) <= 0.01


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5, 1.0])
def test_equal_maps_blend_to_themselves(weight: float) -> None:
    texture = _texture(0)
    weights = torch.full((1, _SIZE, _SIZE), weight)

    torch.testing.assert_close(blend(texture, texture, weights).features, texture.features)
    torch.testing.assert_close(blend(texture, texture, weights).depth, texture.depth)


@pytest.mark.parametrize("weight", [0.3, 0.5])
def test_equal_maps_blend_to_themselves_with_contrast_kept(weight: float) -> None:
    texture = _texture(0)
    mixed = blend_preserving_variance(texture, texture, torch.full((1, _SIZE, _SIZE), weight), 4.0)

    torch.testing.assert_close(mixed.features, texture.features, atol=1e-5, rtol=0)


def test_depth_is_mixed_as_disparity() -> None:
    mixed = blend(_map(0.0, depth=1.0), _map(0.0, depth=math.inf), torch.full((1, 4, 5), 0.5))

    torch.testing.assert_close(mixed.depth, torch.full((1, 4, 5), 2.0))


def test_plain_blend_of_two_textures_loses_a_third_of_the_contrast() -> None:
    mixed = blend(_texture(0), _texture(1), _half())

    assert float(mixed.features.std()) / 0.1 == pytest.approx(math.sqrt(0.5), abs=0.03)


def test_contrast_of_two_textures_is_kept() -> None:
    mixed = blend_preserving_variance(_texture(0), _texture(1), _half(), 4.0)

    assert float(mixed.features.std()) / 0.1 == pytest.approx(1.0, abs=0.1)


def test_what_both_maps_show_alike_stays_to_the_bit() -> None:
    first, second = _texture(0), _texture(1)
    left = first.features.clone()
    left[..., _SIZE // 2 :] = second.features[..., _SIZE // 2 :]
    mixed = blend_preserving_variance(replace(first, features=left), second, _half(), 4.0)

    assert torch.equal(mixed.features[..., _SIZE // 2 :], second.features[..., _SIZE // 2 :])


def test_keeping_contrast_keeps_the_mean() -> None:
    mixed = blend_preserving_variance(_texture(0), _texture(1), _half(), 4.0)

    assert float(mixed.features.mean()) == pytest.approx(0.5, abs=0.01)


def test_texture_is_not_mixed_with_the_black_of_a_hole() -> None:
    texture = _texture(0)
    hole = FeatureMap(
        torch.zeros_like(texture.features), torch.full_like(texture.depth, torch.inf), torch.zeros_like(texture.alpha)
    )
    weight = blend_weight(texture, hole, 0.5, normalised_nearness(1.0), linear_fade)
    weight[..., :4] = 0.9  # not all ones, so that contrast is measured at all
    mixed = blend_preserving_variance(texture, hole, weight, 4.0)

    assert torch.equal(mixed.features[..., 8:], texture.features[..., 8:])


def _golden_map(array: np.ndarray) -> FeatureMap:
    """Their nearness is the rendered disparity itself; depth is its inverse here, inf where nothing was drawn."""
    channels = torch.from_numpy(array[0])
    return FeatureMap(channels, 1 / channels[_DISPARITY : _DISPARITY + 1], channels[_ALPHA : _ALPHA + 1])


def _golden_weight(arrays: np.lib.npyio.NpzFile, steepness: float, time: float) -> Tensor:
    maps = (_golden_map(arrays["x0"]), _golden_map(arrays["x1"]))
    return blend_weight(*maps, time, lambda depth: steepness / depth, linear_fade)


@needs_golden
@pytest.mark.parametrize(
    ("name", "steepness", "time"),
    [(f"a{a:g}_t{t:.4f}", a, t) for a in (1.0, 2.5) for t in (0.0, 0.25, 0.5, 59 / 60)]
    + [("direct_a4_t0.3", 4.0, 0.3)],
)
def test_weights_are_the_authors(name: str, steepness: float, time: float) -> None:
    with np.load(_GOLDEN) as arrays:
        weight = _golden_weight(arrays, steepness, time)
        expected, rest = (torch.from_numpy(arrays[f"{name}_{w}"][0]) for w in ("w0", "w1"))
    has_share = expected + rest > 0

    # Their 1e-6 in the denominator shows where the only map there is has nearly no share or no alpha.
    assert float((weight - expected).abs()[has_share].max()) < 1e-5
    assert bool((weight[~has_share] == 1).all())  # both of theirs are 0 there, and the pixel is lost


@needs_golden
@pytest.mark.parametrize("time", [0.0, 0.25, 0.5, 59 / 60])
def test_blended_map_is_the_authors(time: float) -> None:
    with np.load(_GOLDEN) as arrays:
        forward, backward = _golden_map(arrays["x0"]), _golden_map(arrays["x1"])
        mixed = blend(forward, backward, _golden_weight(arrays, 1.0, time))
        # They blend a pixel to nothing where w0 + w1 = 0: one map is empty there and the other has no share.
        has_share = torch.from_numpy(arrays[f"a1_t{time:.4f}_w0"][0] + arrays[f"a1_t{time:.4f}_w1"][0]) > 0
        expected = torch.from_numpy(arrays[f"a1_t{time:.4f}_blend"][0])

    assert float(((mixed.features - expected).abs() * has_share).max()) < 1e-5
