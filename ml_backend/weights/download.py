"""One file over HTTP into a partial file that later runs continue. Proxies are those of the environment."""

import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ml_backend.atomic_file import unwritable
from ml_backend.errors import BackendError, BadOutput, WeightsMismatch
from ml_backend.weights.catalog import WeightFile
from ml_backend.weights.digest import check_file

_CHUNK = 1 << 18
_TIMEOUT_S = 30.0
_ATTEMPTS = 3  # at each address, each going on where the one before broke off
_HUB = "https://huggingface.co"
_OFFLINE_VARIABLES = ("CINEMAGRAPH_OFFLINE", "HF_HUB_OFFLINE")
_NO = ("", "0", "false", "no", "off")

Advance = Callable[[int, int | None], None]
"""advance(bytes so far, bytes in all or None); may raise Cancelled, and the partial file is kept."""
FreeBytes = Callable[[Path], int]


class DownloadFailed(BackendError):
    """None of a file's addresses gave it."""

    code = "download_failed"
    exit_code = 5


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a server answers: where its bytes begin, and how many the file has in all, where it says so."""

    start: int
    total: int | None


def free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder."""
    return shutil.disk_usage(folder).free


def require_online(environment: Mapping[str, str] = os.environ) -> None:
    """Raise DownloadFailed where the user has forbidden the network."""
    for name in _OFFLINE_VARIABLES:
        if environment.get(name, "").lower() not in _NO:
            raise DownloadFailed(
                f"Nothing is fetched, since {name} is set.",
                hint="Import the file from disk: python -m ml_backend weights import NAME FILE.",
            )


def download(file: WeightFile, partial: Path, advance: Advance, *, free: FreeBytes = free_bytes) -> str:
    """Fetch a file and check its digest; the address that gave it.

    Each address is tried three times; an interrupted download goes on where it broke off, also in another run.

    Raises:
        DownloadFailed: no address gave it. WeightsMismatch: what came is another file. BadOutput: no space.
    """
    require_online()
    reasons: list[str] = []
    mismatch: WeightsMismatch | None = None
    for url in map(_at_chosen_hub, file.urls):
        for _ in range(_ATTEMPTS):
            had = _size_of(partial)
            try:
                _continue(url, file, partial, advance, free)
                check_file(partial, file)
                return url
            except WeightsMismatch as error:
                partial.unlink(missing_ok=True)
                mismatch = error
                if not had:  # not a wrong beginning: this address has another file
                    break
            except (http.client.HTTPException, OSError) as error:
                reasons.append(f"{_host(url)}: {_reason(error)}")
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                    break  # it will say the same again
    if mismatch:
        raise mismatch
    raise DownloadFailed(
        f"{file.name} cannot be fetched ({'; '.join(dict.fromkeys(reasons))}).",
        hint="Check the connection and try again, it goes on where it stopped; or download the file and import it.",
    )


def _continue(url: str, file: WeightFile, partial: Path, advance: Advance, free: FreeBytes) -> None:
    """Fetch what is missing of a partial file; raises OSError where the connection breaks or the server refuses."""
    had = _size_of(partial)
    if file.size is not None and had > file.size:
        partial.unlink()
        had = 0
    if file.size is not None and had == file.size:
        return
    request = urllib.request.Request(url, headers={"User-Agent": "cinemagraph", "Accept-Encoding": "identity"})
    if had:
        request.add_header("Range", f"bytes={had}-")
    try:
        response = urllib.request.build_opener().open(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        return  # there is nothing beyond what we have; the digest decides whether that is all
    with response:
        answer = _read_head(response, had)
        total = file.size or answer.total
        if file.size is not None and answer.total is not None and answer.total != file.size:
            raise WeightsMismatch(
                f"{file.name} at {_host(url)} has {answer.total:,} bytes, expected {file.size:,}.",
                hint="Its owner has changed it; get it elsewhere and import it.",
            )
        _require_space(partial.parent, (total or 0) - answer.start, free)
        _save(response, partial, answer.start, total, advance)
    if total is not None and _size_of(partial) < total:
        raise ConnectionError(f"broke off after {_size_of(partial):,} of {total:,} bytes")


def _read_head(response: http.client.HTTPResponse, had: int) -> _Answer:
    length = response.headers.get("Content-Length")
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return _Answer(0, int(length) if length and length.isdigit() else None)
    ranged = re.match(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if ranged is None or int(ranged[1]) != had:
        raise ConnectionError("the server continued at another place")
    return _Answer(had, None if ranged[2] == "*" else int(ranged[2]))


def _save(response: http.client.HTTPResponse, partial: Path, start: int, total: int | None, advance: Advance) -> None:
    with _opened(partial, start) as stream:
        done = start
        while chunk := response.read(_CHUNK):
            try:
                stream.write(chunk)
            except OSError as error:
                raise unwritable(partial, error) from error
            done += len(chunk)
            if total is not None and done > total:
                raise WeightsMismatch(
                    f"{partial.name} is larger than it should be: expected {total:,} bytes.",
                    hint="Get it from its authors and import it.",
                )
            advance(done, total)


def _opened(partial: Path, start: int) -> BinaryIO:
    """The partial file, to be written from `start` on; unbuffered, so that a full disk is told where it is met."""
    try:
        if _size_of(partial) != start:
            os.truncate(partial, start)
        stream = partial.open("r+b" if start else "wb", buffering=0)
        stream.seek(start)
    except OSError as error:
        raise unwritable(partial, error) from error
    return stream


def _require_space(folder: Path, needed: int, free: FreeBytes) -> None:
    available = free(folder)
    if needed > available:
        raise BadOutput(
            f"{folder} has {available / 2**20:,.0f} MiB free, {needed / 2**20:,.0f} MiB are needed.",
            hint="Free some space, or name another folder in CINEMAGRAPH_WEIGHTS.",
        )


def _at_chosen_hub(url: str) -> str:
    """The address at the mirror of Hugging Face that HF_ENDPOINT names, as for Hugging Face's own tools."""
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/")
    return endpoint + url.removeprefix(_HUB) if endpoint and url.startswith(f"{_HUB}/") else url


def _host(url: str) -> str:
    return url.split("/")[2]


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return str(error.reason)
    return str(error) or type(error).__name__
