import torch
from torch import Tensor

from ml_backend.animation.inflow import Seen, borrow_fluid

_SIZE = 24
_ONES = torch.ones(1, _SIZE, _SIZE)
_HALF = 0.4  # of the loop: the forward cloud has given way, the backward one has not yet taken back
_SIGMA_PX = 2.0


def _seen(known: Tensor, *, covered: Tensor = _ONES, moved: Tensor = _ONES, grey: float = 0.5) -> Seen:
    return Seen(torch.full((3, _SIZE, _SIZE), grey), covered, known, moved)


def _photo_below(row: int) -> Tensor:
    """1 from a row on: the fluid has flowed down."""
    known = torch.zeros(1, _SIZE, _SIZE)
    known[:, row:] = 1
    return known


def _borrowed(forward: Seen, backward: Seen, *, weight: Tensor = _ONES, time: float = _HALF) -> Tensor:
    return borrow_fluid(weight, forward, backward, time, _SIGMA_PX)


def test_invented_fluid_gives_way_to_the_other_clouds_photo() -> None:
    weight = _borrowed(_seen(_photo_below(10)), _seen(_ONES))

    assert torch.equal(weight[:, :10], torch.zeros(1, 10, _SIZE))
    assert torch.equal(weight[:, 16:], torch.ones(1, _SIZE - 16, _SIZE))


def test_cut_is_soft_on_the_side_of_the_photo() -> None:
    column = _borrowed(_seen(_photo_below(10)), _seen(_ONES))[0, 9:16, 5]

    assert bool((column.diff() >= 0).all())
    assert 0.2 < float(column[2]) < 0.9


def test_crack_is_left_as_it_was_invented() -> None:
    known = _ONES.clone()
    known[:, 10] = 0

    assert float(_borrowed(_seen(known), _seen(_ONES)).min()) > 0.85


def test_nothing_is_borrowed_where_the_other_cloud_is_invented_or_not_there() -> None:
    invented, empty = torch.zeros(1, _SIZE, _SIZE), _seen(_ONES, covered=0 * _ONES)

    assert torch.equal(_borrowed(_seen(invented), _seen(invented)), _ONES)
    assert torch.equal(_borrowed(_seen(invented), empty), _ONES)


def test_nothing_is_borrowed_of_another_colour() -> None:
    foam, sea = _seen(_photo_below(10), grey=0.9), _seen(_ONES, grey=0.3)

    assert torch.equal(_borrowed(foam, sea), _ONES)


def test_empty_part_of_a_cloud_is_no_colour() -> None:
    covered = _ONES.clone()
    covered[..., 12:] = 0
    forward = _seen(_photo_below(10))
    black = Seen(torch.full((3, _SIZE, _SIZE), 0.5) * covered, covered, known=_ONES, moved=_ONES)

    assert float(_borrowed(forward, black)[:, :8, :12].max()) == 0


def test_what_has_not_moved_is_left_to_the_bit() -> None:
    weight = torch.rand(1, _SIZE, _SIZE, generator=torch.Generator().manual_seed(0))
    moved = torch.zeros(1, _SIZE, _SIZE)
    moved[..., :12] = 1
    forward = _seen(_photo_below(10), moved=moved)
    borrowed = _borrowed(forward, _seen(_ONES, moved=moved), weight=weight)

    assert torch.equal(borrowed[..., 12:], weight[..., 12:])
    assert not torch.equal(borrowed, weight)


def test_backward_cloud_borrows_of_the_forward_one() -> None:
    weight = _borrowed(_seen(_ONES), _seen(_photo_below(10)), weight=0.3 * _ONES, time=0.8)

    assert torch.equal(weight[:, :10], torch.ones(1, 10, _SIZE))
    torch.testing.assert_close(weight[:, 16:], 0.3 * torch.ones(1, _SIZE - 16, _SIZE))


def test_borrowing_begins_and_ends_with_the_loop() -> None:
    forward, backward = _seen(_photo_below(10)), _seen(_ONES)

    assert torch.equal(_borrowed(forward, backward, time=0.0), _ONES)
    assert float((_borrowed(forward, backward, time=1 / 60) - _ONES).abs().max()) < 0.02
    assert float(_borrowed(backward, forward, weight=0 * _ONES, time=59 / 60).max()) < 0.1
