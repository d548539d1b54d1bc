from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numba
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.camera import PinholeCamera, resize_camera
from ml_backend.evaluation.texture_metrics import patch_distance, relative_sharpness
from ml_backend.loop import DEFAULTS, PAPER, Loop, RenderSettings
from ml_backend.pipeline import path_cameras, prepare_scene
from ml_backend.pose import Pose
from ml_backend.structures import DepthMap, Frame, MotionField, Scene

_HEIGHT, _WIDTH, _FRAMES = 64, 96, 12
_WATER = (slice(44, 60), slice(40, 80))
_REACH_PX = 12  # 12 frames of 0.63 px, and the points' radius
_PLAIN = replace(DEFAULTS, restores_contrast=False)
_ALL_OWN = replace(DEFAULTS, borrows_fluid=False)

every_setting = pytest.mark.parametrize("settings", [DEFAULTS, PAPER], ids=["defaults", "paper"])


def _photo() -> Tensor:
    """A rough ground below a rough sky, and a red post that stands at the left."""
    photo = 0.25 + 0.5 * torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(0))
    photo[:, 10:50, 20:26] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    return (photo * 255).round() / 255


def _depth() -> DepthMap:
    y = (torch.arange(_HEIGHT) + 0.5)[:, None].expand(_HEIGHT, _WIDTH)
    depth = torch.where(y > 28, 40 / (y - 24).clamp(min=1), 100.0).clamp(min=1)
    depth[10:50, 20:26] = 1.8
    return DepthMap(depth[None].contiguous())


def _motion() -> MotionField:
    flow = torch.zeros(2, _HEIGHT, _WIDTH)
    flow[0, *_WATER], flow[1, *_WATER] = 0.6, 0.2
    return MotionField(flow)


@cache
def _scene(*, is_moving: bool = True) -> Scene:
    return prepare_scene(_photo(), depth=_depth(), motion=_motion() if is_moving else None)


def _camera(angle: float = 0.0, shift: float = 0.0) -> PinholeCamera:
    """The photo's camera turned about its own axis by `angle` radians, and moved to the right."""
    camera = _scene().camera
    rotation = torch.tensor([[0.0, -angle, 0.0], [angle, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3] = torch.linalg.matrix_exp(rotation)
    pose[0, 3] = -shift
    return PinholeCamera(camera.intrinsics, pose, camera.width, camera.height)


def _bytes(frame: Frame) -> bytes:
    return b"".join(t.contiguous().numpy().tobytes() for t in (frame.rgb, frame.depth, frame.alpha))


def _levels(frame: Frame) -> Tensor:
    return (frame.rgb * 255 + 0.5).to(torch.uint8)


def _far_from_water() -> Tensor:
    moving = (_motion().flow != 0).any(dim=0).float()[None]
    return ~F.max_pool2d(moving, 2 * _REACH_PX + 1, 1, _REACH_PX)[0].bool()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = numba.get_num_threads(), torch.get_num_threads()
    numba.set_num_threads(count)
    torch.set_num_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before[0])
        torch.set_num_threads(before[1])


@every_setting
def test_last_frame_is_the_first_byte_for_byte(settings: RenderSettings) -> None:
    loop = Loop(_scene(), _FRAMES, settings)

    assert _bytes(loop.render(_camera(shift=0.02), _FRAMES)) == _bytes(loop.render(_camera(shift=0.02), 0))


@every_setting
def test_loop_goes_on_after_its_end(settings: RenderSettings) -> None:
    loop = Loop(_scene(), _FRAMES, settings)

    assert _bytes(loop.render(_camera(), 5 + 3 * _FRAMES)) == _bytes(loop.render(_camera(), 5))


@every_setting
def test_same_frame_again_has_the_same_bytes(settings: RenderSettings) -> None:
    first, second = (Loop(_scene(), _FRAMES, settings).render(_camera(shift=0.05), 7) for _ in range(2))

    assert _bytes(first) == _bytes(second)


def test_order_of_the_frames_does_not_matter() -> None:
    forwards, backwards = Loop(_scene(), _FRAMES), Loop(_scene(), _FRAMES)
    frames = [_bytes(forwards.render(_camera(), k)) for k in (0, 2, 5, 11)]
    reverse = [_bytes(backwards.render(_camera(), k)) for k in (11, 5, 2, 0)]

    assert frames == reverse[::-1]


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="there is one core only")
def test_number_of_threads_does_not_matter() -> None:
    frames = []
    for count in (1, 2):
        with _threads(count):
            scene = prepare_scene(_photo(), depth=_depth(), motion=_motion())
            frames.append(Loop(scene, _FRAMES).render(_camera(shift=0.05), 8))

    # torch's bilinear upsampling rounds the last bit of float32 by how its work is cut, and local variances show a few
    # more, since they are differences of large numbers; a picture does not.
    torch.testing.assert_close(frames[0].rgb, frames[1].rgb, atol=5e-6, rtol=0)
    assert torch.equal(_levels(frames[0]), _levels(frames[1]))


@every_setting
def test_first_frame_from_the_photos_camera_is_the_photo(settings: RenderSettings) -> None:
    frame = Loop(_scene(), _FRAMES, settings).render(_scene().camera, 0)

    assert float((frame.rgb - _photo()).abs().max()) < 0.5 / 255


def test_first_frame_has_the_depth_of_the_photo() -> None:
    frame = Loop(_scene(), _FRAMES).render(_scene().camera, 0)

    torch.testing.assert_close(frame.depth, _depth().depth, rtol=1e-4, atol=0)


@every_setting
@pytest.mark.parametrize("frame", [1, 6, 8, 11])
def test_what_stands_does_not_flicker(frame: int, settings: RenderSettings) -> None:
    loop = Loop(_scene(), _FRAMES, settings)
    change = _levels(loop.render(_camera(), frame)).int() - _levels(loop.render(_camera(), 0)).int()

    assert int(change[:, _far_from_water()].abs().max()) == 0


@every_setting
@pytest.mark.parametrize("frame", [1, 6, 11])
def test_water_moves(frame: int, settings: RenderSettings) -> None:
    loop = Loop(_scene(), _FRAMES, settings)
    change = loop.render(_camera(), frame).rgb - loop.render(_camera(), 0).rgb

    assert float(change[:, *_WATER].abs().mean()) > 0.02


def test_water_moves_along_the_flow() -> None:
    # A dark spot where the water is; after 5 frames of (0.6, 0.2) px it is 3 px right and 1 px below.
    photo = torch.full((3, _HEIGHT, _WIDTH), 0.8)
    photo[:, 50:52, 55:57] = 0.0
    scene = prepare_scene(photo, depth=DepthMap(torch.full((1, _HEIGHT, _WIDTH), 2.0)), motion=_motion())
    dark = 0.8 - Loop(scene, 60).render(scene.camera, 5).rgb.mean(dim=0)
    dark = dark.clamp(min=0)  # water that flows in from the rim may be a little lighter
    y, x = torch.meshgrid(torch.arange(_HEIGHT) + 0.5, torch.arange(_WIDTH) + 0.5, indexing="ij")

    assert float((dark * x).sum() / dark.sum()) == pytest.approx(56 + 3, abs=0.1)
    assert float((dark * y).sum() / dark.sum()) == pytest.approx(51 + 1, abs=0.1)


def test_still_scene_is_the_same_at_every_frame() -> None:
    loop = Loop(_scene(is_moving=False), _FRAMES)

    assert len({_bytes(loop.render(_camera(), k)) for k in range(0, _FRAMES, 3)}) == 1


def test_still_scene_shows_parallax() -> None:
    loop = Loop(_scene(is_moving=False), _FRAMES)
    moved, still = loop.render(_camera(shift=0.1), 0).rgb, loop.render(_camera(), 0).rgb

    # 0.1 to the right at depth 1.8 and focal length 96: the post moves 5 px to the left.
    assert float(still[0, 30, 20:26].mean()) > 0.85
    assert float(moved[0, 30, 16:19].mean()) > 0.85


@pytest.mark.parametrize("angle", [0.02, 0.3, -1.2])
def test_rotated_camera_renders(angle: float) -> None:
    frame = Loop(_scene(), _FRAMES).render(_camera(angle, shift=0.05), 4)

    assert bool(torch.isfinite(frame.rgb).all())
    assert frame.num_points > 0


def test_camera_that_looks_away_sees_nothing_and_says_so() -> None:
    pose = torch.diag(torch.tensor([-1.0, 1.0, -1.0, 1.0], dtype=torch.float64))
    away = PinholeCamera(_scene().camera.intrinsics, pose, _WIDTH, _HEIGHT)
    frame = Loop(_scene(), _FRAMES).render(away, 4)

    assert frame.hole_fraction == 1
    assert frame.num_points == 0
    assert bool(torch.isfinite(frame.rgb).all())


def test_camera_inside_the_scene_renders() -> None:
    pose = torch.eye(4, dtype=torch.float64)
    pose[2, 3] = -1.79  # just before the post
    frame = Loop(_scene(), _FRAMES).render(PinholeCamera(_scene().camera.intrinsics, pose, _WIDTH, _HEIGHT), 3)

    assert bool(torch.isfinite(frame.rgb).all())


@pytest.mark.parametrize(("width", "height"), [(48, 32), (192, 128)])
def test_frame_has_the_cameras_size_and_no_holes(width: int, height: int) -> None:
    frame = Loop(_scene(), _FRAMES).render(resize_camera(_scene().camera, width, height), 0)

    assert frame.rgb.shape == (3, height, width)
    assert frame.depth.shape == frame.alpha.shape == (1, height, width)
    assert frame.hole_fraction == 0


@every_setting
def test_values_stay_in_range(settings: RenderSettings) -> None:
    frame = Loop(_scene(), _FRAMES, settings).render(_camera(0.1, shift=0.1), 9)

    assert 0 <= float(frame.rgb.min()) <= float(frame.rgb.max()) <= 1
    assert 0 <= float(frame.alpha.min()) <= float(frame.alpha.max()) <= 1


def test_both_clouds_are_counted() -> None:
    loop = Loop(_scene(), _FRAMES)

    assert loop.render(_camera(), 6).num_points > 1.5 * loop.render(_camera(), 0).num_points


def test_hidden_layer_is_not_drawn() -> None:
    without_post = Loop(_scene(), _FRAMES).render(_camera(), 0, Pose(hidden=(0,)))
    nearest = _scene().ldi.alphas[0, 0] > 0
    border = _scene().ldi.border
    shown = nearest[border:-border, border:-border]

    assert not torch.equal(without_post.rgb[:, shown], _photo()[:, shown])


def test_all_layers_hidden_is_an_empty_picture() -> None:
    pose = Pose(hidden=tuple(range(len(_scene().ldi.colors))))

    assert Loop(_scene(), _FRAMES).render(_camera(), 3, pose).hole_fraction == 1


def test_near_depth_is_the_unit_of_the_paths() -> None:
    assert _scene().depth.near == pytest.approx(1.0, abs=0.1)


def test_paths_move_the_water_and_the_camera_and_come_back() -> None:
    cameras = path_cameras(_scene(), "circle", _FRAMES, width=_WIDTH, height=_HEIGHT)
    loop = Loop(_scene(), _FRAMES)

    assert _bytes(loop.render(cameras[0], _FRAMES)) == _bytes(loop.render(cameras[0], 0))
    assert not torch.equal(loop.render(cameras[6], 6).rgb, loop.render(cameras[0], 0).rgb)


_FLOWING = (slice(8, 56), slice(8, 88))


@cache
def _flowing_scene() -> Scene:
    """A rough texture that flows by fractions of a pixel, within a margin that stands; of odd size."""
    flow = torch.zeros(2, _HEIGHT - 1, _WIDTH - 1)
    flow[0, *_FLOWING], flow[1, *_FLOWING] = 0.37, 0.13
    photo = (_photo() + _photo().roll(1, dims=1) + _photo().roll(1, dims=2))[:, :-1, :-1] / 3
    depth = DepthMap(torch.full((1, _HEIGHT - 1, _WIDTH - 1), 2.0))
    return prepare_scene(photo, depth=depth, motion=MotionField(flow))


def _sharpness(frame: Frame) -> float:
    """Of the flowing part, with the photo's as 1."""
    region = np.zeros(_flowing_scene().image.shape[1:], bool)
    region[12:52, 16:84] = True
    pictures = (p.permute(1, 2, 0).numpy() for p in (frame.rgb, _flowing_scene().image))
    return relative_sharpness(*pictures, region) or 0.0


@pytest.mark.parametrize("frame", [4, 10, 16])
def test_restored_contrast_brings_flowing_texture_nearer_to_the_photos(frame: int) -> None:
    scene = _flowing_scene()
    restored, plain = (
        _sharpness(Loop(scene, 20, settings).render(scene.camera, frame)) for settings in (DEFAULTS, _PLAIN)
    )

    assert abs(restored - 1) < abs(plain - 1) - 0.05


@pytest.mark.parametrize("frame", [0, 4, 7, 11])
def test_restored_contrast_leaves_what_stands_to_the_bit(frame: int) -> None:
    restored, plain = (Loop(_scene(), _FRAMES, s).render(_camera(), frame).rgb for s in (DEFAULTS, _PLAIN))

    assert torch.equal(restored[:, _far_from_water()], plain[:, _far_from_water()])


def test_restored_contrast_leaves_the_first_frame_to_the_bit() -> None:
    camera = _camera(shift=0.02)
    restored, plain = (Loop(_scene(), _FRAMES, s).render(camera, 0) for s in (DEFAULTS, _PLAIN))

    assert _bytes(restored) == _bytes(plain)


def test_restored_contrast_costs_nothing_where_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("photo_contrast", "restore_contrast"):
        monkeypatch.setattr(f"ml_backend.loop.{name}", None)  # to call it is an error

    assert Loop(_scene(is_moving=False), _FRAMES).render(_camera(), 4).hole_fraction == 0


def test_contrast_is_restored_under_a_pose() -> None:
    frame = Loop(_scene(), _FRAMES).render(_camera(), 4, Pose(hidden=(0,)))

    assert bool(torch.isfinite(frame.rgb).all())


@cache
def _falling_scene() -> Scene:
    """A rough texture that comes in at the upper edge of the photo."""
    flow = torch.zeros(2, _HEIGHT, _WIDTH)
    flow[1, :, 20:70] = 1.7
    return prepare_scene(_photo(), depth=DepthMap(torch.full((1, _HEIGHT, _WIDTH), 2.0)), motion=MotionField(flow))


def test_fluid_that_comes_in_looks_like_the_photos() -> None:
    scene = _falling_scene()
    region = np.zeros((_HEIGHT, _WIDTH), bool)
    region[2:18, 24:66] = True  # what came in after 12 frames
    photo = scene.image.permute(1, 2, 0).numpy()
    borrowed, own = (
        patch_distance(frame.rgb.permute(1, 2, 0).numpy(), region, photo, region) or 0.0
        for frame in (Loop(scene, 30, settings).render(scene.camera, 12) for settings in (DEFAULTS, _ALL_OWN))
    )

    assert borrowed < 0.7 * own


@pytest.mark.parametrize("frame", [0, 4, 7, 11])
def test_borrowed_fluid_leaves_what_stands_to_the_bit(frame: int) -> None:
    borrowed, own = (Loop(_scene(), _FRAMES, s).render(_camera(), frame).rgb for s in (DEFAULTS, _ALL_OWN))

    assert torch.equal(borrowed[:, _far_from_water()], own[:, _far_from_water()])


def test_a_wall_of_small_steps_in_depth_stays_closed_for_a_camera_that_moves() -> None:
    steps = (torch.arange(_WIDTH) // 6).float()  # nearer to the right, by 0.03 of the near disparity
    photo = torch.zeros(3, _HEIGHT, _WIDTH)
    photo[0], photo[2, :20] = 0.8, 1.0
    depth = (1 / (0.4 + 0.03 * steps)).expand(_HEIGHT, _WIDTH).clone()
    depth[:20] = 100.0
    scene = prepare_scene(photo, depth=DepthMap(depth[None]))
    frame = Loop(scene, _FRAMES).render(_camera(shift=-0.6), 0)  # neighbours at a step are 2.7 px apart

    wall = (slice(None), slice(34, _HEIGHT - 4), slice(36, 90))  # below what the sky behind it is continued to
    torch.testing.assert_close(frame.rgb[wall], photo[wall], rtol=0, atol=0.15)
    assert float(frame.alpha[wall].min()) > 0.5
