"""The authors' checkpoints: what our networks call their weights, and what the weights were trained with.

Where the networks' output depends on a habit of the authors' code, the habit stands here, as data.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from ml_backend.errors import WeightsMismatch

MOTION_PART, FEATURE_PART, DECODER_PART = "netG", "feature_net", "img_decoder"

MOTION_SIDE = 768  # photo, mask, and hints are squashed to this square, whatever the photo's shape
MOTION_NEAREST_CHANNELS = (3,)  # the mask's place; of feature maps too, where it means nothing
MOTION_POWER_ITERATIONS = 1  # their network stays in training mode, where each call takes one step

HINT_WIDTH = 1.25  # of the height over the number of arrows; theirs is drawn between 0.5 and 2, anew at each run
FLOW_BLUR_PX = 15  # one box blur with a zero border, then the mask again

DISPARITY_MEDIAN_PX = 5  # of the disparity, scaled to [0, 1]
LEAST_DISPARITY = 1e-6  # what is farther has no depth of its own

CONTEXT_MARGIN_PX = 10  # so far from a nearer layer is what a layer's hidden part is continued from
FEWEST_LAYER_PIXELS = 10  # beyond that margin; smaller layers are left out
HOLE_REACH_PX = 40  # beyond the box around the context
OPENING_PX = 3
RIM_MEDIAN_PX = 11
DEPTH_BLUR_PX, DEPTH_BLUR_SIGMA = 3, 1.5  # of the inpainted depth
BEHIND_PHOTO, BEHIND_EDGE = 1.01, 0.9  # inpainted depth, in that of the photo there, and of the layer's near edge
BEHIND_LAYER, BEHIND_POINT = 1.05, 1.01  # in the depth of a nearer layer, and of its moved point
NEAREST_Z, FARTHEST_Z = 1e-3, 1e3

TRUSTED_MARGIN_PX = 5  # flow, depth, and features of a layer's own pixels count only so far inside
DIFFUSION_PX, DIFFUSION_ROUNDS = 15, 7  # flow and depth are grown over 49 pixels from there

PIXEL_SHIFT = 0.5  # points of pixel j are drawn at its left edge, not its centre; likewise up
RADIUS_PX, POINTS_PER_PIXEL = 1.5, 8
LATE_STEPS = 1  # of Euler: the displacement reads the flow one step after the position, at the nearest pixel
LEAST_COVERED = 1e-6

_Renames = tuple[tuple[str, str], ...]  # pattern of the official name, ours

_SPADE_LAYERS = {  # official name of each SPADE layer: ours
    **{f"spade_layer{name}": f"encoder_norms.{i}" for i, name in enumerate(("2_0", "4_0", "8_0", "8_1", "8_2", "8_3"))},
    **{
        f"spade_layer{name}": f"decoder_norms.{i}"
        for i, name in enumerate(("8_4", "8_5", "8_6", "8_7", "4_1", "2_1", ""))
    },
}
_SPADE_PARTS = {"mlp_shared.0": "shared", "mlp_gamma": "gamma", "mlp_beta": "beta"}
_MOTION: _Renames = (
    *((rf"motion_predictor\.conv{i + 1}\.", f"encoder.{i}.") for i in range(8)),
    *((rf"motion_predictor\.dconv{i + 1}\.", f"decoder.{i}.") for i in range(8)),
    *(
        (rf"motion_predictor\.{layer}\.{re.escape(part)}\.", f"{ours}.{our_part}.")
        for layer, ours in _SPADE_LAYERS.items()
        for part, our_part in _SPADE_PARTS.items()
    ),
)
_FEATURE: _Renames = (
    (r"upconv(\d)\.conv\.", r"up\1."),
    (r"iconv(\d)\.", r"merge\1."),
    (r"out_conv\.", "last."),
    (r"(?=conv1\.|bn1\.|layer)", ""),
)
_ORDINALS = ((1, "first"), (2, "second"))
_DECODER: _Renames = (
    ("alpha", "alpha"),
    (r"firstconv\.", "stem.0."),
    (r"firstprelu\.", "stem.1."),
    *(
        (rf"{official}\.double_conv{n}\.", f"{ours}.{ordinal}.")
        for n, ordinal in _ORDINALS
        for official, ours in (
            *((rf"down{i + 1}\.maxpool_conv\.1", f"down.{i}") for i in range(4)),
            ("conv5", "bottleneck"),
            *((rf"up{i + 1}\.conv", f"up.{i}") for i in range(4)),
        )
    ),
    (r"outc\.conv\.", "last."),
)
_INPAINTING: _Renames = (
    *((rf"enc_{i + 1}\.(?:(bn\.)|conv\.input_conv\.)", f"encoder.{i}.") for i in range(7)),
    *((rf"dec_{7 - i}A?\.(?:(bn\.)|conv\.input_conv\.)", f"decoder.{i}.") for i in range(7)),
)


def motion_tensors(tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Of `sceneflow_model.pth`, the entry `MOTION_PART`, for `motion.spade_unet.SpadeUNet`."""
    return renamed(tensors, _MOTION, origin)


def feature_tensors(tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Of `model_150000.pth`, the entry `FEATURE_PART`, for `points.feature_net.FeatureNet`."""
    return renamed(tensors, _FEATURE, origin)


def decoder_tensors(tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Of `model_150000.pth`, the entry `DECODER_PART`, for `rendering.decoder_net.DecoderNet`."""
    return renamed(tensors, _DECODER, origin)


def inpainting_tensors(tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """Of `color-model.pth` or `depth-model.pth`, for `ldi.inpainting_nets.PartialConvUNet`.

    Their mask convolutions are all ones, and ours counts instead. Raises WeightsMismatch where they are not.
    """
    kept = {}
    for name, tensor in tensors.items():
        if ".mask_conv." not in name:
            kept[name] = tensor
        elif not bool((tensor == 1).all()):
            raise WeightsMismatch(
                f"{origin}: expected ones in {name}, found other values.", hint="The file is of another network."
            )
    return {
        name.replace(".weight", ".conv.weight").replace(".bias", ".conv.bias") if name.count(".") == 2 else name: tensor
        for name, tensor in renamed(kept, _INPAINTING, origin, keep_group=True).items()
    }


def renamed(
    tensors: Mapping[str, Tensor], renames: _Renames, origin: str, *, keep_group: bool = False
) -> dict[str, Tensor]:
    """Every weight by our name, by the first pattern that fits the start of its own; raises WeightsMismatch."""
    result = {}
    for name, tensor in tensors.items():
        for pattern, ours in renames:
            match = re.match(pattern, name)
            if match:
                kept = (match[1] or "") if keep_group else ""
                result[match.expand(ours) + kept + name[match.end() :]] = tensor
                break
        else:
            raise WeightsMismatch(
                f"{origin}: expected the weights of the authors' network, found {name!r}.",
                hint="Choose the file that the authors published.",
            )
    return result
