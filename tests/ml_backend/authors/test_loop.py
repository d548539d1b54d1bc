"""The geometry of the authors' code, from layers to splatted maps, against what their code gave."""

from dataclasses import replace
from functools import cache

import pytest
import torch
from golden_weights import SHARED, golden_outputs
from torch import Tensor, nn

from ml_backend.animation.authors_flow import displace_late, features_as_trained, move_layers, trusted_pixels
from ml_backend.authors.loop import AuthorsLoop, RenderingNets, SeenPoints, blend_weights, draw_as_trained
from ml_backend.camera import PinholeCamera
from ml_backend.layer_filters import box_blur, diffuse, erode, open_up, refine_rim
from ml_backend.ldi.authors_layers import split_as_trained
from ml_backend.ldi.inpainting_nets import InpaintingNets
from ml_backend.points.unproject import build_point_cloud
from ml_backend.pose import REST
from ml_backend.rendering.splatting import rasterize
from ml_backend.structures import DepthMap, LayeredDepthImage, MotionField, Scene

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")

_FRAMES = 60
_TIE = 1e-5  # relative difference of z below which float32 noise decides what is in front


class _GoldenFeatures(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return _golden()["featmaps"]


class _ColorsOnly(nn.Module):
    """The authors' blend without a network, whose scale is 4."""

    alpha = 4.0

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :3]


@cache
def _golden(name: str = "scene_nonet") -> dict[str, Tensor]:
    return {key: torch.from_numpy(array) for key, array in golden_outputs(name).items()}


@cache
def _layers() -> LayeredDepthImage:
    golden = _golden()
    nets = InpaintingNets(
        color=lambda x: torch.tensor([0.25, 0.5, 0.75]).view(1, 3, 1, 1).expand(1, 3, *x.shape[-2:]),
        depth=lambda x: torch.zeros_like(x[:, :1]),
    )
    edges = golden["bins"].float().tolist()
    return split_as_trained(golden["image"], DepthMap(golden["depth"][None]), edges, nets)


def _camera(frame: int) -> PinholeCamera:
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, 3] = _golden()[f"t{frame:02d}_cam_t"].double()
    return PinholeCamera(_golden()["intrinsic"].double(), pose, 160, 96)


@cache
def _loop() -> AuthorsLoop:
    golden, camera = _golden(), _camera(0)
    cloud = build_point_cloud(_layers(), _layers().colors, camera)
    depth, motion = DepthMap(golden["depth"][None]), MotionField(golden["flow"])
    scene = Scene(golden["image"], camera, depth, _layers(), motion, cloud, networks="paper")
    return AuthorsLoop(scene, _FRAMES, RenderingNets(_GoldenFeatures(), _ColorsOnly()))


def _both_ways(frame: int) -> dict[str, SeenPoints]:
    steps = {"fwd": frame, "bwd": frame - _FRAMES}
    return {way: _loop().points_at(steps[way], _camera(frame), REST) for way in steps}


def _difference(found: Tensor, expected: Tensor) -> float:
    return float(((found - expected).abs() / expected.abs().clamp(min=1)).max())


def test_filters_are_the_authors() -> None:
    golden = {name: values[0] for name, values in _golden("filters").items()}
    region = golden["morph_in"][0]
    for size in (5, 10, 11):
        assert torch.equal(erode(region, size), golden[f"erosion{size}"][0])
    assert torch.equal(open_up(region, 3), golden["opening3"][0])
    assert _difference(box_blur(golden["box15_in"], 15), golden["box15_out"]) < 1e-6
    grown, _ = diffuse(golden["diffuse_x"], golden["diffuse_mask"][0], size=15, rounds=7)
    assert _difference(grown, golden["diffuse_out"]) < 1e-5
    refined = refine_rim(golden["median_refine_depth_in"][0], golden["median_refine_alpha"][0], 11)
    assert torch.equal(refined, golden["median_refine_out"][0])


def test_layers_are_the_authors() -> None:
    ldi, golden = _layers(), _golden()
    assert torch.equal(torch.cat([ldi.colors, ldi.alphas], dim=1), golden["rgba_layers"])
    assert torch.equal((~ldi.inpainted[:, 0]).float(), golden["mask_layers"])
    assert _difference(ldi.depths[:, 0], golden["depth_layers"]) < 1e-6


@pytest.mark.parametrize("field", ["zero", "uniform", "vortex", "source", "smooth", "river", "fast_random"])
def test_displacements_are_the_authors(field: str) -> None:
    golden = _golden("euler")
    motion = MotionField(golden[f"{field}__M"])
    for steps in (0, 1, 5, 30, 60):
        forward, expected = displace_late(motion, steps), golden[f"{field}__fwd_t{steps:02d}"]
        assert _difference(forward.offset, expected) < 1e-5
        assert torch.equal(forward.valid[0], golden[f"{field}__fwd_visible_t{steps:02d}"] > 0)
        if steps and steps < _FRAMES:
            backward = displace_late(motion, steps - _FRAMES).offset
            assert _difference(backward, golden[f"{field}__bwd_N60_t{steps:02d}"]) < 1e-5


@pytest.mark.parametrize("frame", [0, 20])
def test_moved_points_are_the_authors(frame: int) -> None:
    translation = _golden()[f"t{frame:02d}_cam_t"]
    for way, points in _both_ways(frame).items():
        expected = _golden()[f"t{frame:02d}_pts_{way}"] + translation
        focal, centre = 160.0, torch.tensor([80.0, 48.0])
        assert int(points.shown.sum()) == len(expected)
        assert _difference(points.z[points.shown], expected[:, 2]) < 1e-5
        pixels = focal * expected[:, :2] / expected[:, 2:] + centre
        assert float((points.pixels[points.shown] - pixels).abs().max()) < 1e-3  # of a pixel; float32 at z = 1000


def test_features_of_points_are_the_authors() -> None:
    moved = move_layers(_layers(), displace_late(MotionField(_golden()["flow"]), 20))
    shown = (_layers().alphas[:, 0] > 0.5) & moved.inside
    found = features_as_trained(_layers(), _golden()["featmaps"]).permute(0, 2, 3, 1)[shown]
    assert _difference(found[:, :4], _golden()["t20_feats_fwd_first4"]) < 1e-4


@pytest.mark.parametrize("frame", [0, 20])
def test_splatted_maps_are_the_authors_where_no_two_points_tie(frame: int) -> None:
    points = _both_ways(frame)
    low, spread = _range(points)
    for way, cloud in points.items():
        found, _ = draw_as_trained(cloud, _camera(frame), low=low, spread=spread, near=1.0)
        free = ~_has_tie(cloud)
        assert float(free.float().mean()) > 0.5
        difference = (found[[*range(8), 36]] - _golden()[f"t{frame:02d}_render_{way}"]).abs()
        assert float(difference[:, free].max()) < 1e-3


@pytest.mark.parametrize("frame", [0, 20])
def test_splatted_maps_are_the_authors_everywhere_when_their_noise_breaks_the_ties(frame: int) -> None:
    points = _both_ways(frame)
    low, spread = _range(points)
    for way, cloud in points.items():
        z = cloud.z.clone()
        z[cloud.shown] = (_golden()[f"t{frame:02d}_pts_{way}"] + _golden()[f"t{frame:02d}_cam_t"])[:, 2]
        found, _ = draw_as_trained(replace(cloud, z=z), _camera(frame), low=low, spread=spread, near=1.0)
        difference = (found[[*range(8), 36]] - _golden()[f"t{frame:02d}_render_{way}"]).abs()
        assert float(difference.max()) < 1e-3


@pytest.mark.parametrize("frame", [0, 20])
def test_blended_colors_are_the_authors_where_no_two_points_tie(frame: int) -> None:
    found = _loop().render(_camera(frame), frame).rgb
    forward, backward = _both_ways(frame).values()
    free = ~(_has_tie(forward) | _has_tie(backward))
    assert float((found - _golden()[f"t{frame:02d}_direct_rgb"]).abs()[:, free].max()) < 1e-3


def test_blend_weights_are_the_authors() -> None:
    golden = _golden("blend_eq4")
    for scale in ("1", "2.5"):
        weights = blend_weights(golden["x0"][0], golden["x1"][0], 0.25, float(scale))
        for weight, name in zip(weights, ("w0", "w1"), strict=True):
            assert _difference(weight, golden[f"a{scale}_t0.2500_{name}"][0]) < 1e-5


def test_frame_after_the_last_is_the_first() -> None:
    first, after = (_loop().render(_camera(0), frame).rgb for frame in (0, _FRAMES))
    assert torch.equal(first, after)


def test_odd_sizes_are_drawn() -> None:
    camera = replace(_camera(0), width=151, height=29)
    frame = _loop().render(camera, 3)
    assert (frame.rgb.shape, frame.depth.shape) == ((3, 29, 151), (1, 29, 151))


def _range(points: dict[str, SeenPoints]) -> tuple[Tensor, Tensor]:
    low, high = torch.cat([1 / cloud.z[cloud.shown] for cloud in points.values()]).aminmax()
    return low, high - low


def _has_tie(cloud: SeenPoints) -> Tensor:
    """Pixels (96, 160) where two points have nearly one z, unless both are the photo's own, whose z is exact."""
    z = torch.where(cloud.shown, cloud.z, torch.zeros(()))
    fragments = rasterize(cloud.pixels, z, cloud.radii, height=96, width=160, points_per_pixel=9)
    exact = (trusted_pixels(_layers())[_layers().alphas[:, 0] > 0.5] > 0)[fragments.index.clamp(min=0).long()]
    step = fragments.z[..., 1:] / fragments.z[..., :-1] - 1
    are_close = (step < _TIE) & (fragments.index[..., 1:] >= 0)
    return (are_close & ~(exact[..., 1:] & exact[..., :-1])).any(dim=-1)
