from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ml_backend.rendering import gated_decoder
from ml_backend.rendering.decoder import decode_mixed_colors
from ml_backend.rendering.gated_decoder import GatedDecoder, gather_clues, open_gate
from ml_backend.rendering.gated_decoder_net import CLUES, INPUTS, GatedDecoderNet
from ml_backend.structures import BlendedMap, FeatureMap


def _noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def _covered(colors: Tensor) -> FeatureMap:
    return FeatureMap(colors, torch.full_like(colors[:1], 2.0), torch.ones_like(colors[:1]))


def _blended(
    mixed: FeatureMap, forward: FeatureMap, backward: FeatureMap, *, weight: Tensor, known: Tensor
) -> BlendedMap:
    """Of which nothing has moved."""
    maps = {"plain": mixed.features, "moved": 0 * weight, "wanted": 0 * weight}
    return BlendedMap(mixed, forward, backward, weight=weight, known=known, near=1.0, **maps)


def _gate(blended: BlendedMap) -> Tensor:
    return open_gate(gather_clues(blended, decode_mixed_colors(blended)))


def _photo(height: int = 32, width: int = 48) -> BlendedMap:
    """As at t = 0: the photo's own points, one cloud alone."""
    alone = _covered(_noise(3, height, width))
    ones = torch.ones(1, height, width)
    return _blended(alone, alone, alone, weight=ones, known=ones)


def _invented(blended: BlendedMap, rows: slice, cols: slice) -> BlendedMap:
    known = blended.known.clone()
    known[:, rows, cols] = 0
    return replace(blended, known=known)


@pytest.fixture
def decoder() -> GatedDecoder:
    """One whose correction is large everywhere."""
    torch.manual_seed(0)
    network = GatedDecoderNet().eval().requires_grad_(False)
    torch.nn.init.normal_(network.last.weight, std=0.3)
    return GatedDecoder(network)


def test_photo_stays_the_photo_to_the_bit_whatever_was_learned(decoder: GatedDecoder) -> None:
    photo = _photo()

    assert torch.equal(decoder(photo), photo.mixed.features)


def test_untrained_network_changes_nothing() -> None:
    blended = _invented(_photo(), slice(4, 20), slice(10, 30))

    assert torch.equal(GatedDecoder(GatedDecoderNet())(blended), decode_mixed_colors(blended))


def test_only_what_was_invented_is_corrected(decoder: GatedDecoder) -> None:
    blended = _invented(_photo(), slice(4, 20), slice(10, 30))
    changed = (decoder(blended) != decode_mixed_colors(blended)).any(dim=0)

    assert bool(changed[4:20, 10:30].any())
    changed[4:20, 10:30] = False
    assert not bool(changed.any())


def test_gate_is_open_where_two_clouds_show_different_things() -> None:
    first, second = _covered(torch.zeros(3, 4, 4)), _covered(torch.ones(3, 4, 4))
    half = torch.full((1, 4, 4), 0.5)
    doubled = _blended(first, first, second, weight=half, known=torch.ones(1, 4, 4))

    assert torch.equal(_gate(doubled), torch.ones(1, 4, 4))


def test_gate_is_shut_where_two_clouds_show_the_same() -> None:
    blended = replace(_photo(), weight=torch.full((1, 32, 48), 0.5))

    assert not bool(_gate(blended).any())


def test_gate_is_shut_while_one_cloud_counts_almost_alone() -> None:
    first, second = _covered(torch.zeros(3, 4, 4)), _covered(torch.ones(3, 4, 4))
    weight = torch.full((1, 4, 4), 0.999)
    early = _blended(first, first, second, weight=weight, known=torch.ones(1, 4, 4))

    assert not bool(_gate(early).any())


def test_gate_stays_shut_where_the_photos_own_fluid_has_moved() -> None:
    assert not bool(_gate(replace(_photo(), moved=torch.ones(1, 32, 48))).any())


def test_network_reads_what_fluid_was_before_its_contrast_was_restored(decoder: GatedDecoder) -> None:
    blended = _invented(_photo(), slice(4, 20), slice(10, 30))
    other = replace(blended, plain=blended.plain * 0.9)

    assert not torch.equal(decoder(blended), decoder(other))


def test_gate_is_open_in_holes() -> None:
    hole = FeatureMap(torch.zeros(3, 4, 4), torch.full((1, 4, 4), torch.inf), torch.zeros(1, 4, 4))
    ones = torch.ones(1, 4, 4)

    assert torch.equal(_gate(_blended(hole, hole, hole, weight=ones, known=ones)), ones)


def test_clues_are_finite_in_holes_and_have_their_number() -> None:
    hole = FeatureMap(torch.zeros(3, 4, 4), torch.full((1, 4, 4), torch.inf), torch.zeros(1, 4, 4))
    ones = torch.ones(1, 4, 4)
    clues = gather_clues(_blended(hole, hole, hole, weight=ones, known=ones), torch.zeros(3, 4, 4))

    assert clues.shape == (CLUES, 4, 4)
    assert bool(torch.isfinite(clues).all())


def test_tiles_show_what_the_whole_picture_would(decoder: GatedDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gated_decoder, "_has_bfloat16", lambda device: False)  # its rounding depends on the size
    blended = _invented(_photo(400, 520), slice(150, 170), slice(120, 140))  # in two tiles
    in_tiles = decoder(blended)
    monkeypatch.setattr(gated_decoder, "TILE", 1024)
    whole = decoder(blended)

    assert bool((in_tiles != decode_mixed_colors(blended)).any())
    torch.testing.assert_close(in_tiles, whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(1, 1), (33, 47), (64, 9)])
def test_pictures_of_any_size_are_corrected(size: tuple[int, int]) -> None:
    assert GatedDecoderNet()(torch.zeros(1, INPUTS, *size)).shape == (1, 3, *size)
