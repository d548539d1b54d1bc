"""Depth models of transformers, tiny and of random weights."""

import pytest
from torch import nn

transformers = pytest.importorskip("transformers", reason="the package transformers is not installed")

_DPT = {
    "hidden_size": 16,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "image_size": 32,
    "patch_size": 16,
    "backbone_out_indices": (0, 1, 2, 3),
    "neck_hidden_sizes": (8, 8, 8, 8),
    "fusion_hidden_size": 8,
}
STAGES = ["stage1", "stage2", "stage3", "stage4"]


def tiny_dpt() -> nn.Module:
    config = transformers.DPTConfig(**_DPT)
    return transformers.DPTForDepthEstimation(config)


def tiny_dpt_hybrid() -> nn.Module:
    backbone = transformers.BitConfig(
        global_padding="same",
        layer_type="bottleneck",
        depths=[1, 1, 1],
        hidden_sizes=[8, 8, 8],
        embedding_size=8,
        num_groups=2,
        out_features=["stage1", "stage2", "stage3"],
        embedding_dynamic_padding=True,
    )
    config = transformers.DPTConfig(
        is_hybrid=True, backbone_config=backbone, backbone_featmap_shape=(1, 8, 2, 2), **_DPT
    )
    return transformers.DPTForDepthEstimation(config)


def tiny_depth_anything(kind: str = "relative") -> nn.Module:
    backbone = transformers.Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        mlp_ratio=1,
        image_size=28,
        patch_size=14,
        out_features=STAGES,
        reshape_hidden_states=False,
    )
    config = transformers.DepthAnythingConfig(
        backbone_config=backbone,
        patch_size=14,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=4,
        depth_estimation_type=kind,
        max_depth=20,
    )
    return transformers.DepthAnythingForDepthEstimation(config)
