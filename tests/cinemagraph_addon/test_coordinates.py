"""Axes: Blender <-> OpenCV, there and back."""

import numpy as np
from cinemagraph.cinemagraph_addon.coordinates import (
    blender_to_opencv,
    camera_blender_to_opencv,
    camera_opencv_to_blender,
    opencv_to_blender,
    world_to_camera_blender,
    world_to_camera_opencv,
)

_PHOTO_CAMERA = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])  # looks along +Y, Z up


def _pose() -> np.ndarray:
    """A rotation by 90 degrees about x, then a shift."""
    return np.array([[1, 0, 0, 2], [0, 0, -1, 3], [0, 1, 0, 5], [0, 0, 0, 1]], dtype=np.float64)


def test_a_point_ahead_and_below_lies_along_y_and_under_z() -> None:
    assert opencv_to_blender(np.array([[1.0, 2.0, 3.0]])).tolist() == [[1.0, 3.0, -2.0]]


def test_points_come_back() -> None:
    points = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert np.array_equal(blender_to_opencv(opencv_to_blender(points)), points)


def test_points_keep_their_dtype() -> None:
    assert opencv_to_blender(np.zeros((1, 3), np.float32)).dtype == np.float32


def test_the_photo_camera_looks_along_y() -> None:
    assert np.array_equal(camera_opencv_to_blender(np.eye(4)), _PHOTO_CAMERA)


def test_a_camera_comes_back() -> None:
    assert np.array_equal(camera_blender_to_opencv(camera_opencv_to_blender(_pose())), _pose())


def test_the_photo_camera_in_blender_is_the_identity_in_opencv() -> None:
    assert np.array_equal(world_to_camera_opencv(np.linalg.inv(_PHOTO_CAMERA)), np.eye(4))


def test_world_to_camera_comes_back() -> None:
    assert np.array_equal(world_to_camera_blender(world_to_camera_opencv(_pose())), _pose())


def test_a_point_has_the_same_place_in_the_camera_on_both_ways() -> None:
    point = np.array([0.3, -0.4, 2.0, 1.0])
    in_opencv_camera = np.linalg.inv(_pose()) @ point
    blender_point = np.append(opencv_to_blender(point[None, :3])[0], 1.0)
    x, y, z, _ = np.linalg.inv(camera_opencv_to_blender(_pose())) @ blender_point
    assert np.allclose([x, -y, -z], in_opencv_camera[:3], atol=1e-12)
