"""DPT-Hybrid as its authors publish it: the names of its weights in `transformers`, and its sizes.

The paper's depth (reference 45); `dpt_hybrid-midas-501f0c75.pt`.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from ml_backend.weights.official import renamed

CONFIG: dict[str, object] = {
    "model_type": "dpt",
    "architectures": ["DPTForDepthEstimation"],
    "is_hybrid": True,
    "backbone_config": {
        "model_type": "bit",
        "global_padding": "same",
        "layer_type": "bottleneck",
        "depths": [3, 4, 9],
        "out_features": ["stage1", "stage2", "stage3"],
        "embedding_dynamic_padding": True,
    },
    "backbone_featmap_shape": [1, 1024, 24, 24],
    "neck_ignore_stages": [0, 1],
    "neck_hidden_sizes": [256, 512, 768, 768],
    "readout_type": "project",
    "add_projection": False,
    "use_batch_norm_in_fusion_residual": False,
    "layer_norm_eps": 1e-6,
}
SIDE, MULTIPLE = 384, 32  # of the short side; of both
STANDARDISING = 1e-5  # added to a kernel's deviation; transformers adds less, inside the root: 7e-4 of the output

_QKV = re.compile(r"pretrained\.model\.blocks\.(\d+)\.attn\.qkv\.(weight|bias)")
_UNREAD = "pretrained.model.head."  # ImageNet's classes
_TRUNK, _LAYER = r"pretrained\.model\.", r"pretrained\.model\.blocks\.(\d+)\."
_BACKBONE = "dpt.embeddings.backbone.bit."
_RENAMES = (
    (rf"{_TRUNK}cls_token", "dpt.embeddings.cls_token"),
    (rf"{_TRUNK}pos_embed", "dpt.embeddings.position_embeddings"),
    (rf"{_TRUNK}patch_embed\.backbone\.stem\.conv\.", f"{_BACKBONE}embedder.convolution."),
    (rf"{_TRUNK}patch_embed\.backbone\.stem\.norm\.", f"{_BACKBONE}embedder.norm."),
    (rf"{_TRUNK}patch_embed\.backbone\.stages\.(\d)\.blocks\.", rf"{_BACKBONE}encoder.stages.\1.layers."),
    (rf"{_TRUNK}patch_embed\.proj\.", "dpt.embeddings.projection."),
    *(
        (rf"{_LAYER}{re.escape(theirs)}\.", rf"dpt.encoder.layer.\1.{ours}.")
        for theirs, ours in (
            ("norm1", "layernorm_before"),
            ("norm2", "layernorm_after"),
            ("attn.proj", "attention.output.dense"),
            ("mlp.fc1", "intermediate.dense"),
            ("mlp.fc2", "output.dense"),
        )
    ),
    (rf"{_TRUNK}norm\.", "dpt.layernorm."),
    *(
        (rf"pretrained\.act_postprocess{n}\.{re.escape(theirs)}\.", f"neck.reassemble_stage.{ours}.")
        for n in (3, 4)
        for theirs, ours in (
            ("0.project.0", f"readout_projects.{n - 1}.0"),
            ("3", f"layers.{n - 1}.projection"),
            ("4", f"layers.{n - 1}.resize"),
        )
    ),
    *((rf"scratch\.layer{n}_rn\.", f"neck.convs.{n - 1}.") for n in range(1, 5)),
    *((rf"scratch\.refinenet{n}\.out_conv\.", f"neck.fusion_stage.layers.{4 - n}.projection.") for n in range(1, 5)),
    *(
        (
            rf"scratch\.refinenet{n}\.resConfUnit(\d)\.conv(\d)\.",
            rf"neck.fusion_stage.layers.{4 - n}.residual_layer\1.convolution\2.",
        )
        for n in range(1, 5)
    ),
    (r"scratch\.output_conv\.", "head.head."),
)


def transformers_tensors(tensors: Mapping[str, Tensor], origin: str) -> dict[str, Tensor]:
    """The weights by the names of `transformers.DPTForDepthEstimation`; raises WeightsMismatch for an unknown name."""
    result, plain = {}, {}
    for name, tensor in tensors.items():
        match = _QKV.fullmatch(name)
        if match:
            for part, values in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                result[f"dpt.encoder.layer.{match[1]}.attention.attention.{part}.{match[2]}"] = values
        elif not name.startswith(_UNREAD):
            plain[name] = tensor
    return {**result, **renamed(plain, _RENAMES, origin)}
