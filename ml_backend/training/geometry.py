"""A take as tensors: layers, and which of their pixels make up each pixel of the target, both clouds (Sec. 3.3, 3.4).

Everything but the features is known before a network runs: where the points are, and how much each counts in a pixel.
So that is done once, on the CPU, by the code that ships; what is left for training is a weighted sum of features,
differentiable in them, on any device.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ml_backend.ldi.inpainting import inpaint_layers
from ml_backend.ldi.layering import split_layers
from ml_backend.loop import DEFAULTS, Loop, Placed, RenderSettings, trust_in_points
from ml_backend.pipeline import prepare_scene
from ml_backend.rendering.splatting import Sheets, composite_weights, rasterize
from ml_backend.structures import DepthMap, LayeredDepthImage, MotionField, Scene
from ml_backend.training.datasets.takes import Take
from ml_backend.training.stage import Batch

_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud in the target, batched or not.

    index (..., H, W, K): of the canvas pixels of all layers, layer by layer, row by row; weight (..., H, W, K), 0 where
    there is no point. alpha, nearness (near / z), known (share of the photo's own points): (..., 1, H, W) in [0, 1].
    """

    index: Tensor
    weight: Tensor
    alpha: Tensor
    nearness: Tensor
    known: Tensor


def prepare_take(take: Take, *, max_layers: int, settings: RenderSettings = DEFAULTS) -> Batch:
    """A sample of the animation stage.

    layers (2, max_layers, 4, h, w): RGBA of the start's and the end's layers on their canvas, padded by empty ones;
    num_layers (); target (3, H, W), known (1, H, W); share (): time over loop; and of both clouds, "forward" and
    "backward", the fields of `Cloud` as forward_index and so on.
    """
    depth, count = DepthMap(take.depth), _num_layers(take, max_layers)
    motion = MotionField(take.flow)
    scene = prepare_scene(take.start, depth=depth, motion=motion, camera=take.camera, num_layers=count, softens=False)
    # Hard layers depend on the depth alone, so both frames have the same ones.
    end = scene.ldi if take.end is take.start else inpaint_layers(split_layers(take.end, depth, num_layers=count))
    loop = Loop(scene, take.num_frames, settings)
    sample = {
        "layers": torch.stack([_padded(ldi, max_layers) for ldi in (scene.ldi, end)]),
        "num_layers": torch.tensor(len(scene.ldi.colors)),
        "target": take.target,
        "known": take.known,
        "share": torch.tensor(take.time / take.num_frames),
    }
    for name in ("forward", "backward"):
        placed = loop.place(take.target_camera, take.time, backward=name == "backward" and take.time > 0)
        cloud = _draw(scene, placed, take, settings)
        sample |= {f"{name}_{field}": getattr(cloud, field) for field in Cloud.__dataclass_fields__}
    return {name: value.clone() for name, value in sample.items()}  # out of inference mode


def gather(features: Tensor, cloud: Cloud) -> Tensor:
    """Features (C, H, W) of a cloud, divided by alpha: the weighted sum of (L, C, h, w), differentiable in them."""
    flat = features.permute(0, 2, 3, 1).flatten(0, 2)  # (L h w, C)
    count = cloud.index.shape[-1]
    total = sum(cloud.weight[..., k, None] * flat[cloud.index[..., k]] for k in range(count))
    return total.permute(2, 0, 1) / cloud.alpha.clamp(min=_TINY)


def cloud_of(batch: Batch, name: str, number: int) -> Cloud:
    """The cloud "forward" or "backward" of one sample of a batch."""
    return Cloud(**{field: batch[f"{name}_{field}"][number] for field in Cloud.__dataclass_fields__})


def _draw(scene: Scene, placed: Placed, take: Take, settings: RenderSettings) -> Cloud:
    ldi, camera = scene.ldi, take.target_camera
    covered = torch.nonzero((ldi.alphas[:, 0] > 0).flatten()).squeeze(1)  # canvas pixel of each point
    own = len(covered)
    # Points of unseen fluid continue others' texture; without them there is a hole, as a network will meet it.
    pixels, z, radii = placed.pixels[:own], placed.z[:own], placed.radii[:own]
    known = (~scene.cloud.inpainted).to(torch.float32)
    fragments = rasterize(
        pixels, z, radii, height=camera.height, width=camera.width, points_per_pixel=settings.points_per_pixel
    )
    weight = composite_weights(
        fragments,
        radii,
        surface_gap=settings.surface_gap,
        sheets=Sheets(settings.sheet_gap, trust_in_points(known)),
    ).to(torch.float32)
    point = fragments.index.clamp(min=0).long()
    alpha = weight.sum(dim=-1)
    near = scene.depth.near
    nearness = (near / fragments.z.clamp(min=_TINY)).clamp(max=1.0)  # 0 where there is no point, whose z is inf
    total = alpha.clamp(min=_TINY)
    return Cloud(
        index=covered[point].to(torch.int32),
        weight=weight,
        alpha=alpha[None],
        nearness=((weight * nearness).sum(dim=-1) / total)[None],
        known=((weight * known[point]).sum(dim=-1) / total)[None],
    )


def _num_layers(take: Take, max_layers: int) -> int | None:
    """As many layers as the depth asks for, unless those are too many."""
    return None if len(split_layers(take.start, DepthMap(take.depth)).colors) <= max_layers else max_layers


def _padded(ldi: LayeredDepthImage, max_layers: int) -> Tensor:
    rgba = torch.cat([ldi.colors * ldi.alphas, ldi.alphas], dim=1)  # (L, 4, h, w)
    return F.pad(rgba, (0, 0, 0, 0, 0, 0, 0, max_layers - len(rgba)))
