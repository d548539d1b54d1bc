import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from ml_backend.camera import PinholeCamera, photo_camera
from ml_backend.camera_paths import PATHS
from ml_backend.errors import BadInput, Cancelled
from ml_backend.loop import Loop
from ml_backend.photos.media import read_photo
from ml_backend.pipeline import animate, estimate_scene_depth, move_scene, path_cameras, prepare_scene
from ml_backend.structures import DepthMap, LayeredDepthImage, MotionField, MotionHints, Scene

_BENCH = Path(__file__).resolve().parents[3] / "shared" / "bench"
_HEIGHT, _WIDTH = 48, 72


def _photo(seed: int = 0) -> Tensor:
    return 0.25 + 0.5 * torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(seed))


def _two_planes(near: float = 1.0, far: float = 4.0) -> DepthMap:
    depth = torch.full((1, _HEIGHT, _WIDTH), far)
    depth[:, 16:40, 24:44] = near
    return DepthMap(depth)


def _hints() -> MotionHints:
    mask = torch.zeros(1, _HEIGHT, _WIDTH)
    mask[:, 40:, :20] = 1
    return MotionHints(mask, torch.tensor([[10.5, 44.5]]), torch.tensor([[0.8, 0.0]]))


@cache
def _scene() -> Scene:
    return prepare_scene(_photo(), depth=_two_planes())


def test_progress_grows_and_ends() -> None:
    seen: list[tuple[str, float]] = []
    prepare_scene(_photo(), hints=_hints(), progress=lambda stage, fraction: seen.append((stage, fraction)))
    fractions = [fraction for _, fraction in seen]

    assert fractions == sorted(fractions)
    assert seen[0] == ("depth", 0.0)
    assert seen[-1] == ("done", 1.0)


def test_progress_may_stop_the_work() -> None:
    def stop(stage: str, fraction: float) -> None:
        if stage == "inpainting":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        prepare_scene(_photo(), depth=_two_planes(), progress=stop)


def test_what_is_given_is_used_as_it_is() -> None:
    depth, camera = _two_planes(2.0, 9.0), photo_camera(_WIDTH, _HEIGHT)
    motion = MotionField(torch.full((2, _HEIGHT, _WIDTH), 0.5))
    scene = prepare_scene(_photo(), depth=depth, motion=motion, camera=camera)

    assert scene.depth is depth
    assert scene.motion is motion
    assert scene.camera is camera


def test_scene_without_hints_stands_still() -> None:
    assert not _scene().motion.flow.any()


def test_scene_of_a_photo_alone_is_complete() -> None:
    scene = prepare_scene(_photo())

    assert scene.depth.depth.shape == (1, _HEIGHT, _WIDTH)
    assert len(scene.cloud.layers) >= _HEIGHT * _WIDTH


def test_same_photo_gives_the_same_scene() -> None:
    first, second = (prepare_scene(_photo(), hints=_hints()) for _ in range(2))

    assert torch.equal(first.cloud.positions, second.cloud.positions)
    assert torch.equal(first.cloud.colors, second.cloud.colors)
    assert torch.equal(first.motion.flow, second.motion.flow)


def test_number_of_layers_can_be_chosen() -> None:
    ramp = DepthMap(torch.linspace(1, 9, _HEIGHT)[:, None].expand(_HEIGHT, _WIDTH)[None].contiguous())

    assert len(prepare_scene(_photo(), depth=ramp, num_layers=5).ldi.colors) == 5


def test_features_of_another_extractor_reach_the_points() -> None:
    def with_one_more(ldi: LayeredDepthImage) -> Tensor:
        return torch.cat([ldi.colors, torch.full_like(ldi.alphas, 0.5)], dim=1)

    scene = prepare_scene(_photo(), depth=_two_planes(), features=with_one_more)

    assert scene.cloud.features.shape[1] == 4
    assert Loop(scene, 4).render(scene.camera, 1).rgb.shape == (3, _HEIGHT, _WIDTH)


def test_new_hints_change_the_motion_and_nothing_else() -> None:
    moved = move_scene(_scene(), _hints())

    assert moved.motion.flow[0, 44, 10].item() == pytest.approx(0.8, rel=0.05)
    assert not moved.motion.flow[:, :30].any()
    assert moved.cloud is _scene().cloud


def test_hints_can_be_taken_back() -> None:
    assert not move_scene(move_scene(_scene(), _hints()), None).motion.flow.any()


def test_depth_network_replaces_the_embedded_estimate() -> None:
    disparity = torch.ones(_HEIGHT, _WIDTH)
    disparity[:20] = 0.25
    depth = estimate_scene_depth(_photo(), lambda image: disparity).depth[0]

    assert float(depth[40, 30]) == pytest.approx(1.0)
    assert float(depth[5, 30]) == pytest.approx(4.0, rel=0.01)


def test_animation_has_one_frame_per_camera() -> None:
    cameras = path_cameras(_scene(), "circle", 5, width=36, height=24)
    frames = list(animate(_scene(), cameras))

    assert [tuple(frame.rgb.shape) for frame in frames] == [(3, 24, 36)] * 5


def test_animation_renders_lazily() -> None:
    seen: list[float] = []
    frames = animate(_scene(), [_scene().camera] * 4, progress=lambda stage, fraction: seen.append(fraction))
    next(frames)

    assert seen == [0.0]


def test_unknown_path_is_refused_with_a_way_out() -> None:
    with pytest.raises(BadInput, match="loop-the-loop") as caught:
        path_cameras(_scene(), "loop-the-loop", 8, width=_WIDTH, height=_HEIGHT)
    assert caught.value.hint


@pytest.mark.parametrize("name", PATHS)
def test_every_path_starts_at_the_photo(name: str) -> None:
    first = path_cameras(_scene(), name, 8, width=_WIDTH, height=_HEIGHT)[0]

    torch.testing.assert_close(first.world_to_camera, torch.eye(4, dtype=torch.float64), atol=1e-9, rtol=0)
    torch.testing.assert_close(first.intrinsics, _scene().camera.intrinsics)


def test_paths_are_as_large_as_the_scene_is_near() -> None:
    scenes = [prepare_scene(_photo(), depth=_two_planes(unit, 4 * unit)) for unit in (1.0, 10.0)]
    shifts = [path_cameras(s, "side", 8, width=72, height=48)[2].world_to_camera[0, 3].item() for s in scenes]

    assert shifts[1] == pytest.approx(10 * shifts[0])


@pytest.mark.parametrize("name", PATHS)
def test_no_path_shows_a_hole_in_a_simple_scene(name: str) -> None:
    cameras = path_cameras(_scene(), name, 8, width=_WIDTH, height=_HEIGHT)
    loop = Loop(_scene(), 8)

    assert max(loop.render(camera, k).hole_fraction for k, camera in enumerate(cameras)) <= 0.015


@pytest.mark.parametrize("name", ["zoom-in", "circle", "arc", "handheld"])
def test_still_frames_of_a_path_repeat_with_the_camera(name: str) -> None:
    cameras = path_cameras(_scene(), name, 6, width=_WIDTH, height=_HEIGHT)
    loop = Loop(_scene(), 6)

    assert torch.equal(loop.render(cameras[2], 2).rgb, loop.render(cameras[2], 2 + 6).rgb)


@dataclass(frozen=True)
class BenchFrame:
    """One ground-truth frame (H, W, 3) of a bench scene, and where and when it was seen."""

    time: int
    camera: PinholeCamera
    picture: np.ndarray


def _bench_scene(folder: Path) -> tuple[Scene, int, list[BenchFrame]]:
    """The scene with its true depth and flow, N, and the frames of the test-sized form."""
    description = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    fx, fy, cx, cy = description["intrinsics"]
    width, height = description["width"], description["height"]
    intrinsics = torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=torch.float64)
    camera = PinholeCamera(intrinsics, torch.eye(4, dtype=torch.float64), width, height)
    scene = prepare_scene(
        read_photo(folder / "source.png", max(width, height)).image,
        depth=DepthMap(torch.from_numpy(np.load(folder / "depth.npy"))[None]),
        motion=MotionField(torch.from_numpy(np.load(folder / "flow.npy").transpose(2, 0, 1).copy())),
        camera=camera,
    )
    frames = []
    for entry in _representative(description["frames"]):
        pose = torch.linalg.inv(torch.tensor(entry["camera_to_world"], dtype=torch.float64))
        picture = read_photo(folder / entry["file"], max(width, height)).image.permute(1, 2, 0).numpy()
        frames.append(BenchFrame(entry["t"], PinholeCamera(intrinsics, pose, width, height), picture))
    return scene, description["n_frames"], frames


def _representative(entries: Sequence[dict]) -> list[dict]:
    """All cameras at t = 0, where one of them is the photo's own, and then one camera per time, in turn."""
    paths = sorted({entry["trajectory"] for entry in entries})
    times = sorted({entry["t"] for entry in entries})
    return [e for e in entries if e["t"] == 0 or e["trajectory"] == paths[times.index(e["t"]) % len(paths)]]


def _mean_by_time(scores: list[tuple[int, float]]) -> float:
    times = sorted({time for time, _ in scores})
    return float(np.mean([np.mean([score for t, score in scores if t == time]) for time in times]))


@pytest.mark.skipif(not _BENCH.is_dir(), reason="../shared/bench is not there")
def test_true_depth_and_flow_give_the_bench_figures_of_the_prototype() -> None:
    psnr, ssim = [], []
    for folder in sorted(path.parent for path in _BENCH.glob("*/scene.json")):
        scene, num_frames, frames = _bench_scene(folder)
        loop = Loop(scene, num_frames)
        for frame in frames:
            found = loop.render(frame.camera, frame.time).rgb.permute(1, 2, 0).numpy()
            # An exact frame counts as 120 dB, as in the prototype's 28.4.
            error = float(np.mean((found - frame.picture) ** 2)) + 1e-12
            psnr.append((frame.time, -10 * np.log10(error)))
            similarity = structural_similarity(found, frame.picture, channel_axis=-1, data_range=1)
            ssim.append((frame.time, float(similarity)))

    # All 84 frames: 28.8 dB, 0.860.
    assert _mean_by_time(psnr) >= 28.3
    assert _mean_by_time(ssim) >= 0.845
