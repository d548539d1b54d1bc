import pytest
import torch
from torch import Tensor

from ml_backend.filtering import push_pull_level
from ml_backend.ldi.continuation import RELAXATIONS, continue_texture
from ml_backend.ldi.small_fill import layer_fill
from ml_backend.ldi.small_nets import IN_CHANNELS, SmallInpaintingNet


def _layer(height: int = 60, width: int = 90) -> tuple[Tensor, Tensor, Tensor]:
    """Noise with a hole."""
    generator = torch.Generator().manual_seed(0)
    known = torch.ones(height, width, dtype=torch.bool)
    known[height // 3 : height // 2, width // 3 : width // 2] = False
    return torch.rand(3, height, width, generator=generator), torch.rand(1, height, width, generator=generator), known


@pytest.mark.parametrize(("height", "width"), [(128, 192), (192, 128), (32, 32)])
def test_corrections_have_the_layers_size(height: int, width: int) -> None:
    color, share, disparity = SmallInpaintingNet()(torch.rand(2, IN_CHANNELS, height, width))
    assert color.shape == (2, 3, height, width)
    assert share.shape == disparity.shape == (2, 1, height, width)


def test_half_precision_of_the_weights_fits_into_sixteen_mebibytes() -> None:
    assert 2 * sum(value.numel() for value in SmallInpaintingNet().state_dict().values()) < 16 * 2**20


def test_an_untrained_network_adds_half_of_the_detail_to_the_smooth_continuation() -> None:
    color, disparity, known = _layer()
    filled, deep = layer_fill(SmallInpaintingNet().eval())(color, disparity, known)
    smooth, smooth_deep = (push_pull_level(v, known[None].float(), relaxations=RELAXATIONS) for v in (color, disparity))
    torch.testing.assert_close(deep, smooth_deep)
    torch.testing.assert_close(filled, ((smooth + continue_texture(color, known)) / 2).clamp(0, 1))


@pytest.mark.parametrize(("height", "width"), [(61, 93), (33, 300), (700, 41), (8, 8)])
def test_layers_of_any_size_are_filled_with_finite_values(height: int, width: int) -> None:
    torch.manual_seed(0)
    network = SmallInpaintingNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.1)
    color, disparity = layer_fill(network)(*_layer(height, width))
    assert color.shape == (3, height, width)
    assert disparity.shape == (1, height, width)
    assert bool(torch.isfinite(color).all() and torch.isfinite(disparity).all())


def test_what_is_hidden_by_others_does_not_change_the_fill() -> None:
    torch.manual_seed(0)
    network = SmallInpaintingNet().eval()
    torch.nn.init.normal_(network.head.weight, std=0.1)
    color, disparity, known = _layer()
    other = torch.where(known, color, torch.zeros(()))
    first, second = (layer_fill(network)(c, disparity, known)[0] for c in (color, other))
    torch.testing.assert_close(first, second)
