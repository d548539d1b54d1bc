"""Files and folders appear whole, or not at all."""

from pathlib import Path

import pytest

from ml_backend.atomic_file import replacing_folder, require_writable_folder
from ml_backend.errors import BadOutput

OWN = ("main.json", "a.txt", "parts")


def write_folder(folder: Path, text: str, names: tuple[str, ...] = ("main.json", "a.txt")) -> None:
    with replacing_folder(folder, OWN) as partial:
        for name in names:
            (partial / name).write_text(text)


def write_and_fail(folder: Path, error: BaseException | type[BaseException]) -> None:
    with replacing_folder(folder, OWN) as partial:
        (partial / "main.json").write_text("half")
        raise error


def write_what_cannot_be_moved(folder: Path, text: str) -> None:
    with replacing_folder(folder, (*OWN, "no/such")) as partial:
        (partial / "main.json").write_text(text)
        (partial / "a.txt").write_text(text)
        (partial / "no" / "such").mkdir(parents=True)  # the target has no folder `no` to move it to


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_new_folder_holds_what_was_written(tmp_path: Path) -> None:
    write_folder(tmp_path / "new", "1")

    assert contents(tmp_path / "new") == {"a.txt": "1", "main.json": "1"}


def test_nothing_else_is_left_beside_a_new_folder(tmp_path: Path) -> None:
    write_folder(tmp_path / "new", "1")

    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_old_things_of_ours_are_replaced_or_removed(tmp_path: Path) -> None:
    write_folder(tmp_path / "scene", "1")
    write_folder(tmp_path / "scene", "2", ("main.json",))

    assert contents(tmp_path / "scene") == {"main.json": "2"}


def test_folders_of_ours_are_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "old").touch()
    with replacing_folder(tmp_path, OWN) as partial:
        (partial / "parts").mkdir()
        (partial / "parts" / "new").touch()

    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["new"]


def test_things_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_folder(tmp_path, "1")

    assert contents(tmp_path)["notes.txt"] == "mine"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_error_leaves_the_old_folder_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    write_folder(tmp_path / "scene", "1")
    with pytest.raises(error):
        write_and_fail(tmp_path / "scene", error)

    assert contents(tmp_path / "scene") == {"a.txt": "1", "main.json": "1"}


def test_error_leaves_no_new_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"):
        write_and_fail(tmp_path / "scene", ValueError("no"))

    assert list(tmp_path.iterdir()) == []


def test_failure_half_way_through_the_exchange_is_undone(tmp_path: Path) -> None:
    write_folder(tmp_path, "1")
    with pytest.raises(BadOutput):
        write_what_cannot_be_moved(tmp_path, "2")

    assert contents(tmp_path) == {"a.txt": "1", "main.json": "1"}


@pytest.mark.parametrize("place", ["file", "file/inside"])
def test_file_in_the_way_is_told_before_any_work(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadOutput, match="a file stands where a folder should be"):
        require_writable_folder(tmp_path / place)


def test_asking_whether_a_folder_is_writable_leaves_nothing(tmp_path: Path) -> None:
    require_writable_folder(tmp_path / "scene")

    assert list(tmp_path.iterdir()) == []
