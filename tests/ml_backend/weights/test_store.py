import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from file_server import Server

from ml_backend.errors import BadInput, BadOutput, MissingDependency, WeightsMismatch
from ml_backend.weights.catalog import WeightFile, WeightSpec
from ml_backend.weights.location import weights_folder
from ml_backend.weights.store import fetch, import_files, is_installed, read_record, remove, require, verify


def _nobody_watches(stage: str, fraction: float) -> None:
    pass


def _spec(server: Server, *names: str) -> WeightSpec:
    sha256 = hashlib.sha256(server.body).hexdigest()
    files = tuple(WeightFile(name, "safetensors", (server.url,), sha256=sha256) for name in names or ("file.bin",))
    return WeightSpec("tiny", "depth", "Tiny", "MIT", "https://example.org", files, texts=(("config.json", "{}"),))


def test_fetched_weights_are_installed_with_their_texts_and_a_record(server: Server, tmp_path: Path) -> None:
    spec = _spec(server, "a.bin", "b.bin")
    folder = fetch(spec, tmp_path, _nobody_watches)

    assert is_installed(spec, tmp_path)
    assert sorted(os.listdir(folder)) == ["a.bin", "b.bin", "config.json", "record.json"]
    assert json.loads((folder / "record.json").read_text())["licence"] == "MIT"
    assert [file.origin for file in read_record(spec, tmp_path)] == [server.url, server.url]


def test_nothing_else_is_left_in_the_store(server: Server, tmp_path: Path) -> None:
    fetch(_spec(server), tmp_path, _nobody_watches)

    assert os.listdir(tmp_path) == ["tiny"]


def test_fetch_that_fails_installs_nothing_and_keeps_the_old(server: Server, tmp_path: Path) -> None:
    spec = _spec(server)
    fetch(spec, tmp_path, _nobody_watches)
    wrong = replace(spec, files=(replace(spec.files[0], sha256="0" * 64),))

    with pytest.raises(WeightsMismatch):
        fetch(wrong, tmp_path, _nobody_watches)
    assert verify(spec, tmp_path)[0].sha256 == spec.files[0].sha256


def test_interrupted_fetch_is_not_taken_for_installed(server: Server, tmp_path: Path) -> None:
    server.break_after = [1000] * 3
    spec = _spec(server)
    with pytest.raises(Exception, match="broke off"):
        fetch(spec, tmp_path, _nobody_watches)
    assert not is_installed(spec, tmp_path)

    fetch(spec, tmp_path, _nobody_watches)
    assert server.requests[-1][1] == "bytes=3000-"  # it went on


def test_weights_that_do_not_fit_are_not_installed(server: Server, tmp_path: Path) -> None:
    def misfit(spec: WeightSpec, folder: Path) -> None:
        raise WeightsMismatch(f"{folder.name} does not fit.")

    with pytest.raises(WeightsMismatch, match="does not fit"):
        fetch(_spec(server), tmp_path, _nobody_watches, check=misfit)
    assert not is_installed(_spec(server), tmp_path)


@pytest.mark.parametrize("place", ["file.bin", "."])
def test_file_or_folder_on_disk_is_imported_offline(
    server: Server, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CINEMAGRAPH_OFFLINE", "1")
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "file.bin").write_bytes(server.body)
    import_files(_spec(server), [stick / place], tmp_path / "store")

    assert verify(_spec(server), tmp_path / "store")[0].origin == str((stick / "file.bin").resolve())
    assert (stick / "file.bin").exists()
    assert server.requests == []


def test_only_file_may_have_another_name(server: Server, tmp_path: Path) -> None:
    (tmp_path / "download (1).bin").write_bytes(server.body)
    import_files(_spec(server), [tmp_path / "download (1).bin"], tmp_path / "store")

    assert is_installed(_spec(server), tmp_path / "store")


def test_other_file_is_not_imported(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(server.body[:-1])

    with pytest.raises(WeightsMismatch, match=r"file\.bin .*expected SHA256 .*found"):
        import_files(_spec(server), [tmp_path / "file.bin"], tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("names", [(), ("a.bin", "b.bin")])
def test_missing_file_is_named(server: Server, tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match=names[0] if names else "file.bin"):
        import_files(_spec(server, *names), [tmp_path / "nowhere"], tmp_path / "store")


def test_changed_file_is_found_by_verify(server: Server, tmp_path: Path) -> None:
    spec = _spec(server)
    folder = fetch(spec, tmp_path, _nobody_watches)
    (folder / "file.bin").write_bytes(server.body[:-1] + b"!")

    with pytest.raises(WeightsMismatch, match=r"file\.bin"):
        verify(spec, tmp_path)


def test_without_a_known_digest_the_first_installation_counts(server: Server, tmp_path: Path) -> None:
    spec = _spec(server)
    spec = replace(spec, files=(replace(spec.files[0], sha256=None),))
    folder = fetch(spec, tmp_path, _nobody_watches)
    verify(spec, tmp_path)
    (folder / "file.bin").write_bytes(server.body[:-1] + b"!")

    with pytest.raises(WeightsMismatch, match="SHA256"):
        verify(spec, tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"files": [{"name": 1}]}', '{"files": []}'])
def test_damaged_record_is_told(server: Server, tmp_path: Path, text: str) -> None:
    spec = _spec(server)
    (fetch(spec, tmp_path, _nobody_watches) / "record.json").write_text(text)

    with pytest.raises(WeightsMismatch, match=r"record\.json"):
        verify(spec, tmp_path)


def test_removed_weights_are_gone(server: Server, tmp_path: Path) -> None:
    fetch(_spec(server), tmp_path, _nobody_watches)

    assert remove(_spec(server), tmp_path)
    assert not is_installed(_spec(server), tmp_path)
    assert not remove(_spec(server), tmp_path)


def test_missing_weights_say_how_to_get_them(server: Server, tmp_path: Path) -> None:
    with pytest.raises(MissingDependency) as caught:
        require(_spec(server), tmp_path)
    assert "weights fetch tiny" in caught.value.hint


def test_weights_without_an_address_say_where_people_find_them(server: Server, tmp_path: Path) -> None:
    spec = replace(_spec(server), files=(WeightFile("file.bin", "pickle"),))

    with pytest.raises(BadInput) as caught:
        fetch(spec, tmp_path, _nobody_watches)
    assert "https://example.org" in caught.value.hint
    assert "weights import tiny" in caught.value.hint


def test_store_that_cannot_be_made_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")

    with pytest.raises(BadOutput, match="a file stands where a folder should be"):
        fetch(_spec(server), tmp_path / "store", _nobody_watches)


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"CINEMAGRAPH_WEIGHTS": "/big/disk", "XDG_DATA_HOME": "/data"}, "linux", "/big/disk"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "/data"}, "linux", "/data/cinemagraph/weights"),
        ({"HOME": "/home/me", "XDG_DATA_HOME": "data"}, "linux", "/home/me/.local/share/cinemagraph/weights"),
        ({"HOME": "/home/me"}, "darwin", "/home/me/Library/Application Support/cinemagraph/weights"),
        ({"HOME": "/c", "LOCALAPPDATA": "/c/Local"}, "win32", "/c/Local/cinemagraph/weights"),
    ],
)
def test_weights_lie_where_data_of_this_user_lies(environment: dict[str, str], platform: str, expected: str) -> None:
    assert weights_folder(environment, platform) == Path(expected)
