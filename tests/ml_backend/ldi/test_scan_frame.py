import torch
from torch import Tensor

from ml_backend.ldi.scan_frame import inside_scan_frame


def _photo() -> Tensor:
    return torch.rand(3, 100, 150, generator=torch.Generator().manual_seed(0))


def test_a_photo_without_a_frame_is_used_whole() -> None:
    assert bool(inside_scan_frame(_photo()).all())


def test_black_lines_at_a_side_and_their_soft_rim_are_a_frame() -> None:
    photo = _photo()
    photo[:, -1] = 0.0
    inside = inside_scan_frame(photo)

    assert not bool(inside[-3:].any())
    assert bool(inside[:-3].all())


def test_frames_of_two_sides_that_cross_are_both_found() -> None:
    photo = _photo()
    photo[:, :2] = 0.4
    photo[:, :, -2:] = 0.0

    assert inside_scan_frame(photo).nonzero().amin(dim=0).tolist() == [4, 0]
    assert inside_scan_frame(photo).nonzero().amax(dim=0).tolist() == [99, 145]


def test_a_plain_sky_is_no_frame() -> None:
    photo = _photo()
    photo[:, :40] = 0.7

    assert bool(inside_scan_frame(photo).all())


def test_wide_bars_are_meant() -> None:
    photo = _photo()
    photo[:, :20] = 0.0

    assert bool(inside_scan_frame(photo).all())


def test_a_tiny_photo_is_used_whole() -> None:
    assert bool(inside_scan_frame(torch.zeros(3, 6, 8)).all())
