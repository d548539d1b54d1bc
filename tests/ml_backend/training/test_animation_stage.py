from dataclasses import replace
from pathlib import Path

import pytest
import torch
from one_batch import losses_before_and_after
from safetensors.torch import load_file
from torch.utils.data import default_collate

from ml_backend.camera import photo_camera
from ml_backend.rendering.splatting import composite, rasterize
from ml_backend.training.animation_stage import AnimationStage, blend_share, render_colors
from ml_backend.training.configs import AnimationConfig
from ml_backend.training.datasets.takes import Take
from ml_backend.training.geometry import Cloud, cloud_of, gather, prepare_take

# In a handful of steps the critic only gets in the way: little weight, so that the error itself can be judged.
TINY = AnimationConfig(
    width=48,
    height=32,
    steps=6,
    critic_width=4,
    validation_samples=1,
    learning_rate=1e-3,
    betas=(0.5, 0.9),
    adversarial_weight=0.01,
    matching_weight=0.01,
    schedule="constant",
    precision="float32",
    average=0.5,
    max_layers=2,
)


@pytest.fixture
def make_take() -> Take:
    """A wall behind a box, with water below that runs to the right by one pixel per frame; a triplet."""
    torch.manual_seed(0)
    image, later = torch.rand(3, 32, 48), torch.rand(3, 32, 48)
    depth = torch.full((1, 32, 48), 4.0)
    depth[:, 4:14, 20:30] = 1.0
    flow = torch.zeros(2, 32, 48)
    flow[0, 20:] = 1.0
    camera = photo_camera(48, 32)
    return Take(image, later, depth, flow, camera, image, camera, torch.ones(1, 32, 48), time=3, num_frames=6)


def test_the_loss_of_one_world_goes_down_and_both_networks_are_exported(tmp_path: Path) -> None:
    stage = AnimationStage(TINY)
    before, after = losses_before_and_after(stage, tmp_path / "out")

    assert after["l1"] < 0.7 * before["l1"]
    assert set(after) == {"l1", "perceptual", "adversarial", "matching"}
    names = {name.split(".")[0] for name in load_file(tmp_path / "out" / "animation.safetensors")}
    assert names == {"features", "decoder"}
    assert any("Perceptual term" in note for note in stage.notes)


def test_at_time_zero_the_colours_are_the_photo(make_take: Take) -> None:
    still = replace(make_take, end=make_take.start, time=0, num_frames=1)
    batch = default_collate([prepare_take(still, max_layers=2)])

    # At a radius of 0.9 px no pixel sees its neighbours.
    torch.testing.assert_close(render_colors(batch)[0], make_take.start, atol=1e-5, rtol=0)


def test_the_forward_cloud_shows_the_start_moved_and_the_backward_cloud_the_end_moved_back(make_take: Take) -> None:
    batch = default_collate([prepare_take(make_take, max_layers=2)])
    drawn = [
        gather(batch["layers"][0, which, : int(batch["num_layers"][0]), :3], cloud_of(batch, name, 0))
        for which, name in enumerate(("forward", "backward"))
    ]

    water = slice(22, 32), slice(10, 30)
    start, end = make_take.start, make_take.end
    torch.testing.assert_close(drawn[0][:, *water], start[:, 22:32, 7:27], atol=1e-4, rtol=0)
    torch.testing.assert_close(drawn[1][:, *water], end[:, 22:32, 13:33], atol=1e-4, rtol=0)


def test_gathering_equals_the_splatter_that_ships() -> None:
    torch.manual_seed(1)
    pixels, z, radii = torch.rand(40, 2) * 8, torch.rand(40) + 1, torch.full((40,), 1.2)
    features = torch.rand(1, 5, 4, 10)  # one layer of 4 x 10 pixels, each a point
    fragments = rasterize(pixels, z, radii, height=8, width=8)
    from ml_backend.rendering.splatting import composite_weights

    weight = composite_weights(fragments, radii).float()
    alpha = weight.sum(dim=-1)[None]
    cloud = Cloud(fragments.index.clamp(min=0), weight, alpha, alpha, alpha)

    expected, _ = composite(fragments, radii, features[0].flatten(1).T.contiguous())
    torch.testing.assert_close(gather(features, cloud) * alpha, expected, atol=1e-5, rtol=1e-5)


def test_a_gradient_reaches_the_features_of_drawn_points_alone(make_take: Take) -> None:
    batch = default_collate([prepare_take(make_take, max_layers=2)])
    features = torch.rand(2, 3, *batch["layers"].shape[-2:], requires_grad=True)
    gather(features, cloud_of(batch, "forward", 0)).sum().backward()

    drawn = torch.zeros(features[:, 0].numel(), dtype=torch.bool)
    index, weight = batch["forward_index"][0].long(), batch["forward_weight"][0]
    drawn[index[weight > 0]] = True
    assert torch.equal((features.grad[:, 0] != 0).flatten(), drawn)


def test_the_blend_is_linear_in_time_where_both_clouds_are_alike() -> None:
    ones = torch.ones(1, 2, 2)
    cloud = Cloud(torch.zeros(2, 2, 1), ones[0, ..., None], ones, ones, ones)

    assert blend_share(cloud, cloud, torch.tensor(0.25), 4.0)[0, 0, 0].item() == pytest.approx(0.75)


def test_the_nearer_cloud_counts_more() -> None:
    ones = torch.ones(1, 1, 1)
    near, far = (Cloud(ones, ones, ones, nearness * ones, ones) for nearness in (1.0, 0.0))

    share = blend_share(near, far, torch.tensor(0.5), 1.0)
    assert share.item() == pytest.approx(torch.sigmoid(torch.tensor(1.0)).item())


def test_where_only_one_cloud_covers_it_counts_alone() -> None:
    ones, none = torch.ones(1, 1, 1), torch.zeros(1, 1, 1)
    full, empty = Cloud(ones, ones, ones, ones, ones), Cloud(ones, none, none, none, none)

    assert blend_share(full, empty, torch.tensor(0.9), 4.0).item() == 1.0
    assert blend_share(empty, full, torch.tensor(0.1), 4.0).item() == 0.0
