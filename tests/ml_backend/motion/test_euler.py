import itertools
from pathlib import Path

import numba
import numpy as np
import pytest
import torch
from euler_loop import integrate_slowly
from torch import Tensor

from ml_backend.motion import euler
from ml_backend.motion.euler import Trajectories, integrate, pixel_indices
from ml_backend.structures import MotionField

_ROOT = Path(__file__).resolve().parents[3]
_GOLDEN = _ROOT.parent / "shared" / "golden" / "euler.npz"


def _constant(x: float, y: float, *, height: int = 4, width: int = 5) -> MotionField:
    return MotionField(torch.tensor([x, y]).view(2, 1, 1).expand(2, height, width).contiguous())


def _vortex(size: int, radians_per_frame: float) -> MotionField:
    y, x = torch.meshgrid(torch.arange(size).float(), torch.arange(size).float(), indexing="ij")
    middle = (size - 1) / 2
    return MotionField(torch.stack([-(y - middle), x - middle]) * radians_per_frame)


def _wavy(height: int, width: int) -> Tensor:
    y, x = torch.meshgrid(torch.arange(height).float(), torch.arange(width).float(), indexing="ij")
    return torch.stack([0.7 + 0.5 * torch.sin(y / 3) * torch.cos(x / 4), 0.6 * torch.cos(x / 5 + y / 7)])


def test_constant_flow_moves_by_steps_times_flow() -> None:
    offset = integrate(_constant(0.25, -0.5), 6).offset
    torch.testing.assert_close(offset[:, 2, 3], torch.tensor([1.5, -3.0]))


def test_constant_flow_keeps_its_velocity_beyond_the_border() -> None:
    offset = integrate(_constant(3.0, 0.0), 10).offset
    torch.testing.assert_close(offset[0], torch.full((4, 5), 30.0))


def test_zero_steps_do_not_move() -> None:
    assert not integrate(_constant(2.0, 2.0), 0).offset.any()


def test_negative_steps_follow_the_opposite_flow() -> None:
    offset = integrate(_constant(0.5, 0.25), -4).offset
    torch.testing.assert_close(offset[:, 0, 0], torch.tensor([-2.0, -1.0]))


def test_flow_is_read_between_pixels() -> None:
    flow = torch.zeros(2, 1, 4)
    flow[0, 0] = torch.tensor([0.5, 1.0, 0.0, 0.0])
    # From 0 to 0.5, where half of 0.5 plus half of 1.0 is read.
    torch.testing.assert_close(integrate(MotionField(flow), 2).offset[0, 0, 0], torch.tensor(1.25))


def test_only_points_that_leave_the_image_are_invalid() -> None:
    valid = integrate(_constant(1.0, 0.0, height=1, width=4), 2).valid
    assert valid.flatten().tolist() == [True, True, False, False]


def test_a_point_that_left_and_came_back_stays_invalid() -> None:
    flow = torch.zeros(2, 2, 2)
    flow[:, 0, 0] = torch.tensor([-1.0, 1.0])  # out at the left of the lower row ...
    flow[:, 1, 0] = torch.tensor([1.0, 0.0])  # ... where the border's value leads back in
    moved = integrate(MotionField(flow), 2)
    torch.testing.assert_close(moved.offset[:, 0, 0], torch.tensor([0.0, 1.0]))
    assert not moved.valid[0, 0, 0]


def test_one_pixel_image_is_moved_too() -> None:
    torch.testing.assert_close(
        integrate(_constant(0.1, 0.2, height=1, width=1), 2).offset[:, 0, 0], torch.tensor([0.2, 0.4])
    )


def test_vortex_returns_after_a_turn() -> None:
    turn = 2000
    field = _vortex(33, 2 * np.pi / turn)
    trajectories = Trajectories(field.flow, torch.tensor([[16.0, 12.0]]), turn)
    assert trajectories.forward(turn).norm() < 0.1  # Euler spirals out by pi * angle * radius = 0.04 px
    torch.testing.assert_close(trajectories.forward(turn // 2), torch.tensor([[0.0, 8.0]]), atol=0.05, rtol=0)


def test_agrees_with_the_pixel_by_pixel_twin() -> None:
    flow = _wavy(9, 12)
    for steps in (1, 7, -7):
        found = integrate(MotionField(flow), steps)
        offset, valid = integrate_slowly(flow.numpy(), steps)
        np.testing.assert_allclose(found.offset.numpy(), offset, atol=2e-5)  # float32 against float64
        assert (found.valid[0].numpy() == valid).all()


def test_forward_and_backward_are_zero_at_their_ends() -> None:
    trajectories = Trajectories(_wavy(9, 12), pixel_indices(9, 12), 10)
    assert not trajectories.forward(0).any()
    assert not trajectories.backward(10).any()


def test_trajectories_equal_integrate_in_both_directions() -> None:
    flow, num_frames = _wavy(9, 12), 11
    trajectories = Trajectories(flow, pixel_indices(9, 12), num_frames)
    for t in range(num_frames + 1):
        forward = integrate(MotionField(flow), t).offset.reshape(2, -1).T
        backward = integrate(MotionField(flow), t - num_frames).offset.reshape(2, -1).T
        assert torch.equal(trajectories.forward(t), forward)
        assert torch.equal(trajectories.backward(t), backward)


def test_order_of_access_changes_no_bit() -> None:
    flow, num_frames, starts = _wavy(9, 12), 10, torch.tensor([[3.2, 4.1], [11.5, -2.0], [0.0, 8.0]])
    in_order = Trajectories(flow, starts, num_frames)
    expected = [(in_order.forward(t), in_order.backward(t)) for t in range(num_frames + 1)]
    jumping = Trajectories(flow, starts, num_frames)
    for t in (7, 2, 10, 0, 9, 3, 1, 8, 5, 5, 6, 4):
        assert torch.equal(jumping.forward(t), expected[t][0])
        assert torch.equal(jumping.backward(t), expected[t][1])


@pytest.mark.parametrize("num_frames", [1, 2, 60, 90])
def test_a_loop_in_order_costs_a_linear_number_of_steps(num_frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = itertools.count()
    advance = euler._advance

    def counted(flow: np.ndarray, starts: np.ndarray, offset: np.ndarray) -> np.ndarray:
        next(calls)
        return advance(flow, starts, offset)

    monkeypatch.setattr(euler, "_advance", counted)
    trajectories = Trajectories(_wavy(4, 4), pixel_indices(4, 4), num_frames)
    for t in range(num_frames + 1):
        trajectories.forward(t)
        trajectories.backward(t)
    assert next(calls) <= 3 * num_frames  # N forward, N for the checkpoints backward, N between them


def test_number_of_threads_changes_no_bit() -> None:
    flow, starts = _wavy(64, 64), pixel_indices(300, 300) * 0.2
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = Trajectories(flow, starts, 3).forward(3)
    finally:
        numba.set_num_threads(before)
    assert torch.equal(one, Trajectories(flow, starts, 3).forward(3))


def test_a_broken_flow_reads_no_foreign_memory() -> None:
    flow = torch.full((2, 3, 3), float("nan"))
    assert integrate(MotionField(flow), 3).offset.isnan().all()


def test_no_points_are_no_error() -> None:
    assert Trajectories(_wavy(4, 4), torch.zeros(0, 2), 5).forward(5).shape == (0, 2)


def test_a_frame_beyond_the_loop_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 to 5, found 6"):
        Trajectories(_wavy(4, 4), torch.zeros(1, 2), 5).forward(6)


@pytest.mark.skipif(not _GOLDEN.exists(), reason="shared/golden is not beside the repository")
@pytest.mark.parametrize("name", ["zero", "uniform"])
def test_agrees_with_the_authors_where_their_lookup_does_not_matter(name: str) -> None:
    golden = np.load(_GOLDEN)
    motion = MotionField(torch.from_numpy(golden[f"{name}__M"]).float())
    atol = 5e-4  # the authors accumulate positions in float32, which loses 2e-4 in 60 steps
    for steps in (0, 1, 5, 30, 60):
        expected = golden[f"{name}__fwd_t{steps:02d}"]
        np.testing.assert_allclose(integrate(motion, steps).offset.numpy(), expected, atol=atol)
    for t in (1, 5, 30, 59):
        expected = golden[f"{name}__bwd_N60_t{t:02d}"]
        np.testing.assert_allclose(integrate(motion, t - 60).offset.numpy(), expected, atol=atol)
