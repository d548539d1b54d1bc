import pytest
import torch
from torch import Tensor

from ml_backend.depth.estimate import estimate_depth
from ml_backend.depth.prior import landscape_disparity

_HORIZON = 0.4


def _landscape(height: int = 120, width: int = 180, *, with_tower: bool = False) -> Tensor:
    """A light blue sky over rough brown ground; optionally a dark tower that rises above the horizon."""
    rough = torch.rand(1, height, width, generator=torch.Generator().manual_seed(0)) - 0.5
    horizon = round(_HORIZON * height)
    image = torch.tensor([0.45, 0.35, 0.2])[:, None, None] + 0.25 * rough
    image[:, :horizon] = torch.tensor([0.6, 0.75, 0.95])[:, None, None] + 0.01 * rough[:, :horizon]
    if with_tower:
        rows, columns = slice(round(0.15 * height), round(0.6 * height)), slice(width // 2, width // 2 + width // 8)
        image[:, rows, columns] = 0.15 + 0.2 * rough[:, rows, columns]
    return image.clamp(0, 1)


def test_sky_is_infinitely_far() -> None:
    assert float(landscape_disparity(_landscape())[:30].max()) == 0


def test_ground_comes_nearer_row_by_row() -> None:
    rows = landscape_disparity(_landscape()).median(dim=1).values[round(_HORIZON * 120) + 8 :]

    assert bool((rows.diff() >= 0).all())
    assert float(rows[-1]) > 0.9


def test_ground_is_nearer_than_the_sky() -> None:
    disparity = landscape_disparity(_landscape())

    assert float(disparity[60:].min()) > float(disparity[:30].max())


def test_tower_stands_in_front_of_the_sky() -> None:
    disparity = landscape_disparity(_landscape(with_tower=True))

    assert float(disparity[30, 96:106].min()) > float(disparity[30, :60].max())


def test_tower_stands_upright() -> None:
    tower = landscape_disparity(_landscape(with_tower=True))[24:46, 101]

    assert float(tower.min()) > 0.5 * float(tower.max())


@pytest.mark.parametrize(("height", "width"), [(120, 180), (180, 120), (64, 64), (1, 1), (9, 300)])
def test_any_size_gives_values_between_zero_and_one(height: int, width: int) -> None:
    image = torch.rand(3, height, width, generator=torch.Generator().manual_seed(1))
    disparity = landscape_disparity(image)

    assert disparity.shape == (height, width)
    assert float(disparity.min()) >= 0
    assert float(disparity.max()) <= 1


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_plain_picture_has_a_depth(value: float) -> None:
    disparity = landscape_disparity(torch.full((3, 50, 70), value))

    assert bool(torch.isfinite(disparity).all())


def test_same_photo_gives_the_same_bytes() -> None:
    image = _landscape(with_tower=True)

    assert torch.equal(landscape_disparity(image), landscape_disparity(image))


def test_photo_is_not_written_to() -> None:
    image = _landscape()
    before = image.clone()
    landscape_disparity(image)

    assert torch.equal(image, before)


def test_depth_of_a_landscape_starts_at_one_and_ends_in_the_sky() -> None:
    depth = estimate_depth(_landscape(), landscape_disparity).depth[0]

    assert float(depth.quantile(0.02)) == pytest.approx(1.0, rel=0.05)
    assert float(depth[:30].min()) == float(depth.max())
