import torch
from torch import Tensor

from ml_backend.ldi.texture import lay_texture

_HEIGHT, _WIDTH = 120, 160


def _gravel(mean: float = 0.5) -> Tensor:
    noise = torch.randn(1, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(0))
    return (mean + 0.08 * noise).expand(3, -1, -1).clamp(0, 1)


def _right() -> Tensor:
    hidden = torch.zeros(_HEIGHT, _WIDTH, dtype=torch.bool)
    hidden[30:90, 100:150] = True
    return hidden


def test_a_smooth_fill_gets_the_texture_of_what_is_known() -> None:
    hidden = _right()
    laid = lay_texture(torch.where(hidden, 0.5, _gravel()), ~hidden, hidden)

    contrast, wanted = laid[0][hidden].std(), _gravel()[0][~hidden].std()
    assert 0.55 * wanted < contrast < 0.8 * wanted  # 0.7 is asked for
    assert abs(float(laid[0][hidden].mean()) - 0.5) < 0.01


def test_what_is_known_is_kept() -> None:
    hidden = _right()
    given = torch.where(hidden, 0.5, _gravel())

    assert torch.equal(lay_texture(given, ~hidden, hidden)[:, ~hidden], given[:, ~hidden])


def test_texture_that_is_there_is_enough() -> None:
    hidden = _right()
    added = lay_texture(_gravel(), ~hidden, hidden) - _gravel()

    assert float(added.abs().mean()) < 0.02 * float(_gravel().std())


def test_a_clear_sky_gets_no_gravel() -> None:
    hidden = _right()
    sky = torch.tensor([0.2, 0.4, 0.9])[:, None, None].expand(3, _HEIGHT, _WIDTH)
    left = torch.arange(_WIDTH) < 60
    given = torch.where(left, _gravel(), sky)

    torch.testing.assert_close(lay_texture(given, ~hidden, hidden), given, atol=1e-3, rtol=0)


def test_other_colours_lend_little_texture() -> None:
    hidden = _right()
    known = torch.zeros_like(hidden)
    known[:, :90] = True
    given = torch.where(known, _gravel(0.2), 0.8)

    torch.testing.assert_close(lay_texture(given, known, hidden), given, atol=1e-3, rtol=0)


def test_without_a_whole_piece_nothing_is_laid() -> None:
    hidden = _right()
    known = torch.zeros_like(hidden)
    known[0, 0] = True
    given = torch.where(known, _gravel(), 0.5)

    assert torch.equal(lay_texture(given, known, hidden), given)


def test_nothing_hidden_is_nothing_laid() -> None:
    nothing = torch.zeros(_HEIGHT, _WIDTH, dtype=torch.bool)

    assert torch.equal(lay_texture(_gravel(), ~nothing, nothing), _gravel())
    tiny = torch.full((3, 1, 1), 0.5)
    assert torch.equal(lay_texture(tiny, torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1, dtype=torch.bool)), tiny)


def test_it_is_the_same_each_time() -> None:
    hidden = _right()
    given = torch.where(hidden, 0.5, _gravel())

    assert torch.equal(lay_texture(given, ~hidden, hidden), lay_texture(given, ~hidden, hidden))
