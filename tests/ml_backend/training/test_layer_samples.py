import torch
from torch import Tensor

from ml_backend.training.layer_samples import LayerSample, hide_parts


def _sample(seed: int) -> tuple[LayerSample, Tensor]:
    """A sample of a noisy slope, and its disparity."""
    generator = torch.Generator().manual_seed(seed)
    color = torch.rand(3, 64, 96, generator=generator)
    disparity = torch.linspace(0, 1, 64)[:, None].expand(64, 96)[None].contiguous()
    shape = torch.zeros(30, 40, dtype=torch.bool)
    shape[8:22, 10:30] = True
    return hide_parts(color, disparity, shape, generator), disparity


def test_nothing_that_is_asked_for_is_known() -> None:
    for seed in range(10):
        sample = _sample(seed)[0]
        assert not bool((sample.asked[0] & (sample.given.channels[7] > 0)).any())


def test_something_is_asked_for() -> None:
    assert all(int(_sample(seed)[0].asked.sum()) > 40 for seed in range(10))


def test_the_network_is_not_shown_what_it_is_asked_for() -> None:
    sample = _sample(3)[0]
    shown = sample.given.smooth_color
    asked = sample.asked[0]
    assert float((shown - sample.color).abs()[:, asked].mean()) > 0.1


def test_what_is_known_is_shown_as_it_is() -> None:
    sample = _sample(3)[0]
    known = sample.given.channels[7] > 0
    torch.testing.assert_close(sample.given.smooth_color[:, known], sample.color[:, known])


def test_the_known_disparity_has_mean_zero_and_deviation_one() -> None:
    given = _sample(3)[0].given
    values = given.channels[6][given.channels[7] > 0]
    torch.testing.assert_close(torch.stack([values.mean(), values.std(correction=0)]), torch.tensor([0.0, 1.0]))


def test_the_same_generator_gives_the_same_sample() -> None:
    assert torch.equal(_sample(5)[0].given.channels, _sample(5)[0].given.channels)
