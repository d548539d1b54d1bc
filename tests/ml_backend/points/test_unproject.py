import torch

from ml_backend.camera import photo_camera, project
from ml_backend.points.features import color_features
from ml_backend.points.unproject import build_point_cloud
from ml_backend.structures import FeaturePointCloud, LayeredDepthImage

_BORDER, _HEIGHT, _WIDTH = 2, 4, 6


def _layers() -> LayeredDepthImage:
    """Layer 0 covers one pixel, layer 1 the whole canvas; layer 1 is inpainted in the border."""
    height, width = _HEIGHT + 2 * _BORDER, _WIDTH + 2 * _BORDER
    alphas = torch.zeros(2, 1, height, width)
    alphas[0, 0, 3, 5] = 1  # photo pixel: row 1, column 3
    alphas[1] = 1
    depths = torch.tensor([1.5, 4.0]).view(2, 1, 1, 1).expand_as(alphas).contiguous()
    inpainted = torch.ones_like(alphas, dtype=torch.bool)
    inpainted[:, :, _BORDER:-_BORDER, _BORDER:-_BORDER] = False
    colors = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
    return LayeredDepthImage(colors, alphas, depths, inpainted, _BORDER)


def _cloud() -> FeaturePointCloud:
    layers = _layers()
    return build_point_cloud(layers, color_features(layers), photo_camera(_WIDTH, _HEIGHT))


def test_there_is_one_point_per_covered_pixel() -> None:
    assert len(_cloud().layers) == 1 + 8 * 10


def test_points_come_layer_by_layer_and_row_by_row() -> None:
    cloud = _cloud()

    assert cloud.layers.tolist() == [0] + [1] * 80
    assert cloud.pixels[1:4].tolist() == [[-1.5, -1.5], [-0.5, -1.5], [0.5, -1.5]]


def test_pixels_are_centres_on_the_photo() -> None:
    assert _cloud().pixels[0].tolist() == [3.5, 1.5]


def test_points_project_to_their_pixels_at_their_depth() -> None:
    cloud = _cloud()
    pixels, z = project(cloud.positions, photo_camera(_WIDTH, _HEIGHT))

    torch.testing.assert_close(pixels, cloud.pixels, atol=1e-5, rtol=0)
    assert z.tolist() == [1.5] + [4.0] * 80


def test_points_carry_colour_and_features_of_their_pixel() -> None:
    layers = _layers()
    features = torch.arange(2.0 * 5 * 8 * 10).view(2, 5, 8, 10)
    cloud = build_point_cloud(layers, features, photo_camera(_WIDTH, _HEIGHT))

    assert torch.equal(cloud.colors[0], layers.colors[0, :, 3, 5])
    assert torch.equal(cloud.features[0], features[0, :, 3, 5])


def test_points_of_the_border_are_marked_inpainted() -> None:
    assert int((~_cloud().inpainted).sum()) == 1 + _HEIGHT * _WIDTH


def test_features_without_a_network_are_the_colours() -> None:
    layers = _layers()

    assert torch.equal(color_features(layers), layers.colors)
