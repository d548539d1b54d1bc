from pathlib import Path

import numpy as np
import pytest
import torch

from ml_backend.motion.hint_field import dense_hint_field, resize_hint_field

_GOLDEN = Path(__file__).resolve().parents[3].parent / "shared" / "golden" / "hints.npz"


def test_one_arrow_fills_the_mask_with_its_velocity() -> None:
    mask = torch.ones(1, 2, 3)
    mask[0, 0, 0] = 0
    field = dense_hint_field(torch.tensor([[1.0, 1.0]]), torch.tensor([[0.5, -1.0]]), mask, 2.0)
    torch.testing.assert_close(field, torch.tensor([0.5, -1.0]).view(2, 1, 1) * mask)


def test_halfway_between_two_arrows_is_their_mean() -> None:
    starts = torch.tensor([[0.5, 0.5], [4.5, 0.5]])
    field = dense_hint_field(starts, torch.tensor([[1.0, 0.0], [0.0, 3.0]]), torch.ones(1, 1, 5), 2.0)
    torch.testing.assert_close(field[:, 0, 2], torch.tensor([0.5, 1.5]))


def test_no_arrow_is_no_motion() -> None:
    assert not dense_hint_field(torch.zeros(0, 2), torch.zeros(0, 2), torch.ones(1, 2, 3), 2.0).any()


def test_resizing_scales_the_velocity() -> None:
    resized = resize_hint_field(torch.ones(2, 4, 4), height=4, width=8)
    torch.testing.assert_close(resized, torch.tensor([2.0, 1.0]).view(2, 1, 1).expand(2, 4, 8))


@pytest.mark.skipif(not _GOLDEN.exists(), reason="shared/golden is not beside the repository")
@pytest.mark.parametrize("name", ["one", "three", "five_tall"])
def test_agrees_with_the_authors(name: str) -> None:
    golden = np.load(_GOLDEN)
    arrows = torch.from_numpy(golden[f"{name}__hints_start_end_xy"])
    mask = torch.from_numpy(golden[f"{name}__mask_in"])[None].float()
    vectors = (arrows[:, 1] - arrows[:, 0]) / 50
    field = dense_hint_field(arrows[:, 0], vectors, mask, float(golden[f"{name}__sigma"]))
    found = resize_hint_field(field, height=128, width=128)
    np.testing.assert_allclose(found.numpy(), golden[f"{name}__hint_out_W128"], atol=1e-4)
