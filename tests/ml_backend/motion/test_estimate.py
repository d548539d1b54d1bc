import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from ml_backend.camera import camera_from_focal, photo_camera, project, unproject
from ml_backend.motion.estimate import estimate_motion, ignored_arrows
from ml_backend.motion.hints import motion_hints, read_hints
from ml_backend.structures import DepthMap, MotionField, MotionHints

_ROOT = Path(__file__).resolve().parents[3]
_BENCH = _ROOT.parent / "shared" / "bench"
_CHINA = _ROOT / "examples" / "china"


def _hints(mask: Tensor, *arrows: tuple[float, float, float, float]) -> MotionHints:
    """Arrows as (x, y, velocity x, velocity y)."""
    table = torch.tensor(arrows).reshape(-1, 4)
    return MotionHints(mask[None], table[:, :2], table[:, 2:])


def _solve(hints: MotionHints, depth: DepthMap | None = None) -> Tensor:
    image = torch.zeros(3, *hints.mask.shape[1:])
    return estimate_motion(image, hints, depth).flow


def _read(flow: Tensor, x: float, y: float) -> Tensor:
    """Bilinear, image coordinates."""
    column, row = int(np.floor(x - 0.5)), int(np.floor(y - 0.5))
    a, b = x - 0.5 - column, y - 0.5 - row
    block = flow[:, row : row + 2, column : column + 2]
    upper, lower = block[:, 0, 0] * (1 - a) + block[:, 0, 1] * a, block[:, 1, 0] * (1 - a) + block[:, 1, 1] * a
    return upper * (1 - b) + lower * b


def _ground(height: int, width: int) -> DepthMap:
    """A level ground below a horizon in the middle of the photo."""
    row = torch.arange(height) + 0.5
    return DepthMap((1 / (row / height - 0.5).clamp(min=0.01))[None, :, None].expand(1, height, width).contiguous())


def test_one_arrow_moves_its_region_by_its_velocity() -> None:
    flow = _solve(_hints(torch.ones(12, 16), (8.0, 6.0, 0.5, -0.25)))
    torch.testing.assert_close(flow, torch.tensor([0.5, -0.25]).view(2, 1, 1).expand(2, 12, 16), atol=1e-4, rtol=0)


def test_black_of_the_mask_stands_still_and_grey_moves_slower() -> None:
    mask = torch.ones(12, 16)
    mask[:, :4] = 0
    mask[:, 12:] = 0.5
    flow = _solve(_hints(mask, (8.0, 6.0, 1.0, 0.0)))
    assert not flow[:, :, :4].any()
    torch.testing.assert_close(flow[0, :, 12:], torch.full((12, 4), 0.5), atol=1e-4, rtol=0)


def test_clouds_before_the_sky_drift_with_it() -> None:
    depth = torch.ones(1, 48, 64)
    depth[:, :24], depth[:, 8:16, 20:40] = 200.0, 50.0  # as an estimate sees a sky with a cloud
    mask = torch.zeros(48, 64)
    mask[:24] = 1
    flow = _solve(_hints(mask, (10.0, 12.0, 0.5, 0.0)), DepthMap(depth))
    torch.testing.assert_close(flow[0, :24], torch.full((24, 64), 0.5), atol=1e-3, rtol=0)


def test_near_strip_of_wrong_depth_along_the_shore_does_not_run() -> None:
    depth = torch.full((1, 100, 200), 4.0)
    depth[:, :, :2], depth[:, 60:] = 1.0, 1.0  # the left shore reaches two pixels into the lake
    mask = torch.zeros(100, 200)
    mask[10:60] = 1
    flow = _solve(_hints(mask, (100.0, 30.0, 0.5, 0.0)), DepthMap(depth))
    torch.testing.assert_close(flow[0, 10:60], torch.full((50, 200), 0.5), atol=0.01, rtol=0)


def test_falls_that_seem_to_lie_on_the_ground_fall_evenly() -> None:
    mask = torch.zeros(64, 64)
    mask[8:60, 28:36] = 1
    flow = _solve(_hints(mask, (32.0, 30.0, 0.0, 1.0)), _ground(64, 64))
    torch.testing.assert_close(flow[1, 8:60, 28:36], torch.ones(52, 8), atol=1e-3, rtol=0)


def test_guessed_water_comes_nearer_on_both_sides_alike() -> None:
    mask = torch.zeros(64, 128)
    mask[36:] = 1
    flow = _solve(_hints(mask), _ground(64, 128))
    torch.testing.assert_close(flow[0, 40:], -flow[0, 40:].flip(1), atol=0.02, rtol=0)
    assert (flow[1, 40:] > 0).all()


def test_an_empty_mask_gives_a_zero_field() -> None:
    assert not _solve(_hints(torch.zeros(12, 16), (8.0, 6.0, 1.0, 0.0))).any()


def test_touching_neighbours_do_not_bleed_into_each_other() -> None:
    mask = torch.ones(64, 400)  # large enough for a coarse grid, whose cells hold both sides of the line
    mask[:, 200] = 0
    flow = _solve(_hints(mask, (100.0, 32.0, 1.0, 0.0), (300.0, 32.0, -1.0, 0.0)))
    torch.testing.assert_close(flow[0, :, :200], torch.ones(64, 200), atol=1e-3, rtol=0)
    torch.testing.assert_close(flow[0, :, 201:], -torch.ones(64, 199), atol=1e-3, rtol=0)


def test_a_region_one_pixel_wide_survives_the_coarse_grid() -> None:
    mask = torch.zeros(300, 400)
    mask[:, 171] = 1
    flow = _solve(_hints(mask, (171.5, 150.0, 0.0, 1.0)))
    torch.testing.assert_close(flow[1, :, 171], torch.ones(300), atol=1e-3, rtol=0)


@pytest.mark.parametrize("with_depth", [False, True])
def test_forty_arrows_are_met_within_five_percent(with_depth: bool) -> None:
    random = np.random.default_rng(1)
    places = np.stack([random.uniform(10, 470, 40), random.uniform(90, 310, 40)], axis=1)
    angles, speeds = random.uniform(0, 2 * np.pi, 40), random.uniform(0.2, 1.5, 40)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) * speeds[:, None]
    mask = torch.zeros(320, 480)
    mask[80:] = 1  # the ground's horizon is inside, where everything is far away
    flow = _solve(
        _hints(mask, *np.concatenate([places, vectors], axis=1).tolist()), _ground(320, 480) if with_depth else None
    )
    for place, vector in zip(places, vectors, strict=True):
        missed = np.linalg.norm(_read(flow, *place).numpy() - vector)
        assert missed <= 0.05 * np.linalg.norm(vector)


def test_arrows_at_one_place_are_met_in_their_mean() -> None:
    hints = _hints(torch.ones(40, 60), (30.0, 20.0, 1.0, 0.0), (31.0, 20.0, 0.0, 1.0))
    torch.testing.assert_close(_read(_solve(hints), 30.5, 20.0), torch.tensor([0.5, 0.5]), atol=1e-3, rtol=0)


def test_the_field_has_no_spike_at_an_arrow() -> None:
    mask = torch.ones(200, 300)
    arrows = [(50.0, 50.0, 0.0, 0.0), (250.0, 150.0, 0.0, 0.0), (150.0, 100.0, 1.0, 0.0)]
    flow = _solve(_hints(mask, *arrows))[0]
    assert flow.diff(dim=1).abs().max() < 0.03  # a harmonic field jumps by 0.09 beside the arrow
    assert flow.max() < 1.02


def test_on_level_ground_far_water_moves_slower() -> None:
    mask = torch.zeros(120, 160)
    mask[64:] = 1
    depth = _ground(120, 160)
    flow = _solve(_hints(mask, (80.0, 100.0, 1.0, 0.0)), depth)
    expected = depth.depth[0, 100, 80] / depth.depth[0, 70, 80]  # a sideways velocity is seen as fx V / z
    torch.testing.assert_close(flow[0, 70, 80], expected, atol=0.02, rtol=0)


def test_flow_of_a_tangent_velocity_is_found_from_two_arrows() -> None:
    height, width = 120, 160
    depth, camera = _ground(height, width), photo_camera(width, height)
    mask = torch.zeros(height, width)
    mask[64:] = 1
    ground = torch.tensor([0.004, 0.0, -0.01])  # along the ground and towards the camera
    pixels = torch.tensor([[40.5, 70.5], [120.5, 110.5], [80.5, 90.5]])
    depths = depth.depth[0, pixels[:, 1].long(), pixels[:, 0].long()]
    moved, _ = project(unproject(pixels, depths, camera) + ground, camera)
    vectors = moved - pixels
    flow = _solve(MotionHints(mask[None], pixels[:2], vectors[:2]), depth)
    torch.testing.assert_close(_read(flow, 80.5, 90.5), vectors[2], atol=0.02 * float(vectors[2].norm()), rtol=0)


def test_nothing_moves_faster_than_twice_the_fastest_arrow() -> None:
    mask = torch.zeros(120, 160)
    mask[62:] = 1
    flow = _solve(_hints(mask, (80.0, 64.0, 0.5, 0.0)), _ground(120, 160))  # near water would fly
    assert flow.norm(dim=0).max() < 1.001


def test_an_arrow_just_beside_the_mask_counts_and_one_far_away_does_not() -> None:
    mask = torch.zeros(100, 200)
    mask[50:] = 1
    hints = _hints(mask, (20.0, 48.0, 1.0, 0.0), (20.0, 10.0, 9.0, 0.0))
    assert ignored_arrows(hints) == [1]
    torch.testing.assert_close(_solve(hints)[0, 50:], torch.ones(50, 200), atol=1e-3, rtol=0)


def test_a_region_without_an_arrow_follows_its_own_kind() -> None:
    mask = torch.zeros(100, 200)
    mask[:30] = 1  # sky
    mask[60:, :120] = mask[60:, 140:] = 1  # a lake behind a column
    flow = _solve(_hints(mask, (50.0, 80.0, 0.0, 0.75)))
    torch.testing.assert_close(flow[1, 80, 180], torch.tensor(0.75), atol=1e-3, rtol=0)
    assert flow[0, 10, 100] > 0
    assert flow[1, 10, 100].abs() < 1e-3


def test_the_same_input_gives_the_same_bits() -> None:
    hints = _hints(torch.ones(60, 90), (30.0, 20.0, 1.0, 0.0), (70.0, 40.0, 0.0, 1.0))
    assert torch.equal(_solve(hints, _ground(60, 90)), _solve(hints, _ground(60, 90)))


def test_one_pixel_is_an_image_too() -> None:
    assert _solve(_hints(torch.ones(1, 1), (0.5, 0.5, 0.5, 0.0))).flatten().tolist() == pytest.approx([0.5, 0])


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="mask: expected shape"):
        estimate_motion(torch.zeros(3, 4, 5), _hints(torch.ones(5, 4)))


def test_all_arrows_of_the_demo_start_where_its_mask_moves() -> None:
    mask = torch.from_numpy(cv2.imread(str(_CHINA / "mask.png"), cv2.IMREAD_GRAYSCALE)).float()[None] / 255
    hints = read_hints(_CHINA / "hints.json", width=mask.shape[2], height=mask.shape[1])
    assert ignored_arrows(motion_hints(hints, mask)) == []


def _sample_arrows(flow: np.ndarray, mask: np.ndarray, count: int, seed: int) -> np.ndarray:
    """As a careful user draws them: one per region, then as far apart as can be; 10 % and 6 degrees off."""
    random = np.random.default_rng(seed)
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    inner = cv2.erode(mask.astype(np.uint8), np.ones((7, 7)), borderValue=1) > 0
    large = [label for label in range(1, labels.max() + 1) if (labels == label).sum() >= 0.01 * mask.sum()]
    places = [random.permutation(np.argwhere(inner & (labels == label)))[0] for label in large]
    while len(places) < count:
        candidates = random.permutation(np.argwhere(inner))[:400]
        apart = np.linalg.norm(candidates[:, None] - np.array(places)[None], axis=2).min(axis=1)
        places.append(candidates[apart.argmax()])
    rows, columns = np.array(places).T
    vectors = flow[rows, columns] * (1 + random.normal(0, 0.1, (len(places), 1)))
    angle = random.normal(0, 0.1, len(places))
    x = vectors[:, 0] * np.cos(angle) - vectors[:, 1] * np.sin(angle)
    y = vectors[:, 0] * np.sin(angle) + vectors[:, 1] * np.cos(angle)
    return np.stack([columns + 0.5, rows + 0.5, x, y], axis=1)


def _bench_error(name: str, count: int, seed: int) -> float:
    """End-point error / mean |flow| over the fluid."""
    scene = json.loads((_BENCH / name / "scene.json").read_text(encoding="utf-8"))
    truth = np.load(_BENCH / name / "flow.npy").astype(np.float64)
    mask = cv2.imread(str(_BENCH / name / "mask.png"), cv2.IMREAD_GRAYSCALE) > 127
    depth = DepthMap(torch.from_numpy(np.load(_BENCH / name / "depth.npy"))[None])
    camera = camera_from_focal(scene["intrinsics"][0], scene["width"], scene["height"])
    hints = _hints(torch.from_numpy(mask).float(), *_sample_arrows(truth, mask, count, seed).tolist())
    found: MotionField = estimate_motion(torch.zeros(3, *mask.shape), hints, depth, camera)
    error = np.linalg.norm(found.flow.permute(1, 2, 0).numpy() - truth, axis=2)
    return float(error[mask].mean() / np.linalg.norm(truth, axis=2)[mask].mean())


@pytest.mark.skipif(not _BENCH.exists(), reason="shared/bench is not beside the repository")
@pytest.mark.parametrize(("count", "bound"), [(3, 0.40), (5, 0.26)])
def test_bench_flow_is_found_from_a_few_arrows(count: int, bound: float) -> None:
    # These two placements give .356 and .218; single ones scatter from .26 to .45 and from .19 to .25.
    names = ("river_calm", "sea_clouds", "waterfall")
    assert np.mean([_bench_error(name, count, seed) for name in names for seed in range(2)]) < bound


@pytest.mark.parametrize(("smoothing", "difference"), [(0.0, 1.0), (0.5, 0.6), (1.0, 0.02)])
def test_smoothing_lets_arrows_give_way_to_each_other(smoothing: float, difference: float) -> None:
    mask = torch.ones(60, 120)
    hints = replace(_hints(mask, (20.5, 30.5, 1.0, 0.0), (100.5, 30.5, 1.0, 1.0)), smoothing=smoothing)
    flow = _solve(hints)
    assert float(_read(flow, 100.5, 30.5)[1] - _read(flow, 20.5, 30.5)[1]) == pytest.approx(difference, abs=0.25)
