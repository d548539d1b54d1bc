import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from file_server import Server

from ml_backend.cli import COMMANDS, run
from ml_backend.weights import catalog
from ml_backend.weights.catalog import CATALOG, find
from ml_backend.weights.digest import sha256_of


def _run(*arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and the JSON object."""
    stdout = io.StringIO()
    code = run(["weights", *arguments, "--json"], stdout, COMMANDS)
    return code, json.loads(stdout.getvalue())


@pytest.fixture
def tiny(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalog's first row points to the local server; the file that it serves."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(server.body)
    file = replace(CATALOG[0].files[0], urls=(server.url,), size=len(server.body), sha256=sha256_of(path))
    monkeypatch.setattr(catalog, "CATALOG", (replace(CATALOG[0], files=(file,)), *CATALOG[1:]))
    monkeypatch.setenv("CINEMAGRAPH_WEIGHTS", str(tmp_path / "store"))
    return path


def test_list_shows_every_row_and_that_nothing_is_installed(tiny: Path) -> None:
    code, told = _run("list")

    assert code == 0
    assert [row["name"] for row in told["result"]["weights"]] == [spec.name for spec in CATALOG]
    assert not any(row["is_installed"] for row in told["result"]["weights"])


def test_table_is_readable(tiny: Path) -> None:
    stdout = io.StringIO()
    run(["weights", "list"], stdout, COMMANDS)

    assert "big-lama" in stdout.getvalue()
    assert "206 MB" in stdout.getvalue()


def test_info_shows_licence_and_pin(tiny: Path) -> None:
    stdout = io.StringIO()
    run(["weights", "info", "big-lama"], stdout, COMMANDS)

    assert "Apache-2.0" in stdout.getvalue()
    assert "344c77bb" in stdout.getvalue()


def test_nothing_is_fetched_before_the_licence_was_accepted(tiny: Path, server: Server) -> None:
    code, told = _run("fetch", CATALOG[0].name)

    assert code == 2
    assert CATALOG[0].licence in told["error"]["message"]
    assert "--accept" in told["error"]["hint"]
    assert server.requests == []


def test_fetched_weights_are_listed_verified_and_removed(tiny: Path, tmp_path: Path) -> None:
    name = CATALOG[0].name

    assert _run("fetch", name, "--accept")[0] == 0
    assert _run("list")[1]["result"]["weights"][0]["is_installed"]
    assert (tmp_path / "store" / name / "config.json").exists()
    assert _run("verify")[0] == 0
    assert _run("remove", name)[0] == 0
    assert not _run("list")[1]["result"]["weights"][0]["is_installed"]


def test_damaged_weights_end_with_the_code_of_wrong_weights(tiny: Path, tmp_path: Path) -> None:
    name = CATALOG[0].name
    assert _run("import", name, str(tiny))[0] == 0
    (tmp_path / "store" / name / "model.safetensors").write_bytes(b"damaged")

    code, told = _run("verify", name)
    assert code == 6
    assert "model.safetensors" in told["error"]["message"]


def test_folder_option_names_another_store(tiny: Path, tmp_path: Path) -> None:
    assert _run("import", CATALOG[0].name, str(tmp_path), "--folder", str(tmp_path / "other"))[0] == 0
    assert (tmp_path / "other" / CATALOG[0].name / "record.json").exists()


def test_verify_of_what_is_not_installed_says_so(tiny: Path) -> None:
    assert _run("verify", "big-lama")[1]["error"]["code"] == "missing_dependency"


@pytest.mark.parametrize(
    "arguments", [("fetch",), ("import", "big-lama"), ("info", "nothing"), ("remove",), ("list", "x")]
)
def test_missing_and_unknown_names_are_wrong_options(tiny: Path, arguments: tuple[str, ...]) -> None:
    assert _run(*arguments)[0] == 2


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)
def test_everything_that_can_be_fetched_is_pinned(spec: catalog.WeightSpec) -> None:
    assert all(file.sha256 or file.md5 for file in spec.files if file.urls)
    assert all(url.startswith("https://") for file in spec.files for url in file.urls)
    assert spec.licence
    assert find(spec.name) is spec
