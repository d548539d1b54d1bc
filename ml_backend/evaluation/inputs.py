"""What the methods are given: the sample's own depth and motion, or both predicted as for any photo."""

from dataclasses import replace
from typing import Literal

import torch

from ml_backend.depth.estimate import estimate_depth
from ml_backend.evaluation.methods.method import Inputs
from ml_backend.evaluation.motion_metrics import sample_arrows
from ml_backend.evaluation.sample import Sample
from ml_backend.pipeline import estimate_surface_motion
from ml_backend.structures import DepthMap, MotionField, MotionHints

Table = Literal["given", "predicted"]
TABLES: tuple[Table, ...] = ("given", "predicted")

NUM_ARROWS = 5  # as many as the authors' network was trained with at most


def make_inputs(sample: Sample, table: Table) -> Inputs:
    """The inputs of one table. Predicted: depth from the photo, motion from the mask and five arrows."""
    flow = sample.motion.flow.permute(1, 2, 0).numpy()
    given = Inputs(
        image=sample.image,
        camera=sample.camera,
        depth=sample.depth,
        motion=sample.motion,
        mask=sample.mask,
        arrows=sample_arrows(flow, sample.mask, NUM_ARROWS),
        num_frames=sample.num_frames,
    )
    if table == "given":
        return given
    depth = predict_depth(sample)
    return replace(given, depth=depth, motion=predict_motion(replace(given, depth=depth), given.arrows))


def predict_depth(sample: Sample) -> DepthMap:
    """The estimated depth in the sample's unit: its near plane (2nd percentile) at the sample's.

    No fit to the truth: the near depth is the unit of the cameras' paths, and all that relates them to the photo.
    """
    estimated = estimate_depth(sample.image)
    return DepthMap(estimated.depth * (sample.near / estimated.near))


def predict_motion(inputs: Inputs, hints: MotionHints) -> MotionField:
    """Motion from a mask and arrows on the inputs' depth, as the pipeline makes it."""
    if not bool((hints.mask > 0).any()):
        return MotionField(torch.zeros_like(inputs.motion.flow))
    return estimate_surface_motion(inputs.image, hints, inputs.depth, inputs.camera)
