"""Hidden and posed layers."""

import pytest
import torch

from ml_backend.pose import REST, Pose, PosedLayer, pose_points
from ml_backend.structures import FeaturePointCloud


def _cloud() -> FeaturePointCloud:
    """Four points on the x axis at 0, 1, 2, 3; the first two are layer 0."""
    positions = torch.zeros(4, 3)
    positions[:, 0] = torch.arange(4.0)
    layers = torch.tensor([0, 0, 1, 1], dtype=torch.uint8)
    nothing = torch.zeros(4, 3)
    inpainted, opacities = torch.zeros(4, dtype=torch.bool), torch.ones(4)
    return FeaturePointCloud(positions, nothing, nothing, torch.zeros(4, 2), layers, inpainted, opacities)


def _layer(positions: list[list[float]], ids: list[int], linear: torch.Tensor | None = None) -> PosedLayer:
    return PosedLayer(1, torch.tensor(ids), torch.tensor(positions), torch.eye(3) if linear is None else linear)


def test_at_rest_all_points_are_drawn_where_they_moved() -> None:
    moved = _cloud().positions + 1
    assert torch.equal(pose_points(_cloud(), moved, REST).positions, moved)


def test_a_hidden_layer_has_no_points() -> None:
    assert pose_points(_cloud(), _cloud().positions, Pose(hidden=(0,))).rows.tolist() == [2, 3]


def test_a_posed_layer_stands_where_it_was_put() -> None:
    layer = _layer([[5.0, 5.0, 5.0]], [3])
    posed = pose_points(_cloud(), _cloud().positions, Pose(posed=(layer,)))
    assert (posed.rows.tolist(), posed.positions[-1].tolist()) == ([0, 1, 3], [5.0, 5.0, 5.0])


def test_the_flow_turns_with_its_layer() -> None:
    quarter = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    moved = _cloud().positions + torch.tensor([0.5, 0.0, 0.0])
    posed = pose_points(_cloud(), moved, Pose(posed=(_layer([[0.0, 0.0, 9.0]], [2], quarter),)))
    assert posed.positions[-1].tolist() == [0.0, 0.5, 9.0]


def test_points_grow_with_their_layer() -> None:
    layer = _layer([[0.0, 0.0, 9.0]], [2], 2 * torch.eye(3))
    posed = pose_points(_cloud(), _cloud().positions, Pose(posed=(layer,)))
    assert posed.scales.tolist() == pytest.approx([1.0, 1.0, 2.0])


def test_a_copied_point_is_drawn_twice() -> None:
    layer = _layer([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]], [2, 2])
    assert pose_points(_cloud(), _cloud().positions, Pose(posed=(layer,))).rows.tolist() == [0, 1, 2, 2]


def test_a_posed_layer_can_be_hidden() -> None:
    pose = Pose(hidden=(1,), posed=(_layer([[5.0, 5.0, 5.0]], [3]),))
    assert pose_points(_cloud(), _cloud().positions, pose).rows.tolist() == [0, 1]
