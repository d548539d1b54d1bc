import numpy as np
import pytest
import torch

from ml_backend.training.painted_skies import ViewsUnderOtherSkies, paint_sky


def painted(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture with a sky in its upper half, painted; and where that sky is."""
    sky = np.zeros((32, 48), bool)
    sky[:16] = True
    return paint_sky(np.full((32, 48, 3), 0.5, np.float32), sky, np.random.default_rng(seed)), sky


@pytest.mark.parametrize("seed", range(6))
def test_the_sky_alone_is_painted(seed: int) -> None:
    made, sky = painted(seed)

    assert (made[~sky] == 0.5).all()
    assert made.std(axis=2)[sky].max() > 0  # no grey is left
    assert made.dtype == np.float32
    assert ((made >= 0) & (made <= 1)).all()


def test_skies_differ_and_each_comes_out_again() -> None:
    first, again, other = (painted(seed)[0] for seed in (0, 0, 1))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_some_skies_have_hard_clouds_and_some_are_even() -> None:
    spreads = [made[sky].std() for made, sky in map(painted, range(30))]

    assert min(spreads) < 0.06
    assert max(spreads) > 0.2


class _GreyViews(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        sky = torch.zeros(1, 32, 48, dtype=torch.bool)
        sky[:, :16] = True
        return {"color": torch.full((3, 32, 48), 0.5), "sky": sky, "number": torch.tensor(index)}


def test_a_share_of_the_views_is_under_another_sky() -> None:
    views = ViewsUnderOtherSkies(_GreyViews(), seed=0, share=0.3)
    painted_views = [index for index in range(100) if bool((views[index]["color"] != 0.5).any())]

    assert 20 <= len(painted_views) <= 40
    assert torch.equal(views[painted_views[0]]["color"], views[painted_views[0]]["color"])
    assert int(views[7]["number"]) == 7
