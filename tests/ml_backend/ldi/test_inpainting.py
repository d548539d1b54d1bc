from functools import cache

import pytest
import torch
from torch import Tensor

from ml_backend.ldi.inpainting import inpaint_layers
from ml_backend.ldi.layering import split_layers
from ml_backend.structures import DepthMap, LayeredDepthImage

_BLUE, _RED = torch.tensor([0.1, 0.2, 0.8]), torch.tensor([0.9, 0.1, 0.1])
_HEIGHT, _WIDTH = 90, 120


Box = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""

_BOX: Box = (30, 60, 40, 80)


def _photo(*boxes: Box, far: float = 4.0) -> tuple[Tensor, DepthMap]:
    """Red boxes at depth 1 before a blue wall."""
    image = _BLUE[:, None, None].repeat(1, _HEIGHT, _WIDTH)
    depth = torch.full((1, _HEIGHT, _WIDTH), far)
    for top, bottom, left, right in boxes:
        image[:, top:bottom, left:right] = _RED[:, None, None]
        depth[:, top:bottom, left:right] = 1.0
    return image, DepthMap(depth)


@cache
def _inpainted(*boxes: Box, far: float = 4.0) -> LayeredDepthImage:
    return inpaint_layers(split_layers(*_photo(*boxes, far=far)))


def _hidden(layers: LayeredDepthImage, layer: int) -> Tensor:
    """Invented pixels (h, w) of a layer inside the photo."""
    inside = torch.zeros_like(layers.inpainted[layer, 0])
    inside[layers.border : -layers.border, layers.border : -layers.border] = True
    return layers.inpainted[layer, 0] & (layers.alphas[layer, 0] > 0) & inside


def _ground(height: int = 90, width: int = 120) -> DepthMap:
    rows = torch.arange(height, dtype=torch.float32)[:, None] + 6
    return DepthMap((height / rows).expand(height, width)[None].contiguous())


def test_something_is_invented_behind_the_object() -> None:
    assert int(_hidden(_inpainted(_BOX), 1).sum()) > 200


def test_foreground_colour_does_not_bleed_into_the_hidden_layer() -> None:
    layers = _inpainted(_BOX)
    colors = layers.colors[1].permute(1, 2, 0)[layers.alphas[1, 0] > 0]

    torch.testing.assert_close(colors, _BLUE.expand_as(colors), atol=1e-3, rtol=0)


def test_a_scrap_within_a_silhouette_is_not_continued() -> None:
    image, depth = _photo(_BOX)
    depth.depth[:, 30:60, 80:82] = 1.7  # a smear of the depth's edge, between box and wall
    depth.depth[:, 70:88, 5:30] = 1.7  # what really is so far away
    layers = inpaint_layers(split_layers(image, depth, num_layers=3))

    assert int((layers.alphas[1, 0] > 0).sum()) > 0
    assert not bool(_hidden(layers, 1).any())
    assert int(_hidden(layers, 2).sum()) > 200


def test_silhouette_that_is_one_pixel_soft_does_not_bleed() -> None:
    image, depth = _photo(_BOX)
    rim = (slice(29, 61), slice(39, 81))
    soft = image.clone()
    soft[:, *rim] = torch.where(depth.depth[:, *rim] > 1, (_RED + _BLUE)[:, None, None] / 2, image[:, *rim])
    layers = inpaint_layers(split_layers(soft, depth))
    hidden = layers.colors[1].permute(1, 2, 0)[_hidden(layers, 1)]

    torch.testing.assert_close(hidden, _BLUE.expand_as(hidden), atol=0.02, rtol=0)


def test_object_at_the_edge_is_not_mirrored_into_the_background() -> None:
    # A roof on a thin post that leaves the picture below: the mirror beyond the edge shows the roof beside the post.
    layers = _inpainted((75, 85, 30, 90), (85, 90, 55, 65))
    colors = layers.colors[1].permute(1, 2, 0)[layers.alphas[1, 0] > 0]

    assert float(colors[:, 0].max()) < 0.2


def test_hidden_depth_is_behind_what_hides_it() -> None:
    layers = _inpainted(_BOX)
    hidden = _hidden(layers, 1)

    assert bool((layers.depths[1, 0][hidden] > layers.depths[0, 0][hidden]).all())


def test_ground_comes_nearer_beyond_the_lower_edge() -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, 90, 120), _ground(), num_layers=3))
    middle = layers.depths[:, 0, :, 72].sum(dim=0)  # depth is 90 / (row + 6) in the photo, as of a plane
    row = layers.border + 90 + 5

    torch.testing.assert_close(float(middle[row]), 90 / (90 + 5 + 6), rtol=0.04, atol=0)


def test_nothing_beyond_the_edge_is_farther_than_the_photo() -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, 90, 120), _ground(), num_layers=3))

    assert float(layers.depths.max()) <= 90 / 6 + 1e-4


def test_thing_that_the_edge_cuts_ends_as_its_mirror_image() -> None:
    layers = _inpainted((30, 60, 0, 5))  # five columns of it are in the picture
    b = layers.border
    row = layers.alphas[0, 0, b + 45, :b].flip(0)  # outwards from the edge

    assert b > 8
    assert row.tolist() == [1.0] * 4 + [0.0] * (b - 4)  # the mirror is at the middle of the outermost pixel


def test_ground_that_the_edge_cuts_goes_on() -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, 90, 120), _ground(), num_layers=3))
    b = layers.border

    assert bool((layers.alphas[0, 0, b + 90 :, b : b + 120] == 1).all())


@pytest.mark.parametrize("upright", [False, True])
def test_stripes_go_straight_on_beyond_the_edge_that_they_meet(upright: bool) -> None:
    length = 96
    stripes = (torch.arange(length) // 12 % 2).float().expand(3, length, length)
    image = stripes if upright else stripes.mT
    layers = inpaint_layers(split_layers(image, DepthMap(torch.ones(1, length, length))), border=12)
    beyond = layers.colors[0, 0, 6, 12:-12] if upright else layers.colors[0, 0, 12:-12, 6]
    middles = beyond.view(8, 12)[1:-1, 4:8].mean(dim=1)  # six stripes, dark and light in turn

    assert float(middles[1::2].max()) < 0.35
    assert float(middles[::2].min()) > 0.65


def test_colour_of_a_scan_frame_does_not_go_on_beyond_the_edge() -> None:
    image = torch.rand(3, 200, 300, generator=torch.Generator().manual_seed(0)) * 0.2 + 0.6
    image[:, :, :3] = 0.0
    layers = inpaint_layers(split_layers(image, DepthMap(torch.full((1, 200, 300), 3.0))))

    assert float(layers.colors[0, :, 40:-40, : layers.border].min()) > 0.4


def test_hidden_wall_goes_on_at_its_own_depth() -> None:
    layers = _inpainted(_BOX, far=7.0)
    hidden = layers.depths[1, 0][_hidden(layers, 1)]

    torch.testing.assert_close(hidden, torch.full_like(hidden, 7.0), rtol=1e-3, atol=0)


@pytest.mark.parametrize(("height", "width"), [(90, 120), (64, 51)])
def test_canvas_reaches_ten_percent_of_the_long_side_beyond_the_photo(height: int, width: int) -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, height, width), _ground(height, width)))
    border = round(0.1 * max(height, width))

    assert layers.border == border
    assert layers.colors.shape[-2:] == (height + 2 * border, width + 2 * border)


def test_border_can_be_chosen() -> None:
    assert inpaint_layers(split_layers(*_photo(_BOX)), border=3).border == 3


def test_every_pixel_of_the_canvas_is_covered() -> None:
    assert bool((_inpainted(_BOX).alphas.sum(dim=0) >= 1).all())


def test_what_lies_beyond_the_photo_is_marked_inpainted() -> None:
    layers = _inpainted(_BOX)

    assert bool(layers.inpainted[1, 0, : layers.border].all())


def test_photo_itself_is_untouched() -> None:
    image, depth = _photo(_BOX)
    layers = inpaint_layers(split_layers(image, depth))
    own = (layers.colors * ~layers.inpainted * layers.alphas).sum(dim=0)
    b = layers.border

    assert torch.equal(own[:, b:-b, b:-b], image)


def test_depth_of_the_photo_is_untouched() -> None:
    image, depth = _photo(_BOX)
    layers = inpaint_layers(split_layers(image, depth))
    own = (layers.depths * ~layers.inpainted * layers.alphas).sum(dim=0)
    b = layers.border

    assert torch.equal(own[:, b:-b, b:-b], depth.depth)


def test_nothing_is_hidden_below_a_continuous_ground() -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, 90, 120), _ground(), num_layers=4))

    assert sum(int(_hidden(layers, layer).sum()) for layer in range(len(layers.colors))) == 0


def test_nearest_layer_is_not_continued() -> None:
    assert int(_hidden(_inpainted(_BOX), 0).sum()) == 0


def test_wider_gap_in_depth_is_filled_farther() -> None:
    box = (10, 80, 10, 110)
    near_wall, far_wall = (int(_hidden(_inpainted(box, far=far), 1).sum()) for far in (1.5, 50.0))

    assert far_wall > near_wall > 0


def test_single_layer_gets_a_border_only() -> None:
    layers = inpaint_layers(split_layers(torch.rand(3, 40, 50), DepthMap(torch.full((1, 40, 50), 3.0))))

    assert bool((layers.alphas == 1).all())
    assert int(_hidden(layers, 0).sum()) == 0


def test_same_layers_give_the_same_bytes() -> None:
    first, second = (inpaint_layers(split_layers(*_photo(_BOX))) for _ in range(2))

    assert torch.equal(first.colors, second.colors)
    assert torch.equal(first.depths, second.depths)


def test_no_wall_is_seen_between_two_things_of_one_layer() -> None:
    image, depth = _photo((20, 70, 40, 60), far=20.0)
    near_side = depth.depth.clone()
    near_side[:, 20:70, 50:60] = 1.5  # a second thing, half hidden by the first
    layers = inpaint_layers(split_layers(image, DepthMap(near_side), num_layers=2))
    row, first = layers.border + 45, layers.border + 40
    hidden = _hidden(layers, 1)[row]

    assert bool(hidden[first : first + 3].all())
    assert not bool(hidden[first + 7 : first + 10].any())


def test_a_speck_of_a_far_wall_is_continued_no_farther_than_it_is_large() -> None:
    image, depth = _photo(_BOX, far=2.0)
    specked = depth.depth.clone()
    specked[:, :15] = 20.0
    specked[:, 40:46, 80:86] = 20.0  # beside the box
    layers = inpaint_layers(split_layers(image, DepthMap(specked), num_layers=3))
    row, last = layers.border + 43, layers.border + 79
    wall, far = _hidden(layers, 1)[row], _hidden(layers, 2)[row]

    assert bool(far[last])
    assert not bool(far[last - 6 : last - 3].any())
    assert bool(wall[last - 6 : last - 3].all())
