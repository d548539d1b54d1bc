"""How much of a view the photo knows: hand-made clouds, and the real renderer's own figure."""

from functools import cache

import numpy as np
import pytest
import torch

from ml_backend.camera import PinholeCamera, photo_camera
from ml_backend.loop import Loop
from ml_backend.pipeline import path_cameras, prepare_scene
from ml_backend.rendering.coverage import HOLE, INPAINTED, KNOWN, Coverage, ThinCloud, measure_views, thin_cloud
from ml_backend.rendering.parallax import NeighbourSteps
from ml_backend.structures import DepthMap, Scene

_HEIGHT, _WIDTH = 96, 144


def _camera(shift: float = 0.0) -> PinholeCamera:
    """A camera of 40 x 40 pixels and focal length 40, moved to the right."""
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3] = -shift
    intrinsics = torch.tensor([[40.0, 0, 20], [0, 40.0, 20], [0, 0, 1]], dtype=torch.float64)
    return PinholeCamera(intrinsics, pose, 40, 40)


def _wall(depth: float, layer: int, *, inpainted: bool) -> ThinCloud:
    """A wall at one depth that fills the frame of the unmoved camera, one point per pixel."""
    y, x = np.mgrid[0:40, 0:40] + 0.5
    rays = np.stack([(x - 20) / 40, (y - 20) / 40, np.ones_like(x)], axis=-1).reshape(-1, 3)
    count = len(rays)
    return ThinCloud(
        positions=(rays * depth).astype(np.float32),
        sizes=np.full(count, depth / 40, np.float32),
        layers=np.full(count, layer, np.uint8),
        inpainted=np.full(count, inpainted),
        steps=_parallel(count),
        near=1.0,
    )


def _together(*clouds: ThinCloud) -> ThinCloud:
    arrays = [np.concatenate([getattr(c, name) for c in clouds]) for name in ("positions", "sizes", "layers")]
    inpainted = np.concatenate([c.inpainted for c in clouds])
    return ThinCloud(*arrays, inpainted=inpainted, steps=_parallel(len(inpainted)), near=1.0)


def _parallel(count: int) -> NeighbourSteps:
    """Of points on surfaces parallel to the picture."""
    return NeighbourSteps(torch.zeros(count, 2), torch.ones(count), torch.zeros(count, 2), torch.zeros(count, 2))


def test_the_photos_own_view_is_known() -> None:
    assert measure_views(_wall(1.0, 0, inpainted=False), [_camera()]).unknown[0] == 0.0


def test_inpainted_points_are_unknown_but_no_hole() -> None:
    coverage = measure_views(_wall(1.0, 0, inpainted=True), [_camera()])
    assert (coverage.unknown[0], coverage.holes[0]) == (1.0, 0.0)


def test_what_lies_beyond_the_points_is_a_hole() -> None:
    # A step of 0.25 at depth 1 uncovers 10 of 40 columns, less the sixth of a pixel that the last square is grown by.
    coverage = measure_views(_wall(1.0, 0, inpainted=False), [_camera(shift=0.25)])
    assert coverage.holes[0] == pytest.approx(10 / 40)


def test_the_mask_says_where_the_hole_is() -> None:
    mask = measure_views(_wall(1.0, 0, inpainted=False), [_camera(shift=0.25)]).masks[0]
    assert np.array_equal(mask == HOLE, np.tile(np.arange(40) >= 30, (40, 1)))


def test_the_nearer_point_hides_the_farther_one() -> None:
    both = _together(_wall(2.0, 1, inpainted=True), _wall(1.0, 0, inpainted=False))
    assert (measure_views(both, [_camera()]).masks == KNOWN).all()


@pytest.mark.parametrize(("depth", "shown"), [(1.0 / 1.04, KNOWN), (1.0 / 1.06, INPAINTED)])
def test_what_was_invented_hides_the_photo_only_from_well_before_it(depth: float, shown: int) -> None:
    both = _together(_wall(1.0, 0, inpainted=False), _wall(depth, 1, inpainted=True))
    assert (measure_views(both, [_camera()]).masks == shown).all()


def test_a_hidden_layer_shows_what_is_behind_it() -> None:
    both = _together(_wall(1.0, 0, inpainted=False), _wall(2.0, 1, inpainted=True))
    assert (measure_views(both, [_camera()], hidden_layers=[0]).masks == INPAINTED).all()


def test_points_behind_the_camera_are_not_drawn() -> None:
    pose = torch.eye(4, dtype=torch.float64)
    pose[2, 3] = -5.0
    behind = PinholeCamera(_camera().intrinsics, pose, 40, 40)
    assert measure_views(_wall(1.0, 0, inpainted=False), [behind]).holes[0] == 1.0


def test_a_wide_frame_is_measured_on_a_smaller_mask() -> None:
    camera = photo_camera(1920, 1080)
    assert measure_views(_wall(1.0, 0, inpainted=False), [camera]).masks.shape == (1, 135, 240)


def test_each_view_has_its_own_figure() -> None:
    coverage = measure_views(_wall(1.0, 0, inpainted=False), [_camera(), _camera(shift=0.5)])
    assert coverage.unknown.tolist() == pytest.approx([0.0, 0.5])


def test_measuring_needs_a_camera() -> None:
    with pytest.raises(ValueError, match="needs a camera"):
        measure_views(_wall(1.0, 0, inpainted=False), [])


@cache
def _scene() -> Scene:
    """A post and a round stone before a ground that rises to a far sky."""
    y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    depth = np.where(y > 42, 60 / np.maximum(y - 36, 1), 60.0)
    depth[20:80, 30:44] = 1.8
    depth[(x - 100) ** 2 + (y - 60) ** 2 < 15**2] = 2.2
    photo = torch.rand(3, _HEIGHT, _WIDTH, generator=torch.Generator().manual_seed(1))
    return prepare_scene(photo, depth=DepthMap(torch.from_numpy(depth.astype(np.float32))[None].clamp(min=1)))


# Tolerance, a share of the frame: the renderer blends discs over eight points, this takes the nearest of grown squares.
# They part where surfaces are stretched, and by a row, 1 % of this small picture, at its horizon. Measured: 1.2 % at
# most; on four photos of 640 px at amplitudes 1 to 4, 0.21 % on average and 0.6 % at most.
@pytest.mark.parametrize("path", ["circle", "zoom-in", "side", "up-down", "orbit"])
@pytest.mark.parametrize(("amplitude", "tolerance"), [(1.0, 0.013), (2.5, 0.015)])
def test_it_agrees_with_the_renderer(path: str, amplitude: float, tolerance: float) -> None:
    scene = _scene()
    camera = path_cameras(scene, path, 8, width=_WIDTH, height=_HEIGHT, amplitude=amplitude)[3]
    coverage = measure_views(thin_cloud(scene, scene.depth.near), [camera])
    frame = Loop(scene, 8).render(camera, 0)
    assert coverage.unknown[0] == pytest.approx(frame.unknown_fraction, abs=tolerance)


def _measured(step: float) -> Coverage:
    scene = _scene()
    pose = torch.eye(4, dtype=torch.float64)
    pose[0, 3] = -step
    camera = PinholeCamera(scene.camera.intrinsics, pose, _WIDTH, _HEIGHT)
    return measure_views(thin_cloud(scene, scene.depth.near), [camera])


def test_the_farther_the_camera_the_more_is_unknown() -> None:
    shares = [_measured(step).unknown[0] for step in (0.0, 0.05, 0.1, 0.2, 0.4)]
    assert shares == sorted(shares)
    assert shares[0] < 0.005 < shares[-1]
