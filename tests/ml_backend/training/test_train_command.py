import json
from io import StringIO
from pathlib import Path

import pytest
from tiny_stage import TINY, TinyStage

from ml_backend.cli import run
from ml_backend.commands import train
from ml_backend.training.configs import MotionConfig, TrainingConfig, small_motion


def configured(*arguments: str) -> TrainingConfig:
    import argparse

    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return train.configuration(parser.parse_args([*arguments, "--out", "x"]))


def test_the_default_is_the_papers_configuration() -> None:
    assert configured("motion") == MotionConfig()


def test_options_change_the_preset() -> None:
    config = configured("motion", "--preset", "small", "--steps", "7", "--data", "a", "b", "--seed", "3")

    assert (config.steps, config.data, config.seed) == (7, ("a", "b"), 3)
    assert config.learning_rate == small_motion().learning_rate


def test_a_size_is_width_by_height() -> None:
    config = configured("motion", "--size", "256x512")

    assert (config.width, config.height) == (256, 512)


@pytest.fixture
def tiny_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    """The word motion trains the tiny stage, with the options' steps."""
    from dataclasses import replace

    monkeypatch.setattr(train, "builders", lambda: {"motion": lambda c: TinyStage(replace(TINY, steps=c.steps))})


@pytest.mark.usefixtures("tiny_motion")
def test_the_command_trains_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = StringIO()
    for arguments in (["--steps", "1"], ["--steps", "3", "--resume"]):
        code = run(["train", "motion", "--out", str(tmp_path), "--json", *arguments], told, [train.COMMAND])
        assert code == 0, capsys.readouterr().err

    reports = [json.loads(line)["result"] for line in told.getvalue().splitlines()]
    assert [report["step"] for report in reports] == [1, 3]
    assert Path(reports[-1]["weights"]).is_file()


@pytest.mark.usefixtures("tiny_motion")
def test_a_device_that_is_not_here_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["train", "motion", "--out", str(tmp_path), "--device", "cuda:77"], StringIO(), [train.COMMAND])

    assert code == 2
    assert "no device cuda:77" in capsys.readouterr().err
