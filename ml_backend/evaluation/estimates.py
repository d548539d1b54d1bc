"""Depth and motion as they are predicted for a photo, against what is known of them."""

from dataclasses import asdict, replace

import numpy as np

from ml_backend.evaluation.datasets.fields import as_array
from ml_backend.evaluation.depth_metrics import measure_depth
from ml_backend.evaluation.inputs import make_inputs, predict_depth, predict_motion
from ml_backend.evaluation.motion_metrics import measure_motion, sample_arrows
from ml_backend.evaluation.sample import Sample

ARROW_COUNTS = (0, 1, 3, 5)  # none: from the mask alone


def measure_estimates(sample: Sample) -> dict[str, float | None]:
    """By "depth/measure" and "motion-<arrows>/measure"; without those whose truth is not known.

    Motion is estimated on the predicted depth, as for any photo.
    """
    measures: dict[str, float | None] = {}
    if sample.is_true_depth:
        truth_depth = sample.depth.depth[0].numpy()
        if sample.known_depth is not None:
            truth_depth = np.where(sample.known_depth, truth_depth, np.inf)
        found = measure_depth(predict_depth(sample).depth[0].numpy(), truth_depth)
        measures |= {f"depth/{name}": value for name, value in asdict(found).items()}
    if sample.is_true_motion and sample.mask.any():
        inputs = replace(make_inputs(sample, "given"), depth=predict_depth(sample))
        truth = as_array(sample.motion.flow)
        for count in ARROW_COUNTS:
            flow = as_array(predict_motion(inputs, sample_arrows(truth, sample.mask, count)).flow)
            measured = measure_motion(flow, truth, sample.mask)
            measures |= {f"motion-{count}/{name}": value for name, value in asdict(measured).items()}
    return measures
