"""Euler integration of the constant flow: where every pixel is after t frames (Sec. 3.2, Eq. 1-3).

Convention: positions are index coordinates of the flow map (x right, y down; pixel (i, j) has its centre at (j, i),
which is image position (j + 0.5, i + 0.5)). Flow is read bilinearly at the moved position; outside the centres of the
outermost pixels it is the border's, so a point that leaves the image keeps the velocity that it had at the border.
The authors' code reads the nearest pixel, one step late.
"""

import math

import numpy as np
import torch
from numba import njit, prange
from torch import Tensor

from ml_backend.structures import Displacement, MotionField


def integrate(motion: MotionField, steps: int) -> Displacement:
    """Follow each pixel along the flow for a number of frames (Eq. 3).

    Args:
        motion: flow in pixels per frame, (2, H, W).
        steps: frames to follow; negative follows -M, as 3D symmetric animation needs.

    Returns:
        Offset (2, H, W) in pixels, and valid (1, H, W), False for good once the path left the image's area.
    """
    _, height, width = motion.flow.shape
    flow = _as_array(motion.flow if steps >= 0 else -motion.flow)
    starts = _as_array(pixel_indices(height, width))  # (H W, 2)
    offset = np.zeros_like(starts)
    valid = np.ones(len(starts), dtype=np.bool_)
    for _ in range(abs(steps)):
        offset = _advance(flow, starts, offset)
        valid &= _inside(starts + offset, height, width)
    return Displacement(
        torch.from_numpy(offset.T.reshape(2, height, width).copy()).to(motion.flow.device),
        torch.from_numpy(valid.reshape(1, height, width)).to(motion.flow.device),
    )


def pixel_indices(height: int, width: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Index coordinates (x, y) of all pixels, row by row, (H W, 2) float32."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float32, device=device),
        torch.arange(width, dtype=torch.float32, device=device),
        indexing="ij",
    )
    return torch.stack([x.reshape(-1), y.reshape(-1)], dim=1)


class Trajectories:
    """Where each of n moving points is at every frame of a loop, both ways, in O(N) steps for a loop in order.

    Any order of access gives the same bits. Kept are about 4 sqrt(N) offsets (n, 2) in all.

    Args:
        flow: (2, H, W) in pixels per frame.
        starts: (n, 2) index coordinates (x, y), pixel centre = integer index; may lie outside the image.
        num_frames: N, the length of the loop.
    """

    def __init__(self, flow: Tensor, starts: Tensor, num_frames: int) -> None:
        if num_frames < 1:
            raise ValueError(f"num_frames: expected at least 1, found {num_frames}")
        self._num_frames = num_frames
        self._device = starts.device
        self._forward = _Path(_as_array(flow), _as_array(starts), num_frames)
        self._backward = _Path(_as_array(-flow), _as_array(starts), num_frames)

    def forward(self, t: int) -> Tensor:
        """F(0 -> t): offsets (n, 2) in pixels after t steps of M, 0 <= t <= N. Do not write into it."""
        return self._on_device(self._forward.after(self._checked(t)))

    def backward(self, t: int) -> Tensor:
        """F(0 -> t - N): offsets (n, 2) in pixels after N - t steps of -M, 0 <= t <= N. Do not write into it."""
        return self._on_device(self._backward.after(self._num_frames - self._checked(t)))

    def _on_device(self, offset: np.ndarray) -> Tensor:
        return torch.from_numpy(offset).to(self._device)

    def _checked(self, t: int) -> int:
        if not 0 <= t <= self._num_frames:
            raise ValueError(f"t: expected 0 to {self._num_frames}, found {t}")
        return t


class _Path:
    """One direction: checkpoints every ceil(sqrt(N)) steps, and all steps of the segment in use."""

    def __init__(self, flow: np.ndarray, starts: np.ndarray, num_steps: int) -> None:
        self._flow, self._starts = flow, starts
        self._spacing = math.ceil(math.sqrt(num_steps))
        self._checkpoints = [np.zeros_like(starts)]
        self._segment_index = 0
        self._segment = [self._checkpoints[0]]

    def after(self, steps: int) -> np.ndarray:
        index, within = divmod(steps, self._spacing)
        if index != self._segment_index:
            self._segment = [self._checkpoint(index)]
            self._segment_index = index
        while len(self._segment) <= within:
            self._segment.append(self._step(self._segment[-1]))
        return self._segment[within]

    def _checkpoint(self, index: int) -> np.ndarray:
        if index == self._segment_index + 1 == len(self._checkpoints) and len(self._segment) == self._spacing:
            self._checkpoints.append(self._step(self._segment[-1]))  # walking on: nothing is computed twice
        while len(self._checkpoints) <= index:
            offset = self._checkpoints[-1]
            for _ in range(self._spacing):
                offset = self._step(offset)
            self._checkpoints.append(offset)
        return self._checkpoints[index]

    def _step(self, offset: np.ndarray) -> np.ndarray:
        return _advance(self._flow, self._starts, offset)


def _as_array(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype=np.float32)


def _advance(flow: np.ndarray, starts: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Eq. (2). The small offset is accumulated, not the position: float32 loses less."""
    moved = np.empty_like(offset)
    _advance_points(flow, starts, offset, moved)
    return moved


@njit(cache=True, nogil=True, parallel=True)
def _advance_points(flow: np.ndarray, starts: np.ndarray, offset: np.ndarray, moved: np.ndarray) -> None:
    right, bottom = flow.shape[2] - 1, flow.shape[1] - 1
    for i in prange(len(starts)):  # each point by itself, so that the number of threads changes nothing
        x, y = starts[i, 0] + offset[i, 0], starts[i, 1] + offset[i, 1]
        x = min(x, float(right)) if x > 0 else 0.0  # NaN goes to 0 as well
        y = min(y, float(bottom)) if y > 0 else 0.0
        x0, y0 = int(x), int(y)
        x1, y1 = min(x0 + 1, right), min(y0 + 1, bottom)
        a, b = x - x0, y - y0
        for c in range(2):
            upper = (1 - a) * flow[c, y0, x0] + a * flow[c, y0, x1]
            lower = (1 - a) * flow[c, y1, x0] + a * flow[c, y1, x1]
            moved[i, c] = offset[i, c] + ((1 - b) * upper + b * lower)


def _inside(positions: np.ndarray, height: int, width: int) -> np.ndarray:
    x, y = positions[:, 0], positions[:, 1]
    return (x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5)
