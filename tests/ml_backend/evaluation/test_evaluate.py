import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ml_backend.errors import BadInput
from ml_backend.evaluation.datasets.find import find_sources
from ml_backend.evaluation.evaluate import Evaluation, evaluate, pick_methods
from ml_backend.evaluation.methods.catalog import METHODS
from ml_backend.evaluation.runner import Plan

pytest.importorskip("skimage", reason="scikit-image is not installed")
pytest.importorskip("flip_evaluator", reason="flip-evaluator is not installed")

MakeScene = Callable[..., Path]
_NAMES = ("ours", "naive", "no-features", "still")


def _plan(*places: Path, work: Path) -> Plan:
    return Plan(tuple(find_sources(places)), pick_methods(_NAMES, METHODS), work)


def _evaluate(folder: Path, out: Path) -> Evaluation:
    return evaluate(_plan(folder, work=out / "work"), out)


def test_report_has_all_files_and_both_tables(make_scene: MakeScene, tmp_path: Path) -> None:
    done = _evaluate(make_scene(), tmp_path / "out")

    assert [file.name for file in done.files if file.is_file()] == ["report.json", "report.md", "report.html"]
    assert {name: len(rows) for name, rows in done.summary.tables.items()} == {"given": 3, "predicted": 3}


def test_still_photo_is_exact_where_the_truth_stands_still(make_scene: MakeScene, tmp_path: Path) -> None:
    rows = _evaluate(make_scene(), tmp_path / "out").summary.tables["given"]
    still = next(row for row in rows if row.method == "still")

    assert still.values["psnr/all"] == pytest.approx(120.0)
    assert still.values["flip/all"] == 0.0
    assert still.values["sharpness/all"] == pytest.approx(1.0)
    assert still.values["patches/all"] == 0.0


def test_ours_loops_and_leaves_still_pixels_alone(make_scene: MakeScene, tmp_path: Path) -> None:
    ours = _evaluate(make_scene(), tmp_path / "out").summary.tables["given"][0]

    assert ours.values["seam_l1"] is not None
    assert ours.values["seam_l1"] < 1.5
    assert ours.values["flicker"] == pytest.approx(0.0, abs=1e-3)


def test_report_says_why_a_method_means_nothing(make_scene: MakeScene, tmp_path: Path) -> None:
    _evaluate(make_scene(), tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")

    assert "Ours without features: n/a. No trained feature extractor" in text
    assert "| Ours without features | n/a |" in text


def test_html_needs_nothing_else(make_scene: MakeScene, tmp_path: Path) -> None:
    _evaluate(make_scene(), tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert "data:image/jpeg;base64," in text
    assert "<polyline" in text
    assert "http" not in text.replace("http-equiv", "")


def test_same_run_gives_the_same_bytes(make_scene: MakeScene, tmp_path: Path) -> None:
    folder = make_scene()
    texts = []
    for name in ("one", "two"):
        done = _evaluate(folder, tmp_path / name)
        texts.append([file.read_bytes() for file in done.files])

    assert texts[0] == texts[1]


def test_finished_pictures_are_kept(make_scene: MakeScene, tmp_path: Path) -> None:
    folder = make_scene()
    _evaluate(folder, tmp_path / "out")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "work").rglob("*.*")}
    _evaluate(folder, tmp_path / "out")

    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_changed_data_is_measured_again(make_scene: MakeScene, tmp_path: Path) -> None:
    folder = make_scene()
    before = _evaluate(folder, tmp_path / "out").summary.tables["given"][0].values["psnr/all"]
    (folder / "frames" / "side_007.png").write_bytes((folder / "mask.png").read_bytes())

    assert _evaluate(folder, tmp_path / "out").summary.tables["given"][0].values["psnr/all"] != before


def test_time_limit_reports_what_is_missing_and_goes_on_later(make_scene: MakeScene, tmp_path: Path) -> None:
    plan = replace(_plan(make_scene(), work=tmp_path / "work"), time_limit_s=-1.0)
    stopped = evaluate(plan, tmp_path / "out")
    finished = evaluate(replace(plan, time_limit_s=None), tmp_path / "out")

    assert stopped.summary.num_unfinished == 2 * 3 * 6
    assert finished.summary.num_unfinished == 0


def test_skipped_files_are_counted(make_scene: MakeScene, tmp_path: Path) -> None:
    folder = make_scene()
    (folder / "frames" / "side_004.png").write_bytes(b"no picture")
    (folder / "frames" / "side_000.png").unlink()
    done = _evaluate(folder, tmp_path / "out")

    assert sorted(item.file for item in done.report.skipped) == ["pool/frames/side_000.png", "pool/side_004"]
    assert "Skipped: 2" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_sample_that_cannot_be_read_does_not_stop_the_others(make_scene: MakeScene, tmp_path: Path) -> None:
    good, bad = make_scene("good"), make_scene("bad")
    (bad / "flow.npy").write_bytes(b"")
    done = evaluate(_plan(good, bad, work=tmp_path / "work"), tmp_path / "out")

    assert [item.file for item in done.report.skipped] == ["bad"]
    assert list(done.summary.tables["given"][0].samples) == ["good"]


def test_nothing_to_measure_is_an_error_that_names_the_file(make_scene: MakeScene, tmp_path: Path) -> None:
    folder = make_scene()
    (folder / "flow.npy").write_bytes(b"")

    with pytest.raises(BadInput, match=r"Nothing could be measured.*flow\.npy"):
        _evaluate(folder, tmp_path / "out")


def test_unknown_method_is_refused() -> None:
    with pytest.raises(BadInput, match="no method 'magic'"):
        pick_methods(("magic",), METHODS)


def test_json_holds_every_picture(make_scene: MakeScene, tmp_path: Path) -> None:
    _evaluate(make_scene(), tmp_path / "out")
    content = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))

    assert content["format"] == "cinemagraph-evaluation/1"
    assert len(content["shots"]) == 2 * 3 * 6


def test_quick_look_takes_three_times_of_each_path(make_scene: MakeScene, tmp_path: Path) -> None:
    plan = replace(_plan(make_scene(), work=tmp_path / "work"), is_quick=True)

    assert evaluate(plan, tmp_path / "out").summary.tables["given"][0].num_shots == 6


def test_two_processes_give_what_one_gives(make_scene: MakeScene, tmp_path: Path) -> None:
    plan = replace(
        _plan(make_scene(), work=tmp_path / "a"), methods=pick_methods(("ours",), METHODS), tables=("given",)
    )
    alone = evaluate(plan, tmp_path / "one")
    pair = evaluate(replace(plan, workers=2, work=tmp_path / "b"), tmp_path / "two")

    assert pair.files[0].read_bytes() == alone.files[0].read_bytes()


def test_quick_look_measures_the_loop_once(make_scene: MakeScene, tmp_path: Path) -> None:
    plan = replace(_plan(make_scene(), work=tmp_path / "work"), is_quick=True)
    tables = evaluate(plan, tmp_path / "out").summary.tables

    assert tables["given"][0].values["seam_l1"] is not None
    assert tables["predicted"][0].values.get("seam_l1") is None
