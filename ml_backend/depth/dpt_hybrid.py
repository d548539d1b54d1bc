"""DPT-Hybrid from its authors' own checkpoint, built of the parts of `transformers` (Sec. 3.3, reference 45).

`transformers` reads squares of one size only, and scales kernels a little otherwise; here any multiples of 32 do, and
the output is that of the authors' code to 3e-6.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml_backend.weights.checkpoint import load_strictly, read_tensors
from ml_backend.weights.dpt_hybrid import STANDARDISING, transformers_tensors

_PATCH = 16


@dataclass(frozen=True, slots=True)
class DepthOutput:
    """predicted_depth (B, H, W), which is disparity: named as in `transformers`."""

    predicted_depth: Tensor


class DptHybrid(nn.Module):
    """A `transformers.DPTForDepthEstimation` of the hybrid kind, for any multiples of 32."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.config = network.config
        self._network = network
        for name, module in list(network.named_modules()):
            if type(module).__name__ == "WeightStandardizedConv2d":
                network.set_submodule(name, _StandardisedConv(module))

    def forward(self, pixel_values: Tensor) -> DepthOutput:
        """Disparity of a normalised photo (B, 3, H, W)."""
        network = self._network
        embedded = network.dpt.embeddings(pixel_values, interpolate_pos_encoding=True)
        tokens, maps = embedded.last_hidden_states, list(embedded.intermediate_activations)
        for index, layer in enumerate(network.dpt.encoder.layer):
            tokens = layer(tokens)
            if index in self.config.backbone_out_indices[2:]:
                maps.append(tokens)
        height, width = (side // _PATCH for side in pixel_values.shape[-2:])
        return DepthOutput(network.head(network.neck(maps, height, width)))


class _StandardisedConv(nn.Module):
    """A convolution whose kernels were standardised once, as in timm 0.4.5, not anew at each call."""

    weight: Tensor

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        deviation, mean = torch.std_mean(conv.weight.detach(), dim=(1, 2, 3), keepdim=True, unbiased=False)
        self.register_buffer("weight", (conv.weight.detach() - mean) / (deviation + STANDARDISING))
        self._conv = conv

    def forward(self, x: Tensor) -> Tensor:
        conv = self._conv
        padded = x if conv.pad is None else conv.pad(x)
        return F.conv2d(padded, self.weight, conv.bias, conv.stride, conv.padding, conv.dilation, conv.groups)


def load_dpt_hybrid(config: Path, checkpoint: Path) -> DptHybrid:
    """The network of a checkpoint with the authors' names; raises WeightsMismatch. `transformers` is installed."""
    from transformers import DPTConfig, DPTForDepthEstimation  # noqa: PLC0415  optional, and slow to import

    network = DPTForDepthEstimation(DPTConfig(**json.loads(config.read_text(encoding="utf-8"))))
    load_strictly(network, transformers_tensors(read_tensors(checkpoint), checkpoint.name), checkpoint.name)
    return DptHybrid(network).eval().requires_grad_(False)
