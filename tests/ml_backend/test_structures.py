from collections.abc import Callable

import pytest
import torch

from ml_backend.structures import (
    DepthMap,
    Displacement,
    FeatureMap,
    FeaturePointCloud,
    LayeredDepthImage,
    MotionField,
    MotionHints,
)


def _layers(depth_width: int) -> LayeredDepthImage:
    ones = torch.ones(2, 1, 4, 5)
    return LayeredDepthImage(torch.ones(2, 3, 4, 5), ones, torch.ones(2, 1, 4, depth_width), ones.bool(), border=0)


def _cloud(num_colors: int) -> FeaturePointCloud:
    return FeaturePointCloud(
        positions=torch.zeros(3, 3),
        features=torch.zeros(3, 7),
        colors=torch.zeros(num_colors, 3),
        pixels=torch.zeros(3, 2),
        layers=torch.zeros(3, dtype=torch.uint8),
        inpainted=torch.zeros(3, dtype=torch.bool),
        opacities=torch.ones(3),
    )


_WRONG: dict[str, Callable[[], object]] = {
    "depth": lambda: DepthMap(torch.ones(4, 5)),
    "depths": lambda: _layers(depth_width=6),
    "flow": lambda: MotionField(torch.zeros(3, 4, 5)),
    "valid": lambda: Displacement(torch.zeros(2, 4, 5), torch.ones(1, 4, 6, dtype=torch.bool)),
    "vectors": lambda: MotionHints(torch.ones(1, 4, 5), torch.zeros(2, 2), torch.zeros(3, 2)),
    "colors": lambda: _cloud(num_colors=2),
    "alpha": lambda: FeatureMap(torch.zeros(3, 4, 5), torch.ones(1, 4, 5), torch.ones(1, 5, 4)),
}


@pytest.mark.parametrize("name", _WRONG)
def test_wrong_shape_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: expected shape"):
        _WRONG[name]()


def test_right_shapes_are_accepted() -> None:
    assert _layers(depth_width=5).border == 0
    assert len(_cloud(num_colors=3).layers) == 3


def test_what_travels_between_stages_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        DepthMap(torch.ones(1, 2, 2)).depth = torch.zeros(1, 2, 2)  # type: ignore[misc]
