import itertools
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.cluster import AgglomerativeClustering

from ml_backend.ldi.layering import MAX_LAYERS, MIN_LAYERS, cluster_disparity, label_layers, split_layers
from ml_backend.structures import DepthMap

_GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "layering.npz"
_REFERENCE_SAMPLES = 4004  # at which our threshold is the authors'

needs_golden = pytest.mark.skipif(not _GOLDEN.is_file(), reason="../shared/golden/layering.npz is not there")


def _depth(values: np.ndarray) -> DepthMap:
    return DepthMap(torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))[None])


def _landscape(width: int) -> DepthMap:
    """Sky above, a hill, sloping ground, and a post, at any size."""
    height = width * 2 // 3
    y = ((np.arange(height) + 0.5) / height)[:, None]
    x = ((np.arange(width) + 0.5) / width)[None, :]
    disparity = np.broadcast_to(np.clip((y - 0.45) * 0.9, 0.0, None), (height, width)).copy()
    disparity[(y > 0.3) & (y < 0.5) & (x > 0.6)] = 0.2
    disparity[(y > 0.2) & (np.abs(x - 0.3) < 0.04)] = 1.0
    return _depth(1 / np.maximum(disparity, 1e-6))


def _unit_disparity(depth: np.ndarray) -> np.ndarray:
    disparity = 1 / depth.astype(np.float64)
    return (disparity - disparity.min()) / (disparity.max() - disparity.min())


def _spread(values: np.ndarray, edges: tuple[float, ...]) -> float:
    """Ward's criterion: squared distances to the mean, summed over the clusters."""
    clusters = np.searchsorted(edges, values)
    return sum(float(((values[clusters == k] - values[clusters == k].mean()) ** 2).sum()) for k in np.unique(clusters))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("num_layers", [2, 3, 4])
def test_no_other_cut_has_a_smaller_spread(seed: int, num_layers: int) -> None:
    values = np.sort(np.random.default_rng(seed).random(14))
    halfway = (values[1:] + values[:-1]) / 2
    best = min(_spread(values, edges) for edges in itertools.combinations(halfway, num_layers - 1))

    edges = cluster_disparity(values, num_layers=num_layers)
    assert len(edges) == num_layers - 1
    assert _spread(values, tuple(edges)) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("num_blobs", [2, 3, 5])
def test_blobs_that_stand_apart_are_those_of_wards_method(num_blobs: int) -> None:
    centres = np.linspace(0.05, 0.95, num_blobs)
    values = np.concatenate([centre + np.linspace(-0.02, 0.02, _REFERENCE_SAMPLES // num_blobs) for centre in centres])
    ward = AgglomerativeClustering(n_clusters=None, distance_threshold=5.0).fit(values[::10, None])

    clusters = np.searchsorted(cluster_disparity(values), values)[::10]
    pairs = set(zip(clusters.tolist(), ward.labels_.tolist(), strict=True))
    assert len(pairs) == num_blobs  # one of theirs for each of ours


@needs_golden
@pytest.mark.parametrize("name", ["planes3", "skyground", "large512x768"])
def test_cut_is_at_least_as_good_as_the_authors(name: str) -> None:
    with np.load(_GOLDEN) as file:
        depth, bins = file[f"{name}__depth"], file[f"{name}__bins"]
    samples = _unit_disparity(depth)[::10, ::10].ravel()  # what the authors cluster
    disparity = 1 / depth.astype(np.float64)
    theirs = np.sort((1 / bins[1:-1] - disparity.min()) / (disparity.max() - disparity.min())) - 1e-6

    ours = cluster_disparity(samples, num_layers=len(bins) - 1)
    assert _spread(samples, tuple(ours)) <= _spread(samples, tuple(theirs)) * (1 + 1e-3)  # a bin's width


@needs_golden
def test_photo_of_the_reference_size_has_the_authors_number_of_layers() -> None:
    with np.load(_GOLDEN) as file:
        depth, expected = file["large512x768__depth"], int(file["large512x768__n_layers"])

    assert int(label_layers(_depth(depth), minds_surfaces=False).max()) + 1 == expected


@needs_golden
@pytest.mark.parametrize("name", ["planes3", "skyground", "large512x768"])
def test_pixels_that_the_authors_lose_are_in_the_last_layer(name: str) -> None:
    with np.load(_GOLDEN) as file:
        depth, lost = file[f"{name}__depth"], file[f"{name}__layer_index"] < 0
    labels = label_layers(_depth(depth)).numpy()

    assert lost.any()
    assert (labels[lost] == labels.max()).all()


def _roof_on_eaves() -> np.ndarray:
    """Disparity of a tower before a ground that has all its depths; its eaves stand well before its roof."""
    disparity = np.linspace(0.0, 1.0, 120)[:, None] * np.ones((1, 160))
    disparity[30:45, 50:110] = 0.46
    disparity[45:60, 50:110] = 0.58
    return disparity


def test_surfaces_that_stand_before_each_other_are_in_different_layers() -> None:
    depth = _depth(1 / np.maximum(_roof_on_eaves(), 1e-3))
    by_values, by_surfaces = (label_layers(depth, minds_surfaces=minds) for minds in (False, True))

    assert by_values[44, 80] == by_values[46, 80]
    assert by_surfaces[44, 80] > by_surfaces[46, 80]


def test_cut_goes_through_a_narrow_surface_rather_than_a_wide_one() -> None:
    disparity = np.full((120, 160), 0.02)
    disparity[:90, 20:140] = np.linspace(0.2, 0.35, 90)[:, None]
    disparity[90:, 70:90] = np.linspace(0.6, 1.0, 30)[:, None]
    depth = _depth(1 / disparity)
    by_values, by_surfaces = (
        label_layers(depth, num_layers=4, minds_surfaces=minds)[:90, 20:140] for minds in (False, True)
    )

    assert len(by_values.unique()) == 2
    assert len(by_surfaces.unique()) == 1


def test_slope_without_steps_is_cut_by_its_values() -> None:
    depth = _depth(1 / (np.linspace(0.01, 1.0, 240)[:, None] * np.ones((1, 60))))

    assert torch.equal(label_layers(depth), label_layers(depth, minds_surfaces=False))


def test_planes_of_constant_depth_are_split_exactly() -> None:
    depth = np.repeat([1.0, 2.0, 10.0], 40)[:, None] * np.ones((1, 30))
    labels = label_layers(_depth(depth), num_layers=3)

    assert labels[:, 0].tolist() == [0] * 40 + [1] * 40 + [2] * 40


@pytest.fixture(scope="module")
def labels_at_3840_px() -> torch.Tensor:
    return label_layers(_landscape(3840))


@pytest.mark.parametrize("width", [96, 384, 1280])
def test_number_of_layers_does_not_depend_on_the_size(width: int, labels_at_3840_px: torch.Tensor) -> None:
    assert int(label_layers(_landscape(width)).max()) == int(labels_at_3840_px.max())


def test_layers_are_the_same_at_384_and_3840_px(labels_at_3840_px: torch.Tensor) -> None:
    at_the_same_place = labels_at_3840_px[5::10, 5::10]

    # Coarse pixels average over an edge: the rows along it may differ.
    assert float((label_layers(_landscape(384)) == at_the_same_place).float().mean()) > 0.99


def test_sky_of_zero_disparity_is_in_the_last_layer() -> None:
    depth = np.geomspace(1, 50, 120)[:, None] * np.ones((1, 40))
    depth[:30] = 1e30
    labels = label_layers(_depth(depth))

    assert bool((labels[:30] == labels.max()).all())


@pytest.mark.parametrize("width", [64, 333])
def test_no_layer_is_empty(width: int) -> None:
    layers = split_layers(torch.rand(3, width * 2 // 3, width), _landscape(width))

    assert bool((layers.alphas.flatten(1).sum(dim=1) > 0).all())


def test_each_pixel_belongs_to_one_layer() -> None:
    layers = split_layers(torch.rand(3, 64, 96), _landscape(96))

    assert torch.equal(layers.alphas.sum(dim=0), torch.ones(1, 64, 96))


def test_layers_put_together_are_the_photo() -> None:
    photo = torch.rand(3, 64, 96)

    assert torch.equal(split_layers(photo, _landscape(96)).colors.sum(dim=0), photo)


def test_layers_are_ordered_from_near_to_far() -> None:
    layers = split_layers(torch.rand(3, 64, 96), _landscape(96), num_layers=4)
    shown = [d[a > 0] for d, a in zip(layers.depths, layers.alphas, strict=True)]

    assert all(float(near.max()) <= float(far.min()) for near, far in pairwise(shown))


@pytest.mark.parametrize("seed", range(5))
def test_there_are_two_to_six_layers(seed: int) -> None:
    values = 1 / np.maximum(np.random.default_rng(seed).uniform(0, 1, (40, 60)) ** (seed + 1), 1e-3)

    assert MIN_LAYERS <= int(label_layers(_depth(values)).max()) + 1 <= MAX_LAYERS


@pytest.mark.parametrize("num_layers", [2, 3, 4, 5, 6])
def test_user_decides_the_number_of_layers(num_layers: int) -> None:
    assert int(label_layers(_landscape(96), num_layers=num_layers).max()) + 1 == num_layers


def test_two_depths_cannot_give_more_than_two_layers() -> None:
    depth = np.ones((20, 20))
    depth[:10] = 4

    assert int(label_layers(_depth(depth), num_layers=5).max()) + 1 == 2


@pytest.mark.parametrize("value", [1.0, 200.0])
def test_constant_depth_gives_one_layer(value: float) -> None:
    layers = split_layers(torch.rand(3, 8, 9), _depth(np.full((8, 9), value)))

    assert len(layers.colors) == 1
