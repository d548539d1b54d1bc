import hashlib
from pathlib import Path

import pytest
from file_server import Server, serving

from ml_backend.errors import BadOutput, Cancelled, WeightsMismatch
from ml_backend.weights.catalog import WeightFile
from ml_backend.weights.download import DownloadFailed, download


def _ignore(done: int, total: int | None) -> None:
    pass


def _file(server: Server, *urls: str, sized: bool = True) -> WeightFile:
    sha256 = hashlib.sha256(server.body).hexdigest()
    size = len(server.body) if sized else None
    return WeightFile("file.bin", "safetensors", urls or (server.url,), size=size, sha256=sha256)


def _closed_port() -> str:
    with serving(b"") as gone:
        return gone.url


@pytest.mark.parametrize("sized", [True, False])
def test_file_arrives_whole(server: Server, tmp_path: Path, sized: bool) -> None:
    download(_file(server, sized=sized), tmp_path / "part", _ignore)

    assert (tmp_path / "part").read_bytes() == server.body


def test_progress_ends_at_all_bytes(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    download(_file(server), tmp_path / "part", lambda done, total: told.append((done, total)))

    assert told[-1] == (len(server.body), len(server.body))


def test_broken_connection_is_continued_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.break_after = [400_000, 300_000]
    download(_file(server), tmp_path / "part", _ignore)

    assert [asked for _, asked in server.requests] == ["", "bytes=400000-", "bytes=700000-"]
    assert (tmp_path / "part").read_bytes() == server.body


def test_download_of_an_earlier_run_is_continued(server: Server, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(server.body[:123_456])
    download(_file(server), tmp_path / "part", _ignore)

    assert server.requests == [("/file.bin", "bytes=123456-")]
    assert (tmp_path / "part").read_bytes() == server.body


def test_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.knows_ranges = False
    (tmp_path / "part").write_bytes(server.body[:1000])
    download(_file(server), tmp_path / "part", _ignore)

    assert (tmp_path / "part").read_bytes() == server.body


def test_wrong_beginning_is_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"\1" * 1000)
    download(_file(server), tmp_path / "part", _ignore)

    assert (tmp_path / "part").read_bytes() == server.body


@pytest.mark.parametrize("sized", [True, False])
def test_finished_partial_file_needs_no_more_bytes(server: Server, tmp_path: Path, sized: bool) -> None:
    (tmp_path / "part").write_bytes(server.body)
    download(_file(server, sized=sized), tmp_path / "part", _ignore)

    assert (tmp_path / "part").read_bytes() == server.body


def test_wrong_digest_is_told_with_both_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    file = WeightFile("file.bin", "safetensors", (server.url,), sha256="0" * 64)

    with pytest.raises(WeightsMismatch, match=rf"file.* expected SHA256 0+, found {_file(server).sha256}") as caught:
        download(file, tmp_path / "file.bin", _ignore)
    assert "fetch it again" in caught.value.hint
    assert not (tmp_path / "file.bin").exists()


def test_wrong_md5_is_told_where_no_better_digest_is_known(server: Server, tmp_path: Path) -> None:
    file = WeightFile("file.bin", "torchscript", (server.url,), md5="0" * 32)

    with pytest.raises(WeightsMismatch, match="MD5"):
        download(file, tmp_path / "part", _ignore)


def test_other_size_at_the_server_is_refused_before_it_is_fetched(server: Server, tmp_path: Path) -> None:
    file = WeightFile("file.bin", "safetensors", (server.url,), size=7, sha256="0" * 64)

    with pytest.raises(WeightsMismatch, match=r"1,024,000 bytes, expected 7"):
        download(file, tmp_path / "part", _ignore)


def test_file_that_always_breaks_off_is_told(server: Server, tmp_path: Path) -> None:
    server.break_after = [1000] * 9

    with pytest.raises(DownloadFailed, match=r"broke off after 3,000 of 1,024,000 bytes"):
        download(_file(server), tmp_path / "part", _ignore)
    assert (tmp_path / "part").stat().st_size == 3000  # for the next run


def test_mirror_helps_where_the_first_address_is_gone(server: Server, tmp_path: Path) -> None:
    assert download(_file(server, _closed_port(), server.url), tmp_path / "part", _ignore) == server.url


def test_mirror_helps_where_the_first_address_has_another_file(server: Server, tmp_path: Path) -> None:
    with serving(b"another file") as wrong:
        file = _file(server, wrong.url, server.url, sized=False)
        assert download(file, tmp_path / "part", _ignore) == server.url


def test_refusal_is_told_with_its_number(server: Server, tmp_path: Path) -> None:
    server.status = 403

    with pytest.raises(DownloadFailed, match="HTTP 403"):
        download(_file(server), tmp_path / "part", _ignore)
    assert len(server.requests) == 1  # it would say the same again


def test_nobody_there_is_told_with_what_to_do(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        download(_file(server, _closed_port()), tmp_path / "part", _ignore)
    assert "import it" in caught.value.hint


def test_no_space_is_told_before_the_first_byte(server: Server, tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="1 MiB are needed"):
        download(_file(server), tmp_path / "part", _ignore, free=lambda folder: 100)
    assert not (tmp_path / "part").exists()


def test_disk_that_fills_up_meanwhile_is_told(server: Server) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(BadOutput, match="No space left"):
        download(_file(server), Path("/dev/full"), _ignore)


def test_stopped_download_keeps_what_it_has(server: Server, tmp_path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        download(_file(server), tmp_path / "part", stop)
    assert (tmp_path / "part").stat().st_size > 0


@pytest.mark.parametrize("variable", ["CINEMAGRAPH_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_asks_nobody(server: Server, tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")

    with pytest.raises(DownloadFailed, match=variable):
        download(_file(server), tmp_path / "part", _ignore)
    assert server.requests == []


def test_proxy_of_the_environment_is_used(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url.removesuffix("/file.bin"))
    download(_file(server, "http://weights.invalid/file.bin"), tmp_path / "part", _ignore)

    assert server.requests == [("http://weights.invalid/file.bin", "")]


def test_no_proxy_of_the_environment_is_used(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", _closed_port())
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    download(_file(server), tmp_path / "part", _ignore)

    assert len(server.requests) == 1


def test_mirror_of_hugging_face_is_used(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url.removesuffix("/file.bin") + "/")
    download(_file(server, "https://huggingface.co/a/b/resolve/main/file.bin"), tmp_path / "part", _ignore)

    assert server.requests == [("/a/b/resolve/main/file.bin", "")]
