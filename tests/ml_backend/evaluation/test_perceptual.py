from pathlib import Path

from ml_backend.evaluation.perceptual import BACKBONE_FILE, load_lpips


def test_lpips_says_which_weights_are_missing(tmp_path: Path) -> None:
    perceptual = load_lpips(tmp_path)

    assert perceptual.distance is None
    assert BACKBONE_FILE in perceptual.reason
