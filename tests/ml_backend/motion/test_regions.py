import numpy as np

from ml_backend.motion.regions import find_regions, most_interior_pixel, split_into_sheets


def test_corners_connect() -> None:
    assert find_regions(np.eye(3, dtype=np.float32)).count == 1


def test_almost_black_is_black() -> None:
    assert find_regions(np.full((3, 3), 0.01, dtype=np.float32)).count == 0


def test_a_region_knows_its_box_area_and_centre() -> None:
    mask = np.zeros((5, 6), dtype=np.float32)
    mask[1:3, 2:5] = 1
    regions = find_regions(mask)
    assert regions.boxes.tolist() == [[2, 1, 5, 3]]
    assert regions.areas.tolist() == [6]
    assert regions.centres.tolist() == [[3.5, 2.0]]


def test_of_a_noisy_mask_the_largest_regions_move() -> None:
    mask = np.zeros((60, 60), dtype=np.float32)
    mask[::2, ::2] = 1  # 900 specks
    mask[40:, 40:] = 1
    regions = find_regions(mask)
    assert regions.count == 500
    assert regions.areas.max() == 20 * 20
    assert regions.labels.max() == 500


def test_near_regions_are_on_different_sheets_and_far_ones_share() -> None:
    mask = np.zeros((10, 100), dtype=np.float32)
    mask[:, :20] = mask[:, 22:40] = mask[:, 60:] = 1
    sheets = split_into_sheets(find_regions(mask), gap_px=5)
    assert sorted(sorted(sheet.tolist()) for sheet in sheets) == [[0, 2], [1]]


def test_no_region_needs_no_sheet() -> None:
    assert split_into_sheets(find_regions(np.zeros((3, 3), dtype=np.float32)), gap_px=5) == []


def test_most_interior_pixel_of_a_long_band_is_in_its_middle() -> None:
    assert most_interior_pixel(np.ones((5, 101), dtype=bool)) == (50, 2)
