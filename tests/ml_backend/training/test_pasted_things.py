import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from ml_backend.training import pasted_things
from ml_backend.training.pasted_things import Ground, ViewsWithThings, paste_things
from ml_backend.training.stage import Batch

PHOTO = np.full((40, 60, 3), 200, np.uint8)


def plain(height: int = 48, width: int = 64) -> Ground:
    """Water below a sky, nearer further down."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    sky = np.broadcast_to(rows < height / 3, (height, width))
    depth = np.where(sky, 10000, 60 / np.maximum(rows - height / 3 + 1, 1)).astype(np.float32)
    surface = np.where(sky, 0, 2)
    return Ground(np.full((height, width, 3), 0.4, np.float32), depth, sky.copy(), surface)


@pytest.mark.parametrize("seed", range(8))
def test_things_stand_where_their_foot_is(seed: int) -> None:
    view = plain()
    made = paste_things(view, [PHOTO], np.random.default_rng(seed))

    changed = made.depth != view.depth
    assert changed.any()
    assert (made.depth[changed] < view.depth[changed]).all()  # each is nearer than what it hides
    assert np.isin(made.depth[changed], view.depth[~view.sky]).all()  # at the depth of some place of the ground
    assert not made.sky[changed].any()
    assert ((made.color >= 0) & (made.color <= 1)).all()


def test_what_is_nearer_hides_a_thing() -> None:
    view = plain()
    view.depth[:, 20:40] = 0.5
    view.sky[:, 20:40] = False
    view.surface[:, 20:40] = 3
    for seed in range(8):
        made = paste_things(view, [], np.random.default_rng(seed))
        assert (made.depth[:, 20:40] == 0.5).all()


def test_some_things_have_the_colour_of_what_they_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    def difference() -> float:
        found = []
        for seed in range(40):
            view = plain()
            made = paste_things(view, [], np.random.default_rng(seed))
            things = (made.depth != view.depth) & (view.depth < 100)
            found += [abs(made.color[things].mean() - 0.4)] if things.any() else []
        return float(np.mean(found))

    as_it_is = difference()
    monkeypatch.setattr(pasted_things, "_HIDDEN", 0.0)
    of_any_color = difference()
    monkeypatch.setattr(pasted_things, "_HIDDEN", 1.0)
    assert difference() < 0.5 * of_any_color
    assert difference() < as_it_is < 0.9 * of_any_color


def test_the_view_itself_is_not_changed() -> None:
    view = plain()
    before = (view.color.copy(), view.depth.copy(), view.sky.copy())
    paste_things(view, [PHOTO], np.random.default_rng(0))
    assert all(np.array_equal(a, b) for a, b in zip(before, (view.color, view.depth, view.sky), strict=True))


class _Plains(Dataset[Batch]):
    def __getitem__(self, index: int) -> Batch:
        view = plain()
        maps = {name: torch.from_numpy(getattr(view, name))[None] for name in ("depth", "sky", "surface")}
        return {"color": torch.from_numpy(view.color).permute(2, 0, 1), **maps}


def test_a_sample_depends_on_its_number_and_the_share() -> None:
    first, again, never = (ViewsWithThings(_Plains(), [], seed=0, share=s) for s in (0.5, 0.5, 0.0))
    changed = []
    for index in range(20):
        assert all(torch.equal(first[index][name], again[index][name]) for name in ("color", "depth", "sky"))
        changed.append(not torch.equal(first[index]["depth"], never[index]["depth"]))
    assert 0 < sum(changed) < 20
