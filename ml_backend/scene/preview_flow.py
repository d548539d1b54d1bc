"""The points' motion as a short formula, for previews that cannot integrate: position + flow t + bend t^2."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ml_backend.loop import Loop
from ml_backend.structures import Scene

# Frames each way that the parabola is fitted to: one loop of the usual length. It is never more than a few pixels off
# in between; fitted to half a loop it led a hundred times as far astray at the ends, and points before the camera.
_REACH = 60


@dataclass(frozen=True, slots=True)
class PreviewFlow:
    """flow (N, 3) and bend (N, 3) float32, world units per frame and per frame squared; 0 where nothing moves."""

    flow: Tensor
    bend: Tensor


@torch.inference_mode()
def preview_flow(scene: Scene) -> PreviewFlow:
    """Parabolas through each point's places `_REACH` frames ago, now, and `_REACH` frames ahead."""
    if not bool((scene.motion.flow != 0).any()):
        nothing = torch.zeros_like(scene.cloud.positions)
        return PreviewFlow(nothing, nothing)
    loop = Loop(scene, _REACH)
    ahead, behind = loop.scene_flow(_REACH), loop.scene_flow(-_REACH)
    return PreviewFlow((ahead - behind) / (2 * _REACH), (ahead + behind) / (2 * _REACH**2))
