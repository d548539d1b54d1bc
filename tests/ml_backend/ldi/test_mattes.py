"""Two surfaces, rendered fine and reduced as a camera does it: what is split is known exactly."""

from functools import cache

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.ldi.inpainting import inpaint_layers
from ml_backend.ldi.layering import split_layers
from ml_backend.ldi.mattes import soften_silhouettes
from ml_backend.loop import Loop
from ml_backend.pipeline import prepare_scene
from ml_backend.structures import DepthMap, LayeredDepthImage

_HEIGHT, _WIDTH, _FINE = 240, 480, 4
_MIDDLE, _RADIUS = (240.0, 120.0), 60.0
_DARK, _BRIGHT = 0.15, 0.85
_NEAR, _FAR = 1.0, 4.0
_CLOSER = 1 / 255


def _covered(shift: float = 0.0, gap: float = 0.0) -> Tensor:
    """Share of each pixel (H, W) that a disc covers; with a hole in it of a radius."""
    step = 1 / _FINE
    y = (torch.arange(_HEIGHT * _FINE)[:, None] + 0.5) * step - _MIDDLE[1]
    x = (torch.arange(_WIDTH * _FINE)[None] + 0.5) * step - _MIDDLE[0] - shift
    inside = (x.square() + y.square() < _RADIUS**2) & (x.square() + (y - _RADIUS + 6).square() >= gap**2)
    return F.avg_pool2d(inside.float()[None, None], _FINE)[0, 0]


def _photo(covered: Tensor, dark: float = _DARK) -> Tensor:
    return (_BRIGHT + covered * (dark - _BRIGHT)).expand(3, -1, -1).contiguous()


def _depth(covered: Tensor, far: float = _FAR) -> DepthMap:
    """The disc's where at least a half of a pixel is the disc's."""
    return DepthMap(torch.where(covered >= 0.5, _NEAR, far)[None])


@cache
def _layers(gap: float = 0.0, dark: float = _DARK, far: float = _FAR) -> LayeredDepthImage:
    covered = _covered(gap=gap)
    return inpaint_layers(split_layers(_photo(covered, dark), _depth(_covered(), far)), border=0)


def _seen(ldi: LayeredDepthImage) -> Tensor:
    """The layers over each other, (3, H, W)."""
    color = torch.zeros(ldi.colors.shape[1:])
    for own, alpha in zip(ldi.colors.flip(0), ldi.alphas.flip(0), strict=True):
        color = torch.lerp(color, own, alpha)
    return color


def test_layers_over_each_other_are_the_photo() -> None:
    torch.testing.assert_close(_seen(soften_silhouettes(_layers())), _photo(_covered()), atol=1e-3, rtol=0)


def test_edge_pixels_get_about_the_share_that_the_surface_covers() -> None:
    covered = _covered()
    mixed = (covered > 0.2) & (covered < 0.6)
    found = soften_silhouettes(_layers()).alphas[0, 0]

    assert int(mixed.sum()) > 50
    assert float((found - covered)[mixed].abs().mean()) < 0.15
    assert bool((found[covered == 1] == 1).all())
    assert bool((found[covered == 0] == 0).all())


def test_both_layers_have_their_own_color_at_the_edge() -> None:
    ldi, covered = soften_silhouettes(_layers()), _covered()
    mixed = (covered > 0.3) & (covered < 0.9)

    assert float((ldi.colors[0, 0][mixed] - _DARK).abs().mean()) < 0.06
    assert float((ldi.colors[1, 0][mixed] - _BRIGHT).abs().mean()) < 0.02


def test_a_gap_in_the_surface_shows_the_photo_behind_it() -> None:
    ldi, covered = soften_silhouettes(_layers(gap=4.0)), _covered(gap=4.0)
    gap = (_covered() == 1) & (covered == 0)

    assert int(gap.sum()) > 20
    assert not ldi.alphas[0, 0][gap].any()
    assert not ldi.inpainted[1, 0][gap].any()
    torch.testing.assert_close(ldi.colors[1, 0][gap], torch.full((int(gap.sum()),), _BRIGHT))


@pytest.mark.parametrize("change", [{"dark": _BRIGHT - 0.04}, {"far": 1.2 * _NEAR}])
def test_surfaces_of_one_color_or_close_together_stay_as_they_were(change: dict[str, float]) -> None:
    before = _layers(**change)
    after = soften_silhouettes(before)

    assert torch.equal(after.alphas, before.alphas)
    assert torch.equal(after.colors, before.colors)


@cache
def _scene_loop(softens: bool) -> Loop:
    scene = prepare_scene(_photo(_covered()), depth=_depth(_covered()), camera=_camera(), softens=softens)
    return Loop(scene, 1)


def _camera(shift: float = 0.0) -> PinholeCamera:
    intrinsics = torch.tensor([[480.0, 0, 240], [0, 480, 120], [0, 0, 1]], dtype=torch.float64)
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3] = shift
    return PinholeCamera(intrinsics, pose, _WIDTH, _HEIGHT)


def test_frame_zero_is_the_photo() -> None:
    frame = _scene_loop(softens=True).render(_camera(), 0)

    torch.testing.assert_close(frame.rgb, _photo(_covered()), atol=_CLOSER, rtol=0)


def test_a_moved_surface_takes_no_rim_of_its_background_along() -> None:
    """The background is even, and so what a moved camera sees is known: the disc has shifted."""
    shift = 10.0
    truth, there = _photo(_covered(shift)), (_covered(shift) > 0.05) & (_covered(shift) < 0.95)
    soft, hard = (
        float(
            (_scene_loop(softens=softens).render(_camera(shift / 480), 0).rgb - truth).abs().mean(dim=0)[there].mean()
        )
        for softens in (True, False)
    )
    assert soft < 0.7 * hard


def test_opaque_points_show_the_photo() -> None:
    scene = prepare_scene(_photo(_covered()), depth=_depth(_covered()), camera=_camera())
    cloud, photo = scene.cloud, _photo(_covered())
    soft = cloud.opacities < 1
    col, row = cloud.pixels[soft].long().T
    inside = (col >= 0) & (col < _WIDTH) & (row >= 0) & (row < _HEIGHT)

    assert int(inside.sum()) > 50
    torch.testing.assert_close(cloud.colors[soft][inside], photo[:, row[inside], col[inside]].T, atol=_CLOSER, rtol=0)
