from pathlib import Path

import pytest
import torch

from ml_backend.camera import photo_camera
from ml_backend.motion.flow_color import flow_to_color
from ml_backend.photos.media import write_photo
from ml_backend.scene.contact_sheet import make_contact_sheet
from ml_backend.structures import DepthMap, FeaturePointCloud, LayeredDepthImage, MotionField, Scene

BORDER = 4


def make_scene(width: int = 60, height: int = 40, layers: int = 2, speed: float = 1.0) -> Scene:
    """A blue photo; layer 0 is red where it exists, the upper half of the canvas, and inpainted in the border."""
    canvas = (height + 2 * BORDER, width + 2 * BORDER)
    alphas = torch.ones(layers, 1, *canvas)
    alphas[0, :, canvas[0] // 2 :] = 0.0
    inpainted = torch.ones(layers, 1, *canvas, dtype=torch.bool)
    inpainted[..., BORDER:-BORDER, BORDER:-BORDER] = False
    colors = torch.tensor([0.8, 0.0, 0.0])[:, None, None].expand(layers, 3, *canvas)
    empty = torch.zeros(0, 3)
    cloud = FeaturePointCloud(empty, empty, empty, empty[:, :2], empty[:, 0].byte(), empty[:, 0].bool(), empty[:, 0])
    return Scene(
        image=torch.tensor([0.0, 0.0, 1.0])[:, None, None].expand(3, height, width),
        camera=photo_camera(width, height),
        depth=DepthMap(torch.linspace(9.0, 1.0, height)[None, :, None].expand(1, height, width)),
        ldi=LayeredDepthImage(colors, alphas, alphas + 1.0, inpainted, BORDER),
        motion=MotionField(torch.full((2, height, width), speed)),
        cloud=cloud,
    )


def share_of(sheet: torch.Tensor, color: tuple[float, float, float]) -> float:
    off = (sheet - torch.tensor(color)[:, None, None]).abs().amax(dim=0)
    return (off < 0.01).float().mean().item()


@pytest.mark.parametrize(
    ("vector", "color"),
    [
        ((1.0, 0.0), (1.0, 0.0, 0.0)),  # right is red
        ((0.0, 1.0), (1.0, 0.92, 0.0)),  # down is yellow
        ((-1.0, 0.0), (0.0, 0.77, 1.0)),  # left is cyan
        ((0.0, -1.0), (0.40, 0.0, 1.0)),  # up is violet
    ],
)
def test_hue_tells_the_direction(vector: tuple[float, float], color: tuple[float, float, float]) -> None:
    found = flow_to_color(torch.tensor(vector)[:, None, None].expand(2, 3, 3))
    assert found[:, 1, 1].tolist() == pytest.approx(color, abs=0.02)


def test_what_stands_still_is_white() -> None:
    assert flow_to_color(torch.zeros(2, 3, 3)).min() == 1.0


def test_half_the_speed_is_half_the_color() -> None:
    flow = torch.tensor([[[2.0, 1.0]], [[0.0, 0.0]]])
    assert flow_to_color(flow)[1, 0].tolist() == pytest.approx([0.0, 0.5])


def test_opposite_directions_have_different_hues() -> None:
    flow = torch.tensor([[[1.0, -1.0]], [[0.5, -0.5]]])
    colors = flow_to_color(flow)[:, 0]
    assert (colors[:, 0] - colors[:, 1]).abs().max() > 0.5


def test_what_is_too_fast_is_darker() -> None:
    fast = flow_to_color(torch.full((2, 1, 1), 9.0), max_flow=1.0)
    full = flow_to_color(torch.full((2, 1, 1), 0.5**0.5), max_flow=1.0)
    assert torch.allclose(fast, 0.75 * full, atol=1e-5)


def test_the_sheet_is_a_picture() -> None:
    sheet = make_contact_sheet(make_scene(), [], torch.ones(1, 40, 60))
    assert sheet.shape[0] == 3
    assert sheet.dtype == torch.float32
    assert sheet.min() >= 0.0
    assert sheet.max() <= 1.0


def test_the_same_scene_gives_the_same_sheet() -> None:
    mask = torch.ones(1, 40, 60)
    assert torch.equal(make_contact_sheet(make_scene(), [], mask), make_contact_sheet(make_scene(), [], mask))


def test_photo_and_mask_show_the_photo() -> None:
    without = share_of(make_contact_sheet(make_scene(speed=0.0), [], None), (0.0, 0.0, 1.0))
    both = share_of(make_contact_sheet(make_scene(speed=0.0), [], torch.ones(1, 40, 60)), (0.0, 0.0, 1.0))
    assert without > 0.05
    assert both == pytest.approx(2 * without, rel=0.05)  # less the outline


def test_frames_are_shown_when_given(tmp_path: Path) -> None:
    paths = [tmp_path / f"frame_{number:04d}.png" for number in range(3)]
    for path in paths:
        write_photo(torch.tensor([0.0, 1.0, 0.0])[:, None, None].expand(3, 40, 60), path, 8)
    assert share_of(make_contact_sheet(make_scene(), [], None), (0.0, 1.0, 0.0)) == 0.0
    assert share_of(make_contact_sheet(make_scene(), paths, None), (0.0, 1.0, 0.0)) > 0.1


def test_layers_keep_their_color_and_tint_what_is_new() -> None:
    sheet = make_contact_sheet(make_scene(), [], None)
    assert share_of(sheet, (0.8, 0.0, 0.0)) > 0.05
    pink = tuple(0.65 * own + 0.35 * tint / 255 for own, tint in zip((0.8, 0.0, 0.0), (255, 70, 190), strict=True))
    assert share_of(sheet, pink) > 0.01


@pytest.mark.parametrize(("width", "height"), [(600, 20), (20, 600), (17, 17)])
def test_extreme_shapes_are_drawn(width: int, height: int) -> None:
    sheet = make_contact_sheet(make_scene(width, height, layers=6), [], torch.ones(1, height, width))
    assert share_of(sheet, (0.0, 0.0, 1.0)) > 0.0


def test_an_empty_layer_is_drawn() -> None:
    scene = make_scene()
    scene.ldi.alphas[0] = 0.0
    assert make_contact_sheet(scene, [], None).shape[0] == 3
