from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml_backend.errors import BadInput
from ml_backend.training.animation_stage import render_colors
from ml_backend.training.configs import TrainingConfig
from ml_backend.training.datasets.places import open_places
from ml_backend.training.datasets.takes import Place, Rng, Take, Wanted, cut_pair, draw_rng, draw_window
from ml_backend.training.geometry import prepare_take
from ml_backend.training.worlds.pool import render_pool

SMALL = Wanted(48, 32)
CONFIG = TrainingConfig()


@pytest.fixture(scope="module")
def worlds() -> Place:
    return open_places(CONFIG).training[0]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rendered worlds of kind animation."""
    folder = tmp_path_factory.mktemp("pool")
    render_pool(folder, range(4), (48, 32), "animation")
    return folder


def rng(index: int = 0, *, held_out: bool = False) -> Rng:
    return draw_rng(0, index, held_out=held_out)


def difference(take: Take) -> tuple[float, float]:
    """Mean error of the take's colours drawn from its geometry, and of the photo itself, both against the target."""
    sample = prepare_take(take, max_layers=4)
    drawn = render_colors({name: value[None] for name, value in sample.items()})[0]
    known = take.known.expand_as(drawn) > 0.5
    return tuple(float((p - take.target)[known].abs().mean()) for p in (drawn, take.start))


def test_a_world_flows(worlds: Place) -> None:
    pair = worlds.motion_pair(rng(), SMALL)

    assert tuple(pair.image.shape) == (3, 32, 48)
    assert float(pair.mask.mean()) >= 0.03
    assert float(pair.flow[:, pair.mask[0] == 0].abs().sum()) == 0


def test_a_novel_view_of_a_world_is_nearer_to_its_geometry_than_to_the_photo(worlds: Place) -> None:
    takes = [worlds.take(rng(index), replace(SMALL, novel_views=1.0)) for index in range(4)]
    drawn, photo = (sum(values) for values in zip(*map(difference, takes), strict=True))

    assert all(take.time == 0 for take in takes)
    assert drawn < 0.7 * photo


def test_the_middle_of_a_worlds_triplet_is_nearer_to_its_geometry_than_to_the_start(worlds: Place) -> None:
    wanted = replace(SMALL, novel_views=0.0, num_frames=12)
    takes = [take for index in range(8) if (take := worlds.take(rng(index), wanted)).time > 0]
    drawn, photo = (sum(values) for values in zip(*map(difference, takes), strict=True))

    assert all(0 < take.time < take.num_frames <= 12 for take in takes)
    assert drawn < 0.8 * photo


def test_held_out_worlds_are_others(worlds: Place) -> None:
    first, apart = (worlds.motion_pair(rng(held_out=held_out), SMALL) for held_out in (False, True))

    assert not torch.equal(first.image, apart.image)


def test_a_pool_gives_pairs_and_views_and_holds_its_last_worlds_out(pool: Path) -> None:
    places = open_places(replace(CONFIG, data=(f"worlds:{pool}",)))
    trained = {float(places.training[0].motion_pair(rng(index), SMALL).image.sum()) for index in range(20)}
    apart = {float(places.held_out[0].motion_pair(rng(index), SMALL).image.sum()) for index in range(20)}
    take = places.training[0].take(rng(), replace(SMALL, novel_views=0.0))

    assert not trained & apart
    assert 0 < take.time < take.num_frames == 60
    drawn, photo = difference(take)
    assert drawn < photo


def test_a_clip_gives_triplets_and_pseudo_views(river: Path) -> None:
    place = open_places(replace(CONFIG, data=(str(river),))).training[0]
    triplet = place.take(rng(), replace(SMALL, novel_views=0.0))
    view = place.take(rng(), replace(SMALL, novel_views=1.0))

    assert 0 < triplet.time < triplet.num_frames
    assert not torch.equal(triplet.start, triplet.end)
    assert view.time == 0
    assert view.end is view.start
    assert not torch.equal(view.target_camera.world_to_camera, view.camera.world_to_camera)
    drawn, photo = difference(view)
    assert drawn < photo


def test_what_a_pseudo_view_had_to_invent_is_not_known(river: Path) -> None:
    place = open_places(replace(CONFIG, data=(str(river),))).training[0]
    shares = [float(place.take(rng(index), replace(SMALL, novel_views=1.0)).known.mean()) for index in range(4)]

    assert all(0.5 < share < 1 for share in shares)


def test_one_clip_alone_is_told_to_be_trained_and_validated_on(river: Path) -> None:
    assert "trained on and validated on" in open_places(replace(CONFIG, data=(str(river),))).notes[0]


def test_a_mirrored_window_keeps_flow_and_picture_together(worlds: Place) -> None:
    pair = worlds.motion_pair(rng(), Wanted(96, 64))
    window = draw_window(rng(1), 96, 64, Wanted(24, 16))
    cut = cut_pair(pair, window)

    assert tuple(cut.image.shape) == (3, 16, 24)
    share = window.scale[0]
    whole = pair.flow[0, window.top : window.top + window.height, window.left : window.left + window.width]
    assert float(cut.flow[0].mean()) == pytest.approx(float(whole.mean()) * share, abs=0.1 * float(whole.abs().max()))


def test_a_folder_without_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no dataset"):
        open_places(replace(CONFIG, data=(str(tmp_path),)))
