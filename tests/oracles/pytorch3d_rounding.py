"""pytorch3d's float32 arithmetic of projection and pixel centres, bit by bit; ours is exact.

Normalised device coordinates: x left, y up, the short side spans [-1, 1].
"""

import numpy as np
import torch


def project_to_ndc(points: np.ndarray, intrinsics: np.ndarray, height: int, width: int) -> np.ndarray:
    """Points (N, 3) in camera space -> (N, 2) float32: screen projection times the inverse of NDC to screen."""
    to_screen = torch.zeros(4, 4)
    to_screen[[0, 1], [0, 1]] = -torch.tensor([intrinsics[0, 0], intrinsics[1, 1]]).float()
    to_screen[2, [0, 1]] = -torch.tensor([intrinsics[0, 2], intrinsics[1, 2]]).float()
    to_screen[2, 3] = to_screen[3, 2] = 1
    ndc_to_screen = torch.diag(torch.tensor([min(height, width) / 2, min(height, width) / 2, 1.0, 1.0]))
    ndc_to_screen[3, [0, 1]] = torch.tensor([-width / 2, -height / 2])
    projection = to_screen[None].bmm(torch.inverse(ndc_to_screen[None]))
    homogeneous = torch.cat([torch.from_numpy(points).float(), torch.ones(len(points), 1)], dim=1)[None].bmm(projection)
    return (homogeneous[0, :, :2] / homogeneous[0, :, 3:]).numpy()


def pixel_centres_in_ndc(length: int, other: int) -> np.ndarray:
    """Centres of `length` pixels in ascending columns or rows, hence descending NDC, float32."""
    span = np.float32(2) if length <= other else np.float32(length) * np.float32(2) / np.float32(other)
    half = span / np.float32(2)
    index = np.arange(length)[::-1].astype(np.float32)
    return -half + (span * index + half) / np.float32(length)
