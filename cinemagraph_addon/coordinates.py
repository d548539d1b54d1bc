"""The only place that flips axes: Blender <-> OpenCV, in pairs. No bpy.

Convention: the OpenCV world is the photo's camera (x right, y down, z forward). In Blender the photo's camera stands
at the root's origin, looks along +Y, and has Z up, so that (x, y, z)_opencv is (x, z, -y)_blender. A Blender camera
looks along its own -Z with Y up; an OpenCV camera looks along its own +Z with Y down.
"""

import numpy as np

_WORLD = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)  # OpenCV to Blender
_CAMERA = np.diag([1.0, -1.0, -1.0, 1.0])  # its own inverse


def opencv_to_blender(points: np.ndarray) -> np.ndarray:
    """Points (N, 3) of the OpenCV world in the root's space, same dtype."""
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)


def blender_to_opencv(points: np.ndarray) -> np.ndarray:
    """Points (N, 3) of the root's space in the OpenCV world, same dtype."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def linear_blender_to_opencv(linear: np.ndarray) -> np.ndarray:
    """A linear map (3, 3) of the root's space in the axes of the OpenCV world."""
    return _WORLD[:3, :3].T @ linear @ _WORLD[:3, :3]


def camera_opencv_to_blender(camera_to_world: np.ndarray) -> np.ndarray:
    """The matrix (4, 4) of a Blender camera, relative to the root, of an OpenCV camera-to-world matrix (4, 4)."""
    return _WORLD @ camera_to_world @ _CAMERA


def opencv_world_to_blender(matrix: np.ndarray) -> np.ndarray:
    """A matrix (4, 4) into the OpenCV world, as one into the root's space; its own axes stay."""
    return _WORLD @ matrix


def camera_blender_to_opencv(matrix: np.ndarray) -> np.ndarray:
    """The OpenCV camera-to-world matrix (4, 4) of a Blender camera's matrix (4, 4) relative to the root."""
    return _WORLD.T @ matrix @ _CAMERA


def world_to_camera_opencv(world_to_camera: np.ndarray) -> np.ndarray:
    """A matrix (4, 4) from the root's space to a Blender camera's space, in OpenCV axes on both sides."""
    return _CAMERA @ world_to_camera @ _WORLD


def world_to_camera_blender(world_to_camera: np.ndarray) -> np.ndarray:
    """A matrix (4, 4) from the OpenCV world to an OpenCV camera, in Blender's axes on both sides."""
    return _CAMERA @ world_to_camera @ _WORLD.T
