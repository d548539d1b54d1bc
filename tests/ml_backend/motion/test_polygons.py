import torch

from ml_backend.motion.polygons import rasterize


def test_a_rectangle_covers_its_pixels_and_no_other() -> None:
    expected = torch.zeros(1, 4, 5)
    expected[0, 1:3, 2:4] = 1
    torch.testing.assert_close(rasterize([[(2, 1), (4, 1), (4, 3), (2, 3)]], width=5, height=4), expected)


def test_a_pixel_half_covered_is_half() -> None:
    assert rasterize([[(0.5, 0), (1, 0), (1, 1), (0.5, 1)]], width=1, height=1).item() == 0.5


def test_direction_of_the_corners_does_not_matter() -> None:
    corners = [(0.3, 0.2), (4.1, 1.0), (2.0, 3.7)]
    assert torch.equal(rasterize([corners], width=5, height=4), rasterize([corners[::-1]], width=5, height=4))


def test_a_triangle_has_its_area() -> None:
    assert abs(rasterize([[(1, 1), (9, 1), (1, 7)]], width=10, height=8).sum().item() - 24) < 0.1


def test_overlapping_polygons_are_united() -> None:
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    assert torch.equal(rasterize([square, square], width=2, height=2), torch.ones(1, 2, 2))


def test_corners_outside_the_image_are_cut_off() -> None:
    assert torch.equal(rasterize([[(-9, -9), (9, -9), (9, 9), (-9, 9)]], width=3, height=2), torch.ones(1, 2, 3))


def test_no_polygon_covers_nothing() -> None:
    assert torch.equal(rasterize([], width=3, height=2), torch.zeros(1, 2, 3))
