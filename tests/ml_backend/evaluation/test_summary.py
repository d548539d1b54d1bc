from pathlib import Path

import pytest

from ml_backend.evaluation.charts import Line, draw_chart
from ml_backend.evaluation.explain import explain_order
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.sample import Source
from ml_backend.evaluation.summary import summarise
from ml_backend.evaluation.tables import main_table
from ml_backend.evaluation.work import Job, JobResult, ShotResult

_METHODS = (Method("ours", "Ours", "ours", None), Method("other", "Other", "baselines", None))


def _result(method: str, sample: str, psnrs: dict[str, float | None], **loop: float) -> JobResult:
    job = Job(Source(sample, "bench", Path(sample), ()), "given", method, Path(), "", 0, False)
    shots = tuple(
        ShotResult(name, "path", n, {"psnr/all": value, "psnr/fluid": None})
        for n, (name, value) in enumerate(psnrs.items())
    )
    return JobResult(job, shots, loop)


def test_every_sample_counts_alike_whatever_its_number_of_pictures() -> None:
    results = [_result("ours", "a", {"x": 10.0, "y": 20.0}), _result("ours", "b", {"x": 35.0})]

    assert summarise(results, _METHODS).tables["given"][0].values["psnr/all"] == 25.0


def test_only_pictures_that_all_methods_have_are_counted() -> None:
    results = [_result("ours", "a", {"x": 10.0, "y": 90.0}), _result("other", "a", {"x": 12.0})]
    ours = summarise(results, _METHODS).tables["given"][0]

    assert ours.values["psnr/all"] == 10.0
    assert ours.num_shots == 1


def test_region_that_is_empty_everywhere_has_no_mean() -> None:
    assert summarise([_result("ours", "a", {"x": 10.0})], _METHODS).tables["given"][0].values["psnr/fluid"] is None


def test_later_pictures_leave_out_the_first_time() -> None:
    row = summarise([_result("ours", "a", {"x": 120.0, "y": 20.0})], _METHODS).tables["given"][0]

    assert row.values["psnr/later"] == 20.0


def test_best_value_of_a_column_is_marked() -> None:
    rows = summarise([_result("ours", "a", {"x": 10.0}), _result("other", "a", {"x": 12.0})], _METHODS).tables["given"]
    table = main_table("all", rows, _METHODS)

    assert (1, 1) in table.best
    assert (0, 1) not in table.best
    assert table.rows[0][1] == "10.00"


def test_method_ahead_of_ours_is_explained() -> None:
    results = [
        _result("ours", "a", {"x": 10.0, "y": 10.0}, seam_l1=1.0),
        _result("other", "a", {"x": 10.0, "y": 14.0}, seam_l1=9.0),
    ]
    [text] = explain_order(summarise(results, _METHODS).tables["given"], _METHODS)

    assert "Other is ahead of ours in PSNR by 2.000" in text
    assert "+4.00 dB at t = 1" in text
    assert "does not loop" in text


def test_lead_of_a_method_that_blurs_what_it_does_not_know_is_explained() -> None:
    results = [_result("ours", "a", {"x": 10.0}), _result("other", "a", {"x": 11.0})]
    rows = summarise(results, _METHODS).tables["given"]
    rows[0].values["filled/all"], rows[1].values["filled/all"] = 0.001, 0.05
    [text] = explain_order(rows, _METHODS)

    assert "It fills 5.0 % of the pixels smoothly" in text


def test_order_as_in_the_paper_needs_no_explanation() -> None:
    results = [_result("ours", "a", {"x": 12.0}), _result("other", "a", {"x": 10.0})]

    assert explain_order(summarise(results, _METHODS).tables["given"], _METHODS) == []


def test_chart_without_points_is_not_drawn() -> None:
    assert draw_chart("PSNR", [Line("Ours", [(0, None)])]) == ""


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [1.0, 3.0]])
def test_chart_draws_all_its_points(values: list[float]) -> None:
    chart = draw_chart("PSNR", [Line("Ours", list(enumerate(values)))])

    assert chart.split('points="')[1].split('"')[0].count(",") == len(values)


def test_names_in_charts_are_escaped() -> None:
    assert "<b>" not in draw_chart("<b>", [Line("<b>", [(0, 1.0)])])
