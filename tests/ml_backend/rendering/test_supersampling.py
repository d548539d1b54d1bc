import pytest
import torch

from ml_backend.rendering.supersampling import reduce_frame, samples_per_side
from ml_backend.structures import Frame


@pytest.mark.parametrize(
    ("scale", "samples"), [(2.0, 1), (1.0, 1), (0.88, 1), (0.75, 2), (0.5, 2), (0.3, 4), (0.1, 10)]
)
def test_small_pictures_are_drawn_larger(scale: float, samples: int) -> None:
    assert samples_per_side(scale) == samples


def test_blocks_are_averaged_and_depth_as_disparity() -> None:
    rgb = torch.tensor([[0.0, 1.0], [0.0, 1.0]]).expand(3, 2, 2)
    depth = torch.tensor([[[1.0, torch.inf], [1.0, torch.inf]]])
    frame = reduce_frame(Frame(rgb, depth, torch.ones(1, 2, 2), hole_fraction=0.1, num_points=7), 2)

    assert frame.rgb.tolist() == [[[0.5]]] * 3
    assert frame.depth.tolist() == [[[2.0]]]
    assert (frame.hole_fraction, frame.num_points) == (0.1, 7)
