"""Photo to scene with the networks and the conventions of the paper's authors, as far as they are installed."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from ml_backend.camera import PinholeCamera
from ml_backend.depth.estimate import FARTHEST, DisparityEstimator
from ml_backend.errors import BadInput
from ml_backend.layer_filters import median_filter
from ml_backend.ldi.authors_layers import layer_edges, split_as_trained
from ml_backend.ldi.authors_stand_ins import stand_ins
from ml_backend.ldi.inpainting_model import ColorInpainter
from ml_backend.ldi.inpainting_nets import InpaintingNets
from ml_backend.models import load_inpainting_nets, load_motion_net
from ml_backend.motion.authors_motion import estimate_as_trained
from ml_backend.points.features import color_features
from ml_backend.points.unproject import build_point_cloud
from ml_backend.structures import DepthMap, MotionField, MotionHints, Progress, Scene, no_progress
from ml_backend.weights import official
from ml_backend.weights.catalog import find
from ml_backend.weights.location import weights_folder
from ml_backend.weights.store import is_installed, require

LEAST_SIDE = 32  # the feature extractor halves four times and mirrors one pixel
NEEDED = ("paper-motion", "paper-rendering")


def require_networks(root: Path | None = None) -> None:
    """Raise MissingDependency, before the minutes of work, unless all that must be there is installed."""
    for name in NEEDED:
        require(find(name), root or weights_folder())


@torch.inference_mode()
def prepare_authors_scene(
    image: Tensor,
    *,
    depth: DepthMap,
    camera: PinholeCamera,
    num_layers: int | None = None,
    nets: InpaintingNets,
    progress: Progress = no_progress,
) -> Scene:
    """All that is done once per photo; it stands still until `move_authors_scene`.

    Args:
        image: (3, H, W) sRGB in [0, 1]. nets: see `inpainting_nets_for`.

    Raises:
        BadInput: the photo is too small for the networks.
    """
    height, width = image.shape[1:]
    if min(height, width) < LEAST_SIDE:
        raise BadInput(
            f"The paper's networks need at least {LEAST_SIDE} pixels on each side, found {width} x {height}.",
            hint="Use a larger photo or --size, or the built-in networks.",
        )
    progress("layers", 0.2)
    edges = layer_edges(depth, num_layers)
    progress("inpainting", 0.3)
    ldi = split_as_trained(image, depth, edges, nets)
    progress("points", 0.8)
    cloud = build_point_cloud(ldi, color_features(ldi), camera)
    still = MotionField(torch.zeros(2, *image.shape[1:]))
    return Scene(image, camera, depth, ldi, still, cloud, networks="paper")


@torch.inference_mode()
def move_authors_scene(scene: Scene, hints: MotionHints) -> Scene:
    """The scene with the flow of new hints, by the authors' motion network; raises MissingDependency."""
    network = load_motion_net(weights_folder())
    return replace(scene, motion=estimate_as_trained(scene.image, hints, network))


@torch.inference_mode()
def authors_depth(image: Tensor, estimator: DisparityEstimator) -> DepthMap:
    """Depth of a photo (3, H, W) as theirs: disparity scaled to [0, 1], a median, its inverse; near plane 1.

    They keep an infinitely far sky; here it ends at `FARTHEST`, since Blender has to show it too.
    """
    disparity = estimator(image).float()
    low, high = disparity.aminmax()
    unit = (disparity - low) / (high - low).clamp(min=official.LEAST_DISPARITY)
    return DepthMap((1 / median_filter(unit, official.DISPARITY_MEDIAN_PX).clamp(min=1 / FARTHEST))[None])


def inpainting_nets_for(inpainter: ColorInpainter | None, root: Path | None = None) -> InpaintingNets:
    """3D Photo's networks where they are installed, else stand-ins; `inpainter`, where given, fills the colours."""
    root = root or weights_folder()
    if not is_installed(find("3d-photo"), root):
        return stand_ins(inpainter)
    nets = load_inpainting_nets(root)
    return replace(nets, color=stand_ins(inpainter).color) if inpainter else nets


def networks_in_use(root: Path | None = None) -> tuple[str, ...]:
    """What of the authors' line is installed: another set makes other scenes."""
    names = (*NEEDED, "3d-photo")
    return tuple(name for name in names if is_installed(find(name), root or weights_folder()))
