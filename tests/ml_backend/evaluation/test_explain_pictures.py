from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ml_backend.evaluation.datasets.find import find_sources
from ml_backend.evaluation.evaluate import evaluate, pick_methods
from ml_backend.evaluation.explain_pictures import largest_part
from ml_backend.evaluation.methods.catalog import METHODS
from ml_backend.evaluation.runner import Plan

pytest.importorskip("skimage", reason="scikit-image is not installed")
pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")

MakeScene = Callable[..., Path]


def test_part_with_the_largest_values_is_found() -> None:
    values = np.zeros((30, 60))
    values[21:28, 5:20] = 1.0
    rows, cols = largest_part(values)

    assert (rows.stop - rows.start, cols.stop - cols.start) == (10, 20)
    assert values[rows, cols].sum() == 7 * 15


def test_lead_of_another_method_is_shown_with_both_seams(make_scene: MakeScene, tmp_path: Path) -> None:
    # The truth of this scene stands still: the still photo is ahead of every method that moves.
    plan = Plan(tuple(find_sources([make_scene()])), pick_methods(("ours", "still"), METHODS), tmp_path / "work")
    evaluate(plan, tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert "The still photo against ours: pool" in text
    assert "Ours, where ours loses most" in text
    assert text.count("change where the loop closes") == 4  # two methods, two tables
