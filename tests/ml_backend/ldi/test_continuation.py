import torch
from torch import Tensor

from ml_backend.ldi.continuation import continue_disparity, continue_texture


def _plane() -> Tensor:
    row, col = torch.meshgrid(torch.arange(60.0), torch.arange(80.0), indexing="ij")
    return (0.1 + 0.01 * row + 0.002 * col)[None]


def _inner(border: int) -> Tensor:
    known = torch.zeros(60, 80, dtype=torch.bool)
    known[border:-border, border:-border] = True
    return known


def test_a_plane_goes_on_beyond_what_is_known() -> None:
    plane = _plane()
    found = continue_disparity(plane * _inner(6), _inner(6))

    # Beyond the lower edge it rises by 0.06; the slope is a little too small, since it is read with caution.
    assert float((found - plane)[0, -6:, 6:-6].abs().max()) < 0.35 * 0.06


def test_a_constant_stays_what_it_is() -> None:
    found = continue_disparity(torch.full((1, 60, 80), 0.3), _inner(10))

    torch.testing.assert_close(found, torch.full((1, 60, 80), 0.3), atol=1e-4, rtol=0)  # sums of many pixels


def test_what_is_known_is_kept() -> None:
    values = torch.rand(1, 60, 80, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(continue_disparity(values, _inner(10))[0][_inner(10)], values[0][_inner(10)])


def test_no_slope_goes_on_for_ever() -> None:
    known = torch.zeros(60, 80, dtype=torch.bool)
    known[:12] = True
    steep = 0.05 * torch.arange(60.0)[:, None].expand(60, 80)[None]
    found = continue_disparity(steep * known, known)

    assert float(found.max()) <= 1.5 * 0.55 + 1e-6
    assert float(found.min()) >= 0


def test_nothing_known_gives_zero() -> None:
    assert bool((continue_disparity(torch.ones(1, 8, 8), torch.zeros(8, 8, dtype=torch.bool)) == 0).all())


def test_what_lies_level_goes_on_behind_what_hides_it() -> None:
    bands = (torch.arange(60) // 12 % 2).float()[:, None].expand(60, 80)
    known = torch.ones(60, 80, dtype=torch.bool)
    known[12:60, 30:54] = False
    found = continue_texture((bands * known)[None], known)[0]

    # The middle of a gap as wide as two bands still has them.
    assert float(found[31:35, 38:46].mean()) < 0.35
    assert float(found[43:47, 38:46].mean()) > 0.65
