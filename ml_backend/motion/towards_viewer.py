"""A first guess for lying water: it comes towards the viewer along the surface that the network sees.

One velocity along the surface, seen in perspective: to the sides it moves outwards, and near water faster than far.
"""

import cv2
import numpy as np

from ml_backend.motion.small_net import Reading

# Mean over the surface, in long sides per frame. Half of the generated worlds, whose water is as fast as in videos,
# have a mean above 1.8e-3; the guess with the smallest relative error is about half of that.
_SPEED = 1.25e-3


def towards_viewer(reading: Reading, inside: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Flow (K, 2) in pixels per frame at image positions (K, 2) of a surface.

    Args:
        inside: (H, W) bool, the surface.
    """
    height, width = inside.shape
    nearer = reading.basis[0, :, 1].permute(1, 2, 0).cpu().numpy()
    flow = cv2.resize(np.ascontiguousarray(nearer), (width, height), interpolation=cv2.INTER_LINEAR)
    mean = float(np.linalg.norm(flow[inside], axis=-1).mean())
    x, y = starts.astype(int).T
    return flow[y, x].astype(np.float64) * (_SPEED * max(height, width) / max(mean, 1e-9))
