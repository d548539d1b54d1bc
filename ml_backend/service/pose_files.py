"""The pose of a RenderFrame request: hidden layers, and arrays of the posed ones in the job's folder."""

from pathlib import Path

import numpy as np
import torch

from ml_backend.errors import ProtocolError
from ml_backend.pose import Pose, PosedLayer
from ml_backend.protocol import RenderFrame
from ml_backend.structures import Scene


def read_pose(request: RenderFrame, scene: Scene) -> Pose:
    """The pose that a request asks for; raises ProtocolError where its arrays do not fit the scene's cloud."""
    if len(request.posed_layers) != len(request.posed_linear):
        raise ProtocolError("RenderFrame: posed_layers and posed_linear are not of one length.")
    folder = Path(request.output_dir)
    posed = tuple(
        _read_layer(folder, layer, linear, len(scene.cloud.positions))
        for layer, linear in zip(request.posed_layers, request.posed_linear, strict=True)
    )
    return Pose(hidden=tuple(sorted(request.hidden_layers)), posed=posed)


def _read_layer(folder: Path, layer: int, linear: list[float], num_points: int) -> PosedLayer:
    try:
        ids = np.load(folder / f"ids_{layer}.npy", allow_pickle=False).astype(np.int64)
        positions = np.load(folder / f"positions_{layer}.npy", allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, EOFError) as error:
        raise ProtocolError(f"RenderFrame: the points of layer {layer} cannot be read ({error}).") from error
    if ids.ndim != 1 or positions.shape != (len(ids), 3) or len(linear) != 9:
        raise ProtocolError(
            f"RenderFrame: layer {layer} has ids of shape {ids.shape} and positions of shape {positions.shape}."
        )
    if len(ids) and not 0 <= ids.min() <= ids.max() < num_points:
        raise ProtocolError(
            f"RenderFrame: layer {layer} has points that the scene folder lacks.", hint="Build the scene again."
        )
    matrix = torch.tensor(linear, dtype=torch.float32).view(3, 3)
    return PosedLayer(layer, torch.from_numpy(ids), torch.from_numpy(positions), matrix)
