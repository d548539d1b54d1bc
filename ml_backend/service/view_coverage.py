"""Answers MeasureViews: how much of each view of a scene the photo knows."""

from pathlib import Path

import numpy as np
import torch

from ml_backend.camera import PinholeCamera
from ml_backend.errors import BadInput, BadOutput, ProtocolError
from ml_backend.protocol import MeasureViews
from ml_backend.rendering.coverage import ThinCloud, measure_views, thin_cloud
from ml_backend.structures import Scene

MASKS_FILE = "masks.npy"


def thin(scene: Scene) -> ThinCloud:
    """The part of a scene's cloud that views are measured with."""
    return thin_cloud(scene, scene.depth.near)


def measure(request: MeasureViews, cloud: ThinCloud) -> dict[str, object]:
    """The values of the request's Result.

    Raises:
        ProtocolError: its lists do not fit each other. BadInput: a frame without pixels. BadOutput: a full disk.
    """
    coverage = measure_views(cloud, _cameras(request), request.hidden_layers)
    values: dict[str, object] = {"unknown": coverage.unknown.tolist(), "holes": coverage.holes.tolist()}
    if request.output_dir:
        path = Path(request.output_dir) / MASKS_FILE
        try:
            np.save(path, coverage.masks)
        except OSError as error:
            raise BadOutput(f"Cannot write {path}: {error.strerror}.", hint="Is the disk full?") from error
        values["masks"] = str(path)
    return values


def _cameras(request: MeasureViews) -> list[PinholeCamera]:
    lists = (request.intrinsics, request.world_to_camera)
    if len(lists[0]) != len(lists[1]) or not lists[0]:
        raise ProtocolError("MeasureViews: there must be as many intrinsics as world_to_camera, at least one.")
    if any(len(k) != 4 for k in lists[0]) or any(len(m) != 16 for m in lists[1]):
        raise ProtocolError("MeasureViews: intrinsics are 4 numbers, world_to_camera is 16.")
    if request.width < 1 or request.height < 1:
        raise BadInput(f"A frame of {request.width}x{request.height} pixels is no picture.", hint="Use a larger size.")
    return [_camera(request, *view) for view in zip(*lists, strict=True)]


def _camera(request: MeasureViews, intrinsics: list[float], world_to_camera: list[float]) -> PinholeCamera:
    fx, fy, cx, cy = intrinsics
    return PinholeCamera(
        torch.tensor([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=torch.float64),
        torch.tensor(world_to_camera, dtype=torch.float64).reshape(4, 4),
        request.width,
        request.height,
    )
