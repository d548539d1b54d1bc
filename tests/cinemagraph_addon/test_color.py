"""Colour curves and row order."""

import numpy as np
from cinemagraph.cinemagraph_addon.color import flip_rows, linear_to_srgb, srgb8_to_linear, srgb_to_linear


def test_black_white_and_middle_grey_are_those_of_the_standard() -> None:
    # IEC 61966-2-1: 0.5 is 0.21404 in linear light.
    assert np.allclose(srgb_to_linear(np.array([0.0, 0.5, 1.0])), [0.0, 0.21404114, 1.0], atol=1e-7)


def test_the_dark_end_is_a_straight_line() -> None:
    assert np.allclose(srgb_to_linear(np.array([0.0323])), [0.0323 / 12.92])


def test_eight_bit_values_come_back() -> None:
    values = np.arange(256, dtype=np.uint8)
    back = np.rint(linear_to_srgb(srgb_to_linear(values / 255)) * 255)
    assert np.array_equal(back, values)


def test_the_table_equals_the_formula() -> None:
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(srgb8_to_linear(values), srgb_to_linear(values.astype(np.float32) / 255))


def test_the_top_row_becomes_the_bottom_row() -> None:
    assert flip_rows(np.array([[1, 2], [3, 4]])).tolist() == [[3, 4], [1, 2]]


def test_flipped_rows_are_contiguous() -> None:
    assert flip_rows(np.zeros((3, 2, 4))).flags.c_contiguous
