"""Installed weights to networks ready to run, on the CPU and in evaluation mode."""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from ml_backend.ldi.inpainting_nets import InpaintingNets, color_net, depth_net
from ml_backend.motion.spade_unet import SpadeUNet
from ml_backend.points.feature_net import FeatureNet
from ml_backend.rendering.decoder_net import DecoderNet
from ml_backend.rendering.gated_decoder import GatedDecoder
from ml_backend.rendering.gated_decoder_net import GatedDecoderNet
from ml_backend.weights import official
from ml_backend.weights.catalog import WeightSpec, find
from ml_backend.weights.checkpoint import load_network, load_strictly, read_tensors
from ml_backend.weights.store import require

_Rename = Callable[[Mapping[str, Tensor], str], dict[str, Tensor]]


def load_motion_net(root: Path) -> SpadeUNet:
    """The authors' motion network from the store; raises MissingDependency, WeightsMismatch."""
    return _motion_net(require(find("paper-motion"), root))


def load_rendering_nets(root: Path) -> tuple[FeatureNet, DecoderNet]:
    """The authors' feature extractor and decoder from the store; raises MissingDependency, WeightsMismatch."""
    return _rendering_nets(require(find("paper-rendering"), root))


def load_inpainting_nets(root: Path) -> InpaintingNets:
    """The networks of 3D Photo Inpainting from the store; raises MissingDependency, WeightsMismatch."""
    return _inpainting_nets(require(find("3d-photo"), root))


def load_gated_decoder(path: Path) -> GatedDecoder:
    """Our decoder with weights that `train animation --preset small` wrote; raises WeightsMismatch."""
    network = load_network(GatedDecoderNet(), path)
    return GatedDecoder(network.to(memory_format=torch.channels_last))


def check_content(spec: WeightSpec, folder: Path) -> None:
    """Raise WeightsMismatch unless what lies in a folder fits the networks of this row.

    The other rows are pinned by digest, and Hugging Face's library or TorchScript reads them.
    """
    match spec.name:
        case "paper-motion":
            _motion_net(folder)
        case "paper-rendering":
            _rendering_nets(folder)
        case "3d-photo":
            _inpainting_nets(folder)


def _motion_net(folder: Path) -> SpadeUNet:
    network = SpadeUNet(
        nearest_channels=official.MOTION_NEAREST_CHANNELS, power_iterations=official.MOTION_POWER_ITERATIONS
    )
    _load(network, folder / "sceneflow_model.pth", official.motion_tensors, official.MOTION_PART)
    return network


def _rendering_nets(folder: Path) -> tuple[FeatureNet, DecoderNet]:
    path, features, decoder = folder / "model_150000.pth", FeatureNet(), DecoderNet()
    _load(features, path, official.feature_tensors, official.FEATURE_PART)
    _load(decoder, path, official.decoder_tensors, official.DECODER_PART)
    return features, decoder


def _inpainting_nets(folder: Path) -> InpaintingNets:
    nets = InpaintingNets(color_net(), depth_net())
    _load(nets.color, folder / "color-model.pth", official.inpainting_tensors)
    _load(nets.depth, folder / "depth-model.pth", official.inpainting_tensors)
    return nets


def _load(network: nn.Module, path: Path, rename: _Rename, part: str = "") -> None:
    load_strictly(network, rename(read_tensors(path, part=part), path.name), path.name)
    network.eval().requires_grad_(False)
