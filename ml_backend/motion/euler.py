"""Euler integration of the constant flow: where every pixel is after t frames (Sec. 3.2, Eq. 1-3).

Convention: positions are index coordinates of the flow map (x right, y down; pixel (i, j) has its centre at (j, i),
which is image position (j + 0.5, i + 0.5)). Flow is read bilinearly at the moved position; outside the centres of the
outermost pixels it is the border's, so a point that leaves the image keeps the velocity that it had at the border.
The authors' code reads the nearest pixel, one step late.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.structures import Displacement, MotionField

_POINTS_PER_ROW = 65536  # grid_sample uses one core per batch row; a fixed length keeps results free of thread counts


def integrate(motion: MotionField, steps: int) -> Displacement:
    """Follow each pixel along the flow for a number of frames (Eq. 3).

    Args:
        motion: flow in pixels per frame, (2, H, W).
        steps: frames to follow; negative follows -M, as 3D symmetric animation needs.

    Returns:
        Offset (2, H, W) in pixels, and valid (1, H, W), False for good once the path left the image's area.
    """
    flow = motion.flow if steps >= 0 else -motion.flow
    _, height, width = flow.shape
    starts = pixel_indices(height, width, device=flow.device)  # (H W, 2)
    offset = torch.zeros_like(starts)
    valid = torch.ones(len(starts), dtype=torch.bool, device=flow.device)
    for _ in range(abs(steps)):
        offset = _advance(flow, starts, offset)
        valid &= _inside(starts + offset, height, width)
    return Displacement(offset.T.reshape(2, height, width).contiguous(), valid.reshape(1, height, width))


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
        starts = starts.to(flow)
        self._forward = _Path(flow, starts, num_frames)
        self._backward = _Path(-flow, starts, num_frames)

    def forward(self, t: int) -> Tensor:
        """F(0 -> t): offsets (n, 2) in pixels after t steps of M, 0 <= t <= N. Do not write into it."""
        return self._forward.after(self._checked(t))

    def backward(self, t: int) -> Tensor:
        """F(0 -> t - N): offsets (n, 2) in pixels after N - t steps of -M, 0 <= t <= N. Do not write into it."""
        return self._backward.after(self._num_frames - self._checked(t))

    def _checked(self, t: int) -> int:
        if not 0 <= t <= self._num_frames:
            raise ValueError(f"t: expected 0 to {self._num_frames}, found {t}")
        return t


class _Path:
    """One direction: checkpoints every ceil(sqrt(N)) steps, and all steps of the segment in use."""

    def __init__(self, flow: Tensor, starts: Tensor, num_steps: int) -> None:
        self._flow, self._starts = flow, starts
        self._spacing = math.ceil(math.sqrt(num_steps))
        self._checkpoints = [torch.zeros_like(starts)]
        self._segment_index = 0
        self._segment = [self._checkpoints[0]]

    def after(self, steps: int) -> Tensor:
        index, within = divmod(steps, self._spacing)
        if index != self._segment_index:
            self._segment = [self._checkpoint(index)]
            self._segment_index = index
        while len(self._segment) <= within:
            self._segment.append(self._step(self._segment[-1]))
        return self._segment[within]

    def _checkpoint(self, index: int) -> Tensor:
        if index == self._segment_index + 1 == len(self._checkpoints) and len(self._segment) == self._spacing:
            self._checkpoints.append(self._step(self._segment[-1]))  # walking on: nothing is computed twice
        while len(self._checkpoints) <= index:
            offset = self._checkpoints[-1]
            for _ in range(self._spacing):
                offset = self._step(offset)
            self._checkpoints.append(offset)
        return self._checkpoints[index]

    def _step(self, offset: Tensor) -> Tensor:
        return _advance(self._flow, self._starts, offset)


def _advance(flow: Tensor, starts: Tensor, offset: Tensor) -> Tensor:
    """Eq. (2). The small offset is accumulated, not the position: float32 loses less."""
    return offset + _read_bilinear(flow, starts + offset)


def _read_bilinear(flow: Tensor, positions: Tensor) -> Tensor:
    """Flow (n, 2) at index coordinates (n, 2), the border's value outside."""
    count = len(positions)
    if count == 0:
        return torch.zeros_like(positions)
    height, width = flow.shape[1:]
    rows = math.ceil(count / _POINTS_PER_ROW)
    columns = math.ceil(count / rows)
    size = torch.tensor([width, height], dtype=positions.dtype, device=positions.device)
    grid = (2 * positions + 1) / size - 1
    grid = F.pad(grid, (0, 0, 0, rows * columns - count)).view(rows, 1, columns, 2)
    values = F.grid_sample(
        flow[None].expand(rows, -1, -1, -1), grid, mode="bilinear", padding_mode="border", align_corners=False
    )  # (rows, 2, 1, columns)
    return values[:, :, 0].transpose(1, 2).reshape(-1, 2)[:count]


def _inside(positions: Tensor, height: int, width: int) -> Tensor:
    x, y = positions[:, 0], positions[:, 1]
    return (x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5)
