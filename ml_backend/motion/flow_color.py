"""A motion field as a picture: the hue is the direction, the saturation the speed."""

import numpy as np
import torch
from torch import Tensor

# Baker et al., "A Database and Evaluation Methodology for Optical Flow": hues from red over yellow, green, cyan, blue,
# and magenta back to red, spaced by what the eye tells apart.
_WHEEL_PLACES = np.array([0, 15, 21, 25, 36, 49, 55]) / 55.0
_WHEEL_COLORS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 0, 0]], float)


def flow_to_color(flow: Tensor, *, max_flow: float | None = None) -> Tensor:
    """Colours (3, H, W) in [0, 1] of a motion field (2, H, W): the hue is the direction, white stands still.

    Right is red, down yellow, left cyan, up violet (Middlebury). Full colour is at `max_flow` pixels per frame, by
    default the fastest pixel; what is faster is darkened.
    """
    u, v = flow.detach().cpu().double().numpy()
    speed = np.hypot(u, v)
    full = speed.max() if max_flow is None else max_flow
    speed = speed / full if full > 0 else speed
    place = np.arctan2(-v, -u) / (2 * np.pi) + 0.5
    hue = np.stack([np.interp(place, _WHEEL_PLACES, _WHEEL_COLORS[:, channel]) for channel in range(3)])
    color = np.where(speed <= 1.0 + 1e-9, 1.0 - speed * (1.0 - hue), 0.75 * hue)
    return torch.from_numpy(color.astype(np.float32))
