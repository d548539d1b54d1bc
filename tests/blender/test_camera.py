"""Blender's cameras as pinhole cameras: our pixels against Blender's own projection."""

import math
from collections.abc import Callable

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender as a Python module is not installed", exc_type=ImportError)

from cinemagraph.cinemagraph_addon.bridge.problem import Problem  # noqa: E402
from cinemagraph.cinemagraph_addon.camera import pinhole_view, render_size, set_intrinsics  # noqa: E402
from cinemagraph.cinemagraph_addon.coordinates import opencv_to_blender  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402

_TOLERANCE_PX = 0.01  # float32 matrices in Blender; the promise to the artist is 0.25
_POINTS = np.array([[0.0, 0.0, 1.0], [0.4, -0.3, 2.0], [-0.8, 0.5, 3.0], [0.1, 0.9, 5.0], [2.0, -1.0, 8.0]])

Change = Callable[[bpy.types.Object, bpy.types.RenderSettings], None]


def _move(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.location = (0.2, -0.5, 0.1)


def _rotate(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.rotation_euler = (math.radians(84), math.radians(7), math.radians(-11))


def _shift(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.data.shift_x, camera.data.shift_y = 0.13, -0.07


def _zoom(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.data.lens = 85


def _make_portrait(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    render.resolution_x, render.resolution_y = 360, 640


def _fit_horizontally(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    _make_portrait(camera, render)
    camera.data.sensor_fit = "HORIZONTAL"


def _fit_vertically(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.data.sensor_fit = "VERTICAL"


def _widen_pixels(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    render.pixel_aspect_x = 2.0


def _heighten_pixels(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    render.pixel_aspect_y = 1.5


def _render_half(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    render.resolution_percentage = 51


def _scale(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    camera.scale = (2.0, 3.0, 4.0)  # Blender ignores it


def _give_parent(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    parent = bpy.data.objects.new("Crane", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location, parent.rotation_euler = (0.3, 0.2, -0.1), (0.05, 0.1, 0.15)
    camera.parent = parent


def _everything(camera: bpy.types.Object, render: bpy.types.RenderSettings) -> None:
    for change in (_move, _rotate, _shift, _zoom, _fit_horizontally, _widen_pixels, _render_half, _give_parent):
        change(camera, render)


@pytest.fixture
def camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """A camera where the photo's stands, in a landscape frame."""
    obj = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    obj.rotation_euler = (math.pi / 2, 0, 0)
    scene.collection.objects.link(obj)
    scene.camera = obj
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    return obj


def _our_pixels(scene: bpy.types.Scene, root: np.ndarray) -> np.ndarray:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    view = pinhole_view(scene.camera.evaluated_get(depsgraph), render_size(scene.render), root)
    fx, fy, cx, cy = view.intrinsics
    x, y, z = (np.c_[_POINTS, np.ones(len(_POINTS))] @ view.world_to_camera.T)[:, :3].T
    return np.stack([fx * x / z + cx, fy * y / z + cy], axis=1)


def _blenders_pixels(scene: bpy.types.Scene, root: np.ndarray) -> np.ndarray:
    """By the projection matrix that Blender itself renders with."""
    size = render_size(scene.render)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    camera = scene.camera.evaluated_get(depsgraph)
    projection = camera.calc_matrix_camera(
        depsgraph, x=size.width, y=size.height, scale_x=size.aspect_x, scale_y=size.aspect_y
    )
    to_clip = np.array(projection) @ np.array(camera.matrix_world.normalized().inverted()) @ root
    clip = np.c_[opencv_to_blender(_POINTS), np.ones(len(_POINTS))] @ to_clip.T
    ndc = clip[:, :2] / clip[:, 3:]
    return np.stack([(ndc[:, 0] + 1) / 2 * size.width, (1 - ndc[:, 1]) / 2 * size.height], axis=1)


@pytest.mark.parametrize(
    "change",
    [
        _move,
        _rotate,
        _shift,
        _zoom,
        _make_portrait,
        _fit_horizontally,
        _fit_vertically,
        _widen_pixels,
        _heighten_pixels,
        _render_half,
        _scale,
        _give_parent,
        _everything,
    ],
)
def test_points_land_where_blender_puts_them(camera: bpy.types.Object, scene: bpy.types.Scene, change: Change) -> None:
    change(camera, scene.render)
    bpy.context.view_layer.update()
    root = np.eye(4)
    assert np.abs(_our_pixels(scene, root) - _blenders_pixels(scene, root)).max() < _TOLERANCE_PX


def test_points_of_a_moved_root_land_where_blender_puts_them(camera: bpy.types.Object, scene: bpy.types.Scene) -> None:
    root = np.array(Matrix.LocRotScale((0.1, 2.0, 0.3), Matrix.Rotation(0.2, 3, "Z").to_quaternion(), (3, 3, 3)))
    assert np.abs(_our_pixels(scene, root) - _blenders_pixels(scene, root)).max() < _TOLERANCE_PX


def test_blenders_own_helper_agrees(camera: bpy.types.Object, scene: bpy.types.Scene) -> None:
    from bpy_extras.object_utils import world_to_camera_view

    _move(camera, scene.render)
    _rotate(camera, scene.render)
    _shift(camera, scene.render)
    bpy.context.view_layer.update()
    views = [world_to_camera_view(scene, camera, Vector(p)) for p in opencv_to_blender(_POINTS).tolist()]
    expected = np.array([[view.x * 640, (1 - view.y) * 360] for view in views])
    assert np.abs(_our_pixels(scene, np.eye(4)) - expected).max() < _TOLERANCE_PX


def test_a_scaled_root_gives_a_rigid_camera(camera: bpy.types.Object, scene: bpy.types.Scene) -> None:
    view = _view_of_root(scene, np.diag([3.0, 3.0, 3.0, 1.0]))
    assert np.allclose(view.world_to_camera[:3, :3], np.eye(3), atol=1e-6)


def test_the_unit_is_the_scale_of_the_root(camera: bpy.types.Object, scene: bpy.types.Scene) -> None:
    assert _view_of_root(scene, np.diag([3.0, 3.0, 3.0, 1.0])).unit == pytest.approx(3.0)


@pytest.mark.parametrize("scale", [(1, 1, 2), (-1, 1, 1), (0, 0, 0)])
def test_a_root_that_changes_shapes_is_refused(
    camera: bpy.types.Object, scene: bpy.types.Scene, scale: tuple[float, ...]
) -> None:
    with pytest.raises(Problem, match="root object"):
        _view_of_root(scene, np.diag([*scale, 1.0]))


@pytest.mark.parametrize("kind", ["ORTHO", "PANO"])
def test_a_camera_without_perspective_is_refused(camera: bpy.types.Object, scene: bpy.types.Scene, kind: str) -> None:
    camera.data.type = kind
    with pytest.raises(Problem, match="not a perspective camera"):
        _view_of_root(scene, np.eye(4))


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (64, 64)])
def test_intrinsics_come_back(camera: bpy.types.Object, scene: bpy.types.Scene, size: tuple[int, int]) -> None:
    scene.render.resolution_x, scene.render.resolution_y = size
    intrinsics = (500.0, 500.0, size[0] / 2 + 7, size[1] / 2 - 3)
    set_intrinsics(camera.data, intrinsics, *size)
    assert np.allclose(_view_of_root(scene, np.eye(4)).intrinsics, intrinsics, atol=1e-3)


def _view_of_root(scene: bpy.types.Scene, root: np.ndarray) -> object:
    camera = scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return pinhole_view(camera, render_size(scene.render), root)
