from collections.abc import Iterator

import pytest
from file_server import Server, serving


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's proxies nor their mirrors decide how a test ends."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("HF_ENDPOINT", "HF_HUB_OFFLINE", "CINEMAGRAPH_OFFLINE", "CINEMAGRAPH_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(bytes(range(256)) * 4000) as served:  # about 1 MB
        yield served
