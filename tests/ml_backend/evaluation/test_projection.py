import numpy as np
import torch

from ml_backend.camera import PinholeCamera, camera_from_focal
from ml_backend.evaluation.projection import find_regions, splat_photo, view_mask
from ml_backend.structures import DepthMap

_HEIGHT, _WIDTH = 32, 48
_SOURCE = camera_from_focal(48.0, _WIDTH, _HEIGHT)
_MASK = np.zeros((_HEIGHT, _WIDTH), bool)
_MASK[20:, :] = True


def _moved(x: float, z: float = 0.0) -> PinholeCamera:
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3], pose[2, 3] = -x, -z
    return PinholeCamera(_SOURCE.intrinsics, pose, _WIDTH, _HEIGHT)


def _depth() -> DepthMap:
    """A wall at 4, and a post at 2 in front of it."""
    depth = torch.full((1, _HEIGHT, _WIDTH), 4.0)
    depth[:, :, 20:26] = 2.0
    return DepthMap(depth)


def test_the_photo_knows_all_of_its_own_view() -> None:
    assert find_regions(_MASK, _depth(), _SOURCE, _SOURCE).valid.all()


def test_own_view_shows_the_photo_unchanged() -> None:
    photo = torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(0))

    assert torch.allclose(splat_photo(photo, _depth(), _SOURCE, _SOURCE).features, photo, atol=1e-5)


def test_behind_the_post_the_wall_is_not_known() -> None:
    # The camera goes right by 0.5: the wall shifts left by 6 px, the post by 12. A gap of 6 px opens right of the post.
    regions = find_regions(_MASK, _depth(), _SOURCE, _moved(0.5))

    assert np.flatnonzero(regions.disoccluded[10] & ~regions.border[10]).tolist() == [14, 15, 16, 17, 18, 19]


def test_beyond_the_edge_of_the_photo_is_border() -> None:
    border = find_regions(_MASK, _depth(), _SOURCE, _moved(0.5)).border

    assert np.flatnonzero(border[10]).tolist() == [42, 43, 44, 45, 46, 47]


def test_coming_nearer_opens_no_holes_in_a_wall() -> None:
    wall = DepthMap(torch.full((1, _HEIGHT, _WIDTH), 4.0))

    assert find_regions(_MASK, wall, _SOURCE, _moved(0.0, z=1.5)).valid.all()


def test_fluid_and_still_are_all_of_the_view() -> None:
    regions = find_regions(_MASK, _depth(), _SOURCE, _moved(0.5))

    assert (regions.fluid ^ regions.still).all()


def test_mask_moves_with_the_view_and_goes_on_beyond_the_edge() -> None:
    assert (view_mask(_MASK, _depth(), _SOURCE, _moved(0.5)) == _MASK).all()
